// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Causal self-attention with grouped queries and rotary positions.
// B sequences, S positions, D model width, G query heads, J key/value heads, C channels of a head.
#pragma once

#include <cstdint>
#include <string>

#include <ATen/core/Tensor.h>

#include "engine/config/run_config.h"
#include "engine/model/parameters.h"

namespace moescope {

/// Weights: qkv [(G + 2J) * C, D] with rows q | k | v, N(0, 1/D); out [D, G * C], N(0, 1/(G*C)) * residualScale. No
/// biases. Rotary positions as Su et al. 2021 (arXiv:2104.09864) with base 10000, channels paired i with i + C/2
/// (GPT-NeoX). Training thread only.
class AttentionLayer {
public:
    AttentionLayer(const ModelConfig& model, std::uint64_t seed, ParameterStore& parameters, const std::string& prefix);

    /// [B * S, D] -> [B * S, D] fp32; token t of a sequence sees tokens 0 .. t of the same one.
    at::Tensor forward(const at::Tensor& x_TD, std::int64_t sequenceLength) const;

private:
    ModelConfig m_model;
    Weight m_qkv, m_out;
    at::Tensor m_cos_SC, m_sin_SC;  ///< [context, C/2]; undefined for learned positions
};

}  // namespace moescope
