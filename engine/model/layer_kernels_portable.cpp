// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/gemm_kernels.h"
#include "engine/model/layer_loops.h"

namespace moescope {

const LayerKernels kPortableLayerKernels = kLoops;

const LayerKernels& layerKernels() { return hasAvx512() ? kAvx512LayerKernels : kPortableLayerKernels; }

}  // namespace moescope
