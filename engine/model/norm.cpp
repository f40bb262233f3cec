// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/norm.h"

#include <ATen/ops/layer_norm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rms_norm.h>
#include <ATen/ops/zeros.h>

namespace moescope {

namespace {

constexpr double kEpsilon = 1e-5;

}  // namespace

NormLayer::NormLayer(const ModelConfig& model, ParameterStore& parameters, const std::string& prefix)
    : m_kind(model.norm)
{
    const ParameterTraits undecayed{.decay = false};
    m_scale = parameters.add(prefix + ".scale", at::ones({model.hiddenSize}, at::kFloat), undecayed);
    if (m_kind == Norm::LayerNorm)
        m_shift = parameters.add(prefix + ".shift", at::zeros({model.hiddenSize}, at::kFloat), undecayed);
}

at::Tensor NormLayer::forward(const at::Tensor& x_TD) const
{
    if (m_kind == Norm::RmsNorm)
        return at::rms_norm(x_TD, {x_TD.size(1)}, m_scale.value(), kEpsilon);
    return at::layer_norm(x_TD, {x_TD.size(1)}, m_scale.value(), m_shift.value(), kEpsilon);
}

}  // namespace moescope
