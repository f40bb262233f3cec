// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// From tokens to the residual stream.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include "engine/config/run_config.h"
#include "engine/model/parameters.h"

namespace moescope {

/// Tokens [vocabulary, D] and, for learned positions, [context, D]. A table of its own starts at N(0, 0.5^2); one that
/// is also the head starts at N(0, 1/D), so that the first logits have unit variance. Training thread only.
class EmbeddingLayer {
public:
    EmbeddingLayer(const ModelConfig& model, std::uint64_t seed, ParameterStore& parameters);

    /// int64 [B, S] -> fp32 [B * S, D].
    at::Tensor forward(const at::Tensor& tokens_BS) const;

    const Weight& tokens() const { return m_tokens; }

private:
    Weight m_tokens, m_positions;  ///< m_positions only for learned positions
};

}  // namespace moescope
