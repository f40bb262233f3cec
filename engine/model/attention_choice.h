// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Which attention kernel a run uses: measured once, when the run is created.
#pragma once

#include "engine/config/run_config.h"

namespace moescope {

/// Resolves AttentionKernel::Auto to Fused or Plain by timing forward and backward of both at the run's shape (at most
/// ~0.2 s); anything else is returned as it is. The kernels differ in the last bits, so the answer belongs into the
/// run's config.json and resuming never measures again.
AttentionKernel chooseAttention(const ModelConfig& model, Precision precision);

}  // namespace moescope
