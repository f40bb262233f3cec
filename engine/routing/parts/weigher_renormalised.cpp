// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <ATen/ops/index_add.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/zeros.h>

#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class RenormalisedWeigher final : public Weigher {
public:
    explicit RenormalisedWeigher(const PartArgs& args)
        : m_afterDrop(args.text("normalise") == "after-drop")
        , m_scale(args.number("scale"))
    {
    }

    at::Tensor weigh(const RouteContext&, const RoutePlan& plan) override
    {
        const at::Tensor score_M = pickPairs(plan.scores_TE, plan.token_M, plan.expert_M);
        const at::Tensor counted_M = m_afterDrop && plan.kept_M.defined() ? score_M.mul(plan.kept_M) : score_M;
        const at::Tensor weight_M = counted_M.div(sumOfToken(plan, counted_M).clamp_min(1e-20));
        return m_scale == 1 ? weight_M : weight_M.mul(m_scale);
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Weigher;
        info.name = "renormalised";
        info.summary = "Scores of a token's experts, divided by their sum.";
        info.formula = "w_{t,i} = scale · s_{t,i} / Σ_{j ∈ S_t} s_{t,j}";
        info.source = "GShard (arXiv:2006.16668) algorithm 1 (before drop); torchscale's top2gate normalises after; "
                      "scale: DeepSeek-V3 (arXiv:2412.19437) has 2.5";
        info.minimumChoices = 2;
        info.fields = {
            choiceField("normalise", "Normalise", {"before-drop", "after-drop"},
                "Before: a token that loses an expert to capacity gets less in all. After: the remaining experts' "
                "weights add up to 1."),
            numberField("scale", "Scale", 1, 1e-3, 1e3, "What the weights of a token add up to."),
        };
        return info;
    }

private:
    /// The sum over a token's pairs, at each of them, [M].
    static at::Tensor sumOfToken(const RoutePlan& plan, const at::Tensor& value_M)
    {
        if (plan.choices > 0)
            return value_M.view({-1, plan.choices}).sum(1, true).expand({-1, plan.choices}).reshape({-1});
        const at::Tensor zeros_T = at::zeros({plan.logits_TE.size(0)}, value_M.options().requires_grad(false));
        return zeros_T.index_add(0, plan.token_M, value_M).index_select(0, plan.token_M);
    }

    bool m_afterDrop;
    double m_scale;
};

MOESCOPE_ROUTING_PART(RenormalisedWeigher);

}  // namespace

}  // namespace moescope
