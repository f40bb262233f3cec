// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/moe_layer.h"

#include <cmath>
#include <vector>

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/model/activation.h"
#include "engine/model/expert_function.h"
#include "engine/model/initial_weights.h"

namespace moescope {

namespace {

// Every token to one expert, with weight 1.
RoutePlan everyTokenTo(std::int64_t expert, std::int64_t numExperts, std::int64_t numTokens)
{
    RoutePlan plan;
    plan.token_M = at::arange(numTokens, at::kLong);
    plan.expert_M = at::full({numTokens}, expert, at::kLong);
    plan.weight_M = at::ones({numTokens}, at::kFloat);
    plan.order_N = plan.token_M;
    plan.offsets_E1 = at::zeros({numExperts + 1}, at::kLong);
    plan.offsets_E1.narrow(0, expert + 1, numExperts - expert).fill_(numTokens);
    plan.choices = 1;
    plan.numTokens = numTokens;
    return plan;
}

}  // namespace

ExpertBank::ExpertBank(const ModelConfig& model, std::int64_t numExperts, std::int64_t expertSize, std::uint64_t seed,
    ParameterStore& parameters, const std::string& prefix)
    : m_activation(model.activation)
{
    const std::int64_t D = model.hiddenSize, H1 = preActivationSize(model.activation, expertSize);
    const double residual = residualScale(model);
    const std::string in = prefix + ".w1", out = prefix + ".w2";
    m_w1 = parameters.add(in, initialNormal(seed, in, {numExperts, D, H1}, std::pow(D, -0.5)));
    m_w2 = parameters.add(
        out, initialNormal(seed, out, {numExperts, expertSize, D}, std::pow(expertSize, -0.5) * residual));
}

ExpertBank::ExpertBank(
    const ModelConfig& model, std::uint64_t seed, ParameterStore& parameters, const std::string& prefix)
    : m_activation(model.activation)
{
    if (numRoutedExperts(model) == model.numExperts && model.expertWidths == ExpertWidths::Equal)
        *this = ExpertBank(model, model.numExperts, model.expertSize, seed, parameters, prefix);
    else
        m_mixed = std::make_unique<MixedExperts>(model, seed, parameters, prefix);
}

at::Tensor ExpertBank::forward(const at::Tensor& hidden_TD, const RoutePlan& plan) const
{
    if (m_mixed)
        return m_mixed->forward(hidden_TD, plan);
    return expertMixture(hidden_TD, plan, m_activation, m_w1, m_w2);
}

int ExpertBank::numExperts() const { return m_mixed ? m_mixed->numExperts() : static_cast<int>(m_w1.value().size(0)); }

at::Tensor ExpertBank::all(const at::Tensor& hidden_TD) const
{
    std::vector<at::Tensor> outputs;
    for (int expert = 0; expert < numExperts(); ++expert)
        outputs.push_back(one(ExpertId{expert}, hidden_TD));
    return at::stack(outputs);
}

at::Tensor ExpertBank::one(ExpertId expert, const at::Tensor& hidden_TD) const
{
    return forward(hidden_TD, everyTokenTo(expert.value, numExperts(), hidden_TD.size(0)));
}

MoeLayer::MoeLayer(const ModelConfig& model, const RoutingConfig& routing, LayerId layer, std::uint64_t seed,
    ParameterStore& parameters, const std::string& prefix)
    : m_experts(model, seed, parameters, prefix + ".experts")
{
    if (model.numSharedExperts > 0)
        m_shared = std::make_unique<ExpertBank>(
            model, 1, model.expertSize * model.numSharedExperts, seed, parameters, prefix + ".shared");
    m_router = makeRouter(routing, model, layer, seed, parameters, prefix + ".router");
}

at::Tensor MoeLayer::forward(RouteContext& context, RoutePlan& plan)
{
    context.experts = &m_experts;
    plan = m_router->route(context);
    at::Tensor y_TD = m_experts.forward(context.hidden_TD, plan);
    return m_shared ? y_TD + m_shared->one(ExpertId{0}, context.hidden_TD) : y_TD;
}

}  // namespace moescope
