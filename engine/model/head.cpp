// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/head.h"

#include <string>

#include <ATen/core/Reduction.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/linear.h>

#include "engine/model/initial_weights.h"

namespace moescope {

HeadLayer::HeadLayer(const ModelConfig& model, const Weight& tokens, std::uint64_t seed, ParameterStore& parameters)
    : m_weight(tokens)
{
    const std::string name = "head.weight";
    if (!model.tiedHead)
        m_weight = parameters.add(name, initialNormal(seed, name, {model.vocabulary, model.hiddenSize}, 0.02));
}

at::Tensor HeadLayer::crossEntropy(const at::Tensor& x_TD, const at::Tensor& targets_T) const
{
    const at::Tensor logits_TV = at::linear(x_TD.to(m_weight.compute().scalar_type()), m_weight.compute());
    return at::cross_entropy_loss(logits_TV.to(at::kFloat), targets_T, {}, at::Reduction::None);
}

}  // namespace moescope
