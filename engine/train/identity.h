// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Which program, libraries and machine make a run: for run.json and trainer.json.
#pragma once

#include "engine/config/run_config.h"
#include "engine/run/run_folder.h"

namespace moescope {

/// A new identity with a random id. `devices` names the processor and its cores.
RunIdentity makeIdentity(const RunConfig& config);

}  // namespace moescope
