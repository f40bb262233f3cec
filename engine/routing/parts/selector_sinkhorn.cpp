// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include <ATen/ops/arange.h>
#include <ATen/ops/full.h>

#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"
#include "engine/routing/selection_scope.h"
#include "engine/routing/sinkhorn.h"

namespace moescope {

namespace {

class SinkhornSelector final : public Selector {
public:
    explicit SinkhornSelector(const PartArgs& args)
        : m_state(args.state)
        , m_bySequence(groupsAreSequences(args))
        , m_tolerance(args.number("tolerance"))
        , m_mostIterations(args.integer("iterations"))
    {
        m_state.choices = args.integer("k");
    }

    Selection select(const RouteContext& context, const RoutePlan& plan) override
    {
        const at::Tensor token_T = at::arange(plan.logits_TE.size(0), at::kLong);
        const at::Tensor token_M = token_T.repeat_interleave(m_state.choices);
        if (!context.training)
            return {token_M, topKRows(plan.scores_TE, m_state.choices), {}, m_state.choices};
        at::Tensor expert_M = topKRows(planOf(context, plan.logits_TE), m_state.choices);
        bestFirst(plan.scores_TE, expert_M);
        return {token_M, expert_M, {}, m_state.choices};
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Selector;
        info.name = "sinkhorn";
        info.summary = "In training a plan that treats all tokens and all experts alike tells the experts; in "
                       "evaluation each token takes its best.";
        info.formula = "Π = diag(u) exp(z) diag(v), rows 1/T, columns 1/E; S_t = TopK(Π_t, k)";
        info.source = "Megatron-LM, moe_utils.sinkhorn; S-BASE of Clark et al. 2022 (arXiv:2202.01169)";
        info.traits = {Trait::LeaksFuture, Trait::EvalDiffers};
        info.conditionalTraits = {coupledByTokenGroup(), {Trait::GlobalScope, coupledByTokenGroup().when}};
        info.fields = {
            integerField("k", "Experts per token", 2, 1, 1024, "How many experts work on each token."),
            tokenGroupField(),
            numberField("tolerance", "Tolerance", 1e-4, 1e-12, 1,
                "The iteration ends when ln v changes by less, in the mean over experts."),
            integerField("iterations", "Iterations at most", 50, 1, 10000, "Megatron-LM has no limit."),
        };
        return info;
    }

private:
    /// ln Π for this rank's tokens; the logits where a token takes no part.
    at::Tensor planOf(const RouteContext& context, const at::Tensor& logits_TE) const
    {
        const SelectionScope scope = selectionScope(context, logits_TE, m_bySequence);
        const std::int64_t experts = scope.numExperts();
        at::Tensor plan_TE = logits_TE.detach().to(at::kDouble, /*non_blocking=*/false, /*copy=*/true).contiguous();
        double* plan = plan_TE.mutable_data_ptr<double>();
        for (const TokenGroup& group : scope.groups) {
            std::vector<double> logits;
            for (const std::int64_t n : group.rows)
                logits.insert(logits.end(), scope.row(n), scope.row(n) + experts);
            const std::vector<double> log = sinkhornPlan(logits, experts, m_tolerance, m_mostIterations).log_NE;
            for (std::size_t i = 0; i < group.rows.size(); ++i)
                if (scope.isOwn(group.rows[i]))
                    std::copy_n(log.begin() + static_cast<std::ptrdiff_t>(i) * experts, experts,
                        plan + (group.rows[i] - scope.firstOwn) * experts);
        }
        return plan_TE;
    }

    /// A token's pairs lie by their score, whatever the plan says about them.
    void bestFirst(const at::Tensor& scores_TE, at::Tensor& expert_M) const
    {
        if (m_state.choices == 1)
            return;
        const at::Tensor score_TE = scores_TE.detach().to(at::kDouble).contiguous();
        std::int64_t* expert = expert_M.mutable_data_ptr<std::int64_t>();
        for (std::int64_t t = 0; t < score_TE.size(0); ++t, expert += m_state.choices) {
            const double* score = score_TE.const_data_ptr<double>() + t * score_TE.size(1);
            std::stable_sort(expert, expert + m_state.choices,
                [score](std::int64_t a, std::int64_t b) { return score[a] > score[b]; });
        }
    }

    RouterState& m_state;
    bool m_bySequence;
    double m_tolerance;
    std::int64_t m_mostIterations;
};

MOESCOPE_ROUTING_PART(SinkhornSelector);

}  // namespace

}  // namespace moescope
