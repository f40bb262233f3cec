// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// MoE++'s capacity: experts that compute nothing have more places than feed-forward ones.
#include <utility>
#include <vector>

#include <ATen/ops/zeros.h>

#include "engine/routing/capacity_groups.h"

namespace moescope {

namespace {

class ByKindCapacity final : public Capacity {
public:
    explicit ByKindCapacity(const PartArgs& args)
        : m_rule(args)
    {
        double sum = 0;
        for (const RoutedExpert& expert : args.experts) {
            m_share_E.push_back(expert.kind == ExpertKind::FeedForward ? args.number("tau") : 1);
            sum += m_share_E.back();
        }
        for (double& share : m_share_E)
            share /= sum;
    }

    at::Tensor keep(const RouteContext& context, const RoutePlan& plan) override
    {
        if (m_rule.factorOf(context) == 0)
            return plan.taken_M;
        at::Tensor kept_M = at::zeros({plan.token_M.numel()}, at::kBool);
        for (const CapacityGroup& group : capacityGroups(m_rule, context, plan)) {
            std::vector<std::int64_t> places_E;
            for (const double share : m_share_E)
                places_E.push_back(wholePlaces(m_rule.factorOf(context) * group.demand * share));
            fillInOrder(plan, group, std::move(places_E), kept_M.mutable_data_ptr<bool>());
        }
        return kept_M;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Capacity;
        info.name = "by-kind";
        info.summary = "Like position, but zero, copy and constant experts have more places than feed-forward ones, so "
                       "that simple tokens can leave the work out.";
        info.formula = "C_FFN = ⌈γ τ k T / (τ N_FFN + N_Z)⌉, C_Z = ⌈γ k T / (τ N_FFN + N_Z)⌉";
        info.source = "MoE++ (arXiv:2410.07348) eq. 8, γ = 1.1, τ = 0.75; k T pairs are shared out, as in Megatron-LM";
        info.traits = {Trait::EvalDiffers};
        info.conditionalTraits = fillInOrderTraits();
        info.fields = capacityFields(0);
        info.fields.push_back(numberField("tau", "τ", 0.75, 1e-3, 1e3,
            "Places of a feed-forward expert in units of those of an expert that computes nothing; smaller sends more "
            "tokens past the feed-forward experts."));
        return info;
    }

private:
    CapacityRule m_rule;
    std::vector<double> m_share_E;
};

MOESCOPE_ROUTING_PART(ByKindCapacity);

}  // namespace

}  // namespace moescope
