// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// BASE layers: in training every expert gets equally many tokens.
#include <algorithm>
#include <vector>

#include <ATen/ops/arange.h>

#include "engine/routing/balanced_assignment.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"
#include "engine/routing/selection_scope.h"

namespace moescope {

namespace {

class BalancedAssignmentSelector final : public Selector {
public:
    explicit BalancedAssignmentSelector(const PartArgs& args)
        : m_bySequence(groupsAreSequences(args))
    {
        args.state.choices = 1;
    }

    Selection select(const RouteContext& context, const RoutePlan& plan) override
    {
        const at::Tensor& logits_TE = plan.logits_TE;
        Selection selection{at::arange(logits_TE.size(0), at::kLong), topKRows(logits_TE, 1), {}, 1};
        if (!context.training)
            return selection;
        const SelectionScope scope = selectionScope(context, logits_TE, m_bySequence);
        std::int64_t* expert = selection.expert_M.mutable_data_ptr<std::int64_t>();
        for (const TokenGroup& group : scope.groups) {
            std::vector<double> scores;
            for (const std::int64_t n : group.rows)
                scores.insert(scores.end(), scope.row(n), scope.row(n) + scope.numExperts());
            const auto assigned = balancedAssignment(scores, scope.numExperts());
            for (std::size_t i = 0; i < assigned.size(); ++i)
                if (scope.isOwn(group.rows[i]))
                    expert[group.rows[i] - scope.firstOwn] = assigned[i];
        }
        return selection;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Selector;
        info.name = "balanced-assignment";
        info.summary = "In training tokens are shared out so that every expert gets equally many and the logits add up "
                       "to the most; in evaluation each token takes its best expert.";
        info.formula = "max_a Σ_t z_{t,a_t} with |{t: a_t = i}| ≤ ⌈T / E⌉; evaluation: a_t = argmax z_t";
        info.source = "BASE layers (arXiv:2103.16716) section 2; fairseq modules/base_layer.py";
        info.choices = 1;
        info.traits = {Trait::LeaksFuture, Trait::EvalDiffers};
        info.conditionalTraits = {coupledByTokenGroup(), {Trait::GlobalScope, coupledByTokenGroup().when}};
        info.fields = {tokenGroupField()};
        return info;
    }

private:
    bool m_bySequence;
};

MOESCOPE_ROUTING_PART(BalancedAssignmentSelector);

}  // namespace

}  // namespace moescope
