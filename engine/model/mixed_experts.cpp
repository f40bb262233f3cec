// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/mixed_experts.h"

#include <algorithm>
#include <cmath>

#include <ATen/ops/cat.h>
#include <ATen/ops/index_add.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/model/activation.h"
#include "engine/model/expert_function.h"
#include "engine/model/initial_weights.h"

namespace moescope {

namespace {

constexpr double kConstantDeviation = 0.002;  // LibMoE's start of the learnt vector of MoE++

/// The kept pairs of one expert, as indices into M.
at::Tensor pairsOf(const RoutePlan& plan, std::int64_t expert)
{
    const std::int64_t* offset = plan.offsets_E1.const_data_ptr<std::int64_t>();
    return plan.order_N.narrow(0, offset[expert], offset[expert + 1] - offset[expert]);
}

}  // namespace

MixedExperts::MixedExperts(
    const ModelConfig& model, std::uint64_t seed, ParameterStore& parameters, const std::string& prefix)
    : m_activation(model.activation)
    , m_experts(routedExperts(model))
{
    for (std::int64_t slice = 0; slice < model.numExperts; ++slice) {
        const std::int64_t width = expertWidth(model, slice);
        auto group = std::ranges::find(m_groups, width, &WidthGroup::width);
        if (group == m_groups.end())
            group = m_groups.insert(m_groups.end(), WidthGroup{width, {}, {}, {}});
        group->slices.push_back(slice);
    }
    const std::int64_t D = model.hiddenSize;
    const auto add = [&](const std::string& name, std::vector<std::int64_t> shape, double deviation) {
        return parameters.add(name, initialNormal(seed, name, shape, deviation));
    };
    for (WidthGroup& group : m_groups) {
        const std::string name = m_groups.size() == 1 ? prefix : prefix + ".width_" + std::to_string(group.width);
        const auto count = static_cast<std::int64_t>(group.slices.size());
        group.w1 = add(name + ".w1", {count, D, preActivationSize(model.activation, group.width)}, std::pow(D, -0.5));
        group.w2 = add(name + ".w2", {count, group.width, D}, std::pow(group.width, -0.5) * residualScale(model));
    }
    for (std::int64_t constant = 0; constant < model.constantExperts; ++constant) {
        const std::string name = prefix + ".constant_" + std::to_string(constant);
        m_constants.push_back(
            {add(name + ".vector", {D}, kConstantDeviation), add(name + ".mix", {2, D}, std::pow(D, -0.5))});
    }
}

at::Tensor MixedExperts::forward(const at::Tensor& hidden_TD, const RoutePlan& plan) const
{
    const at::Tensor weight_M = signedWeights(plan);
    at::Tensor y_TD;
    for (const WidthGroup& group : m_groups) {
        const at::Tensor part_TD =
            expertMixture(hidden_TD, planOf(group, plan, weight_M), m_activation, group.w1, group.w2);
        y_TD = y_TD.defined() ? y_TD + part_TD : part_TD;
    }
    for (std::int64_t expert = 0; expert < numExperts(); ++expert) {
        const RoutedExpert& kind = m_experts[static_cast<std::size_t>(expert)];
        const at::Tensor pair_N = pairsOf(plan, expert);
        if (kind.kind == ExpertKind::FeedForward || kind.kind == ExpertKind::Zero || pair_N.numel() == 0)
            continue;
        const at::Tensor token_N = plan.token_M.index_select(0, pair_N);
        const at::Tensor answer_ND = answer(kind, hidden_TD.index_select(0, token_N).to(at::kFloat));
        y_TD = y_TD.index_add(0, token_N, answer_ND * weight_M.index_select(0, pair_N).unsqueeze(1));
    }
    return y_TD;
}

/// The same pairs, of which only this group's are kept; a weight may serve two columns of the router.
RoutePlan MixedExperts::planOf(const WidthGroup& group, const RoutePlan& plan, const at::Tensor& weight_M) const
{
    RoutePlan own;
    own.token_M = plan.token_M;
    own.expert_M = plan.expert_M;
    own.weight_M = weight_M;
    own.choices = plan.choices;
    std::vector<at::Tensor> pairs;
    own.offsets_E1 = at::zeros({static_cast<std::int64_t>(group.slices.size()) + 1}, at::kLong);
    std::int64_t* offset = own.offsets_E1.mutable_data_ptr<std::int64_t>();
    for (std::size_t i = 0; i < group.slices.size(); ++i) {
        offset[i + 1] = offset[i];
        for (std::size_t expert = 0; expert < m_experts.size(); ++expert) {
            const RoutedExpert& kind = m_experts[expert];
            if (kind.kind != ExpertKind::FeedForward || kind.slice != group.slices[i])
                continue;
            pairs.push_back(pairsOf(plan, static_cast<std::int64_t>(expert)));
            offset[i + 1] += pairs.back().numel();
        }
    }
    own.order_N = at::cat(pairs);
    return own;
}

/// Weights with the signs of their experts, [M].
at::Tensor MixedExperts::signedWeights(const RoutePlan& plan) const
{
    if (std::ranges::all_of(m_experts, [](const RoutedExpert& expert) { return expert.sign > 0; }))
        return plan.weight_M;
    at::Tensor sign_E = at::ones({numExperts()}, plan.weight_M.options().requires_grad(false));
    for (std::int64_t expert = 0; expert < numExperts(); ++expert)
        sign_E[expert] = m_experts[static_cast<std::size_t>(expert)].sign;
    return plan.weight_M * sign_E.index_select(0, plan.expert_M);
}

/// Of an expert that copies or mixes. MoE++ (arXiv:2410.07348) eq. 3 to 5.
at::Tensor MixedExperts::answer(const RoutedExpert& expert, const at::Tensor& tokens_ND) const
{
    if (expert.kind == ExpertKind::Copy)
        return tokens_ND;
    const Constant& constant = m_constants[static_cast<std::size_t>(expert.slice)];
    const at::Tensor share_N2 = at::softmax(at::linear(tokens_ND, constant.mix.value()), 1);
    return share_N2.narrow(1, 0, 1) * tokens_ND + share_N2.narrow(1, 1, 1) * constant.vector.value();
}

}  // namespace moescope
