// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Plain arrays of tokens as tensors.
#pragma once

#include "engine/data/batches.h"
#include "engine/model/transformer.h"

namespace moescope {

/// Inputs and targets [sequences, context], int64; a copy.
TokenBatch toTokenBatch(const Batch& batch);

}  // namespace moescope
