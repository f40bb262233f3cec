// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The rows of every section of the configuration; schema.cpp puts them in order.
#pragma once

#include "engine/config/bound_field.h"

namespace moescope {

BoundSection runFields();  ///< the top level: seed, name
BoundSection modelFields();
BoundSection dataFields();
BoundSection optimizerFields();
BoundSection scheduleFields();
BoundSection trainingFields();
BoundSection evaluationFields();
BoundSection checkpointFields();
BoundSection probeFields();
BoundSection parallelFields();
BoundSection recordFields();

}  // namespace moescope
