// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/embedding.h"

#include <cmath>

#include <ATen/ops/embedding.h>
#include <ATen/TensorOperators.h>

#include "engine/model/initial_weights.h"

namespace moescope {

EmbeddingLayer::EmbeddingLayer(const ModelConfig& model, std::uint64_t seed, ParameterStore& parameters)
{
    const std::int64_t D = model.hiddenSize;
    const std::string tokens = "embedding.tokens", positions = "embedding.positions";
    const double deviation = model.tiedHead ? std::pow(D, -0.5) : 0.5;
    m_tokens = parameters.add(tokens, initialNormal(seed, tokens, {model.vocabulary, D}, deviation));
    if (model.positions == Positions::Learned)
        m_positions = parameters.add(positions, initialNormal(seed, positions, {model.context, D}, 0.02));
}

at::Tensor EmbeddingLayer::forward(const at::Tensor& tokens_BS) const
{
    at::Tensor h_BSD = at::embedding(m_tokens.value(), tokens_BS);
    if (m_positions.defined())
        h_BSD = h_BSD + m_positions.value().narrow(0, 0, tokens_BS.size(1));
    return h_BSD.flatten(0, 1);
}

}  // namespace moescope
