// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// DeepSeekMoE's balance losses: over experts, or over the groups of experts that would lie on one device.
#include <algorithm>

#include <ATen/ops/dot.h>
#include <ATen/ops/empty_like.h>
#include <ATen/TensorOperators.h>

#include "engine/routing/balance_terms.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class GroupBalanceLoss final : public Loss {
public:
    explicit GroupBalanceLoss(const PartArgs& args)
        : m_numGroups(args.integer("groups"))
    {
    }

    at::Tensor value(const LossContext& context) override
    {
        const std::int64_t experts = context.plan.logits_TE.size(1);
        const std::int64_t groups = m_numGroups == 0 ? experts : std::min(m_numGroups, experts);
        const at::Tensor load_E = loadShare(context, context.globalAssigned_E) * static_cast<double>(experts);
        at::Tensor meanLoad_E = at::empty_like(load_E);
        for (std::int64_t group = 0; group < groups; ++group) {
            const std::int64_t first = group * experts / groups, end = (group + 1) * experts / groups;
            meanLoad_E.slice(0, first, end).copy_(load_E.slice(0, first, end).mean());
        }
        return at::dot(meanLoad_E, meanProbability(context));
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Loss;
        info.name = "group-balance";
        info.summary = "Pulls the load of groups of experts towards equal shares and leaves them free within a group.";
        info.formula =
            "L = Σ_D f'_D P'_D, f'_D = mean of E nᵢ / (k T) over the experts of D, P'_D = Σ P̄ᵢ; 1 when uniform";
        info.source = "DeepSeekMoE (arXiv:2401.06066) eq. 12 to 17; one expert in a group: the expert-level loss";
        info.traits = {Trait::GlobalScope};
        info.fields = {
            coefficientField(0.01),
            integerField("groups", "Groups", 0, 0, 4096,
                "Neighbouring experts in this many groups, as equal as possible; 0 makes each expert a group."),
        };
        return info;
    }

private:
    std::int64_t m_numGroups;
};

MOESCOPE_ROUTING_PART(GroupBalanceLoss);

}  // namespace

}  // namespace moescope
