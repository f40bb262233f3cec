// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/layer_loops.h"

namespace moescope {

const LayerKernels kAvx512LayerKernels = kLoops;

}  // namespace moescope
