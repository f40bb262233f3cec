// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Normalisation of the residual stream: LayerNorm with scale and shift, RMSNorm with scale. Statistics in fp32.
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include "engine/config/run_config.h"
#include "engine/model/parameters.h"

namespace moescope {

/// Ba et al. 2016 (arXiv:1607.06450) or Zhang & Sennrich 2019 (arXiv:1910.07467), epsilon 1e-5. Training thread only.
class NormLayer {
public:
    NormLayer(const ModelConfig& model, ParameterStore& parameters, const std::string& prefix);

    /// [T, D] fp32 -> [T, D] fp32.
    at::Tensor forward(const at::Tensor& x_TD) const;

private:
    Weight m_scale, m_shift;  ///< m_shift only for LayerNorm
};

}  // namespace moescope
