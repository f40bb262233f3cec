// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// From the residual stream to the cross-entropy of every target.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include "engine/config/run_config.h"
#include "engine/model/parameters.h"

namespace moescope {

/// The weight is [vocabulary, D]: the token table when tied, else its own, N(0, 0.02^2). Training thread only.
class HeadLayer {
public:
    HeadLayer(const ModelConfig& model, const Weight& tokens, std::uint64_t seed, ParameterStore& parameters);

    /// x_TD fp32, targets_T int64 -> nats_T fp32 = -log softmax(x * W')[target]. Logits, maxima and sums in fp32.
    at::Tensor crossEntropy(const at::Tensor& x_TD, const at::Tensor& targets_T) const;

private:
    Weight m_weight;
};

}  // namespace moescope
