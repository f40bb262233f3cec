// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Places in an expert go to tokens in order; all first choices before any second choice.
#include <vector>

#include <ATen/ops/zeros.h>

#include "engine/routing/capacity_groups.h"

namespace moescope {

namespace {

class PositionCapacity final : public Capacity {
public:
    explicit PositionCapacity(const PartArgs& args)
        : m_rule(args)
    {
    }

    at::Tensor keep(const RouteContext& context, const RoutePlan& plan) override
    {
        if (m_rule.factorOf(context) == 0)
            return plan.taken_M;
        at::Tensor kept_M = at::zeros({plan.token_M.numel()}, at::kBool);
        const auto experts = static_cast<std::size_t>(plan.logits_TE.size(1));
        for (const CapacityGroup& group : capacityGroups(m_rule, context, plan))
            fillInOrder(plan, group, std::vector<std::int64_t>(experts, group.places), kept_M.mutable_data_ptr<bool>());
        return kept_M;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Capacity;
        info.name = "position";
        info.summary =
            "An expert has a fixed number of places; earlier tokens get them, first choices before second ones.";
        info.formula = "C = ⌈CF · k T / E⌉; places go to choice 1 of tokens 1 … T, then to choice 2, …";
        info.source = "GShard (arXiv:2006.16668) algorithm 1; Fedus et al. 2022 (arXiv:2101.03961) eq. 3";
        info.traits = {Trait::EvalDiffers};
        info.conditionalTraits = fillInOrderTraits();
        info.fields = capacityFields(0);
        return info;
    }

private:
    CapacityRule m_rule;
};

MOESCOPE_ROUTING_PART(PositionCapacity);

}  // namespace

}  // namespace moescope
