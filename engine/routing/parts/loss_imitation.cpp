// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The router learns to choose as the competition did. T tokens, E experts, K choices.
#include <algorithm>

#include <ATen/ops/mul.h>
#include <ATen/ops/sort.h>
#include <ATen/ops/sub.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/zeros.h>

#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class ImitationLoss final : public Loss {
public:
    explicit ImitationLoss(const PartArgs& args)
        : m_ofWinners(args.text("target") == "winners")
        , m_winnersShare(args.number("winners_share"))
        , m_detach(args.flag("detach"))
        , m_bySlot(args.text("order") == "slot")
    {
    }

    at::Tensor value(const LossContext& context) override
    {
        const RoutePlan& plan = context.plan;
        if (!plan.responses_TE.defined())
            return at::zeros({}, plan.logits_TE.options().requires_grad(false));
        const auto numExperts = static_cast<double>(plan.logits_TE.size(1));
        at::Tensor router_TE = softmaxRows(plan.logits_TE, 1.0);
        if (m_bySlot)
            router_TE = std::get<0>(router_TE.sort(1, /*descending=*/true));
        const at::Tensor target_TE = m_ofWinners ? winners(plan) : plan.probs_TE;
        const at::Tensor squares_TE = router_TE.sub(m_detach ? target_TE.detach() : target_TE).square();
        const at::Tensor mean = meanOverTokens(context, squares_TE.sum(1)).div(numExperts);
        if (m_winnersShare == 0)
            return mean;
        const at::Tensor ofWinners_TK = pickPairs(squares_TE, plan.token_M, plan.expert_M).view({-1, plan.choices});
        return mean.add(meanOverTokens(context, ofWinners_TK.mean(1)).mul(m_winnersShare));
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Loss;
        info.name = "imitation";
        info.summary = "Teaches the router to choose what the competition chose; 0 for a layer that holds none in a "
                       "step, and always without the selector competition.";
        info.formula = "L = mean_{t,e} (softmax(z)_{t,e} − P^C_{t,e})² + θ mean_{t, i ∈ S_t} (softmax(z)_{t,i} − "
                       "P^C_{t,i})²; P^C = softmax(s) over all experts, or over the winners and 0 elsewhere";
        info.source =
            "winners: CompeteSMoE (arXiv:2402.02526), code custom_layers_opt.py; all, and θ: CompeteSMoE 2025 "
            "(arXiv:2505.13380), code competesmoe.py, its hybrid mode";
        info.fields = {
            coefficientField(0.05),
            choiceField("target", "Target", {"winners", "all"},
                "The competition's distribution over the winners alone (2024) or over all experts (2025)."),
            numberField("winners_share", "Winners again", 0, 0, 100,
                "θ: how much the winners' entries count once more; 0 is the plain mean."),
            switchField("detach", "Detach the target", true,
                "Off, as in the code of 2024, the experts are also moved towards what the router says."),
            choiceField("order", "Order", {"expert", "slot"},
                "expert compares each expert with itself. slot is the slip of the code of 2024: the router's "
                "probabilities stand from the largest to the smallest, the target by expert."),
        };
        return info;
    }

private:
    /// softmax over the responses of a token's winners, 0 for the others.
    static at::Tensor winners(const RoutePlan& plan)
    {
        const at::Tensor expert_TK = plan.expert_M.view({-1, plan.choices});
        const at::Tensor share_TK = softmaxRows(plan.responses_TE.gather(1, expert_TK), 1.0);
        return at::zeros(plan.responses_TE.sizes(), share_TK.options().requires_grad(false))
            .scatter(1, expert_TK, share_TK);
    }

    static at::Tensor meanOverTokens(const LossContext& context, const at::Tensor& value_T)
    {
        const at::Tensor& valid_T = context.route.valid_T;
        const at::Tensor counted_T = valid_T.defined() ? value_T.where(valid_T, 0) : value_T;
        return counted_T.sum().mul(context.numRanks / std::max(1.0, context.globalTokens));
    }

    bool m_ofWinners;
    double m_winnersShare;
    bool m_detach, m_bySlot;
};

MOESCOPE_ROUTING_PART(ImitationLoss);

}  // namespace

}  // namespace moescope
