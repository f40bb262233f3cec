// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A whole attention layer as one autograd node. Names as in attention.h.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include "engine/model/parameters.h"

namespace moescope {

struct AttentionShape {
    std::int64_t S = 0, G = 0, J = 0, C = 0;
};

/// x_TD fp32 -> y_TD fp32. Projections in the type of the weights, scores and sums in fp32. Probabilities are not kept:
/// backward computes them again from the logarithm of their sum (Dao et al. 2022, arXiv:2205.14135). Weight gradients
/// are added straight into the store. Equal for any number of threads. cos_SC and sin_SC may be undefined: no rotation.
at::Tensor tiledAttention(const at::Tensor& x_TD, const AttentionShape& shape, const Weight& qkv, const Weight& out,
    const at::Tensor& cos_SC, const at::Tensor& sin_SC);

}  // namespace moescope
