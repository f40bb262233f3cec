// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Places in an expert go to the pairs with the highest scores.
#include <algorithm>
#include <vector>

#include <ATen/ops/zeros.h>

#include "engine/routing/capacity_groups.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class ProbabilityCapacity final : public Capacity {
public:
    explicit ProbabilityCapacity(const PartArgs& args)
        : m_rule(args)
    {
    }

    at::Tensor keep(const RouteContext& context, const RoutePlan& plan) override
    {
        if (m_rule.factorOf(context) == 0)
            return plan.taken_M;
        at::Tensor kept_M = at::zeros({plan.token_M.numel()}, at::kBool);
        const at::Tensor score_M = pickPairs(plan.scores_TE.detach(), plan.token_M, plan.expert_M).to(at::kDouble);
        for (const CapacityGroup& group : capacityGroups(m_rule, context, plan))
            fillPlaces(plan, group, score_M.const_data_ptr<double>(), kept_M.mutable_data_ptr<bool>());
        return kept_M;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Capacity;
        info.name = "probability";
        info.summary = "An expert has a fixed number of places; the tokens with the highest scores get them.";
        info.formula = "C = ⌈CF · k T / E⌉; an expert keeps the C largest of s_{·,i}";
        info.source = "Megatron-LM, drop policy `probs`; batch-prioritised routing of V-MoE (arXiv:2106.05974)";
        info.traits = {Trait::LeaksFuture, Trait::EvalDiffers};
        info.conditionalTraits = {
            {Trait::LeaksFutureInEvaluation, {{"evaluation_factor", 0, {}}}},
            {Trait::BatchCoupled, {{"group", 0, {"micro-batch"}}}},
        };
        info.fields = capacityFields(0);
        return info;
    }

private:
    static void fillPlaces(const RoutePlan& plan, const CapacityGroup& group, const double* score, bool* kept)
    {
        const std::int64_t* expert = plan.expert_M.const_data_ptr<std::int64_t>();
        const bool* taken = plan.taken_M.defined() ? plan.taken_M.const_data_ptr<bool>() : nullptr;
        std::vector<std::vector<std::int64_t>> byExpert(static_cast<std::size_t>(plan.logits_TE.size(1)));
        for (std::int64_t i = group.firstPair; i < group.endPair; ++i)
            if (taken == nullptr || taken[i])
                byExpert[static_cast<std::size_t>(expert[i])].push_back(i);
        for (auto& pairs : byExpert) {
            const auto places = std::min(pairs.size(), static_cast<std::size_t>(group.places));
            std::ranges::stable_sort(pairs, [&](std::int64_t a, std::int64_t b) { return score[a] > score[b]; });
            for (std::size_t place = 0; place < places; ++place)
                kept[pairs[place]] = true;
        }
    }

    CapacityRule m_rule;
};

MOESCOPE_ROUTING_PART(ProbabilityCapacity);

}  // namespace

}  // namespace moescope
