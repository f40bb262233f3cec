// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The balance loss in its six published normalisations. T tokens, E experts, B sequences of S tokens.
#include <algorithm>

#include <ATen/ops/dot.h>
#include <ATen/ops/index_add.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/xlogy.h>
#include <ATen/ops/zeros.h>

#include "engine/base/check.h"
#include "engine/routing/balance_terms.h"
#include "engine/routing/expert_order.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class BalanceLoss final : public Loss {
public:
    explicit BalanceLoss(const PartArgs& args)
        : m_mode(args.text("mode").front())
    {
    }

    at::Tensor value(const LossContext& context) override
    {
        const auto numExperts = static_cast<double>(context.plan.logits_TE.size(1));
        switch (m_mode) {
        case 'A': {
            const double perToken = sumOf(context.globalAssigned_E) / std::max(1.0, context.globalTokens);
            return at::dot(loadShare(context, context.globalAssigned_E), meanProbability(context))
                .mul(numExperts / std::max(1e-20, perToken));
        }
        case 'B':
            return at::dot(loadShare(context, context.globalFirst_E), meanProbability(context)).mul(numExperts);
        case 'C':
        case 'D':
            return meanOverSequences(context);
        case 'E':
            return squaredVariation(importance(context)).add(squaredVariation(context.globalAssigned_E));
        default: {
            const at::Tensor mean_E = globalMeanProbability(context);
            return at::xlogy(mean_E, mean_E).sum();
        }
        }
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Loss;
        info.name = "balance";
        info.summary =
            "Pulls the load towards equal shares. Six normalisations share this name: the same coefficient means "
            "something else in each.";
        info.formula = "A (E/k) Σ fᵢ P̄ᵢ · B E Σ f¹ᵢ P̄ᵢ · C as B for each sequence · D E Σ fᵢ P̄ᵢ for each sequence · "
                       "E CV²(importance) + CV²(load) · F Σ P̄ᵢ ln P̄ᵢ";
        info.source =
            "A: code of SMoE-Dropout, CompeteSMoE, SimSMoE (1/k when uniform). B: Fedus et al. 2022 "
            "(arXiv:2101.03961) eq. 4, GShard (arXiv:2006.16668) (1). C, D: LibMoE vision and language code (1). "
            "E: Shazeer et al. 2017 (arXiv:1701.06538) section 4 and appendix A (0). F: LibMoE, CompeteSMoE 2025 (−ln "
            "E)";
        info.conditionalTraits = {{Trait::GlobalScope, {{"mode", 0, {"A", "B", "E", "F"}}}}};
        info.fields = {
            coefficientField(0.01),
            choiceField("mode", "Normalisation", {"B", "A", "C", "D", "E", "F"},
                "f: share of all choices, f¹: share of first choices, P̄: mean probability. In brackets under source: "
                "the "
                "value at uniform routing."),
        };
        return info;
    }

private:
    static double sumOf(const at::Tensor& counts_E) { return counts_E.sum().item<double>(); }

    /// P̄ of all ranks as the value, with this rank's part of the gradient: what is not linear in P̄ needs the former.
    static at::Tensor globalMeanProbability(const LossContext& context)
    {
        const at::Tensor own_E = meanProbability(context);
        const at::Tensor all_E = context.globalProbability_E.div(std::max(1.0, context.globalTokens));
        return all_E.to(own_E.scalar_type()).add(own_E.sub(own_E.detach()));
    }

    /// Weights of taken pairs by expert: the value of all ranks, this rank's gradient.
    static at::Tensor importance(const LossContext& context)
    {
        const RoutePlan& plan = context.plan;
        const at::Tensor weight_M = plan.taken_M.defined() ? plan.weight_M.mul(plan.taken_M) : plan.weight_M;
        const at::Tensor zeros_E = at::zeros({plan.logits_TE.size(1)}, weight_M.options().requires_grad(false));
        const at::Tensor own_E = zeros_E.index_add(0, plan.expert_M, weight_M).mul(context.numRanks);
        return context.globalImportance_E.to(own_E.scalar_type()).add(own_E.sub(own_E.detach()));
    }

    /// CV²(v) = unbiased variance / (mean² + 1e-10), 0 for one expert.
    static at::Tensor squaredVariation(const at::Tensor& v_E)
    {
        if (v_E.numel() == 1)
            return v_E.sum().mul(0);
        return v_E.var(/*unbiased=*/true).div(v_E.mean().square().add(1e-10));
    }

    /// E sum_e f_e P̄_e of each sequence, with first choices (C) or all of them (D); the mean over sequences with
    /// tokens.
    at::Tensor meanOverSequences(const LossContext& context) const
    {
        const RoutePlan& plan = context.plan;
        const std::int64_t tokens = plan.logits_TE.size(0), experts = plan.logits_TE.size(1);
        const std::int64_t length = context.route.sequenceLength == 0 ? tokens : context.route.sequenceLength;
        MOESCOPE_CHECK(length > 0 && tokens % length == 0, "the tokens are whole sequences");
        const std::int64_t sequences = tokens / length;
        const at::Tensor mask_M = m_mode == 'C' ? firstOfToken(plan.token_M, plan.taken_M) : plan.taken_M;
        const at::Tensor sequence_M = plan.token_M.div(length, "floor");
        const at::Tensor counts_BE =
            countByBucket(sequence_M.mul(experts).add(plan.expert_M), mask_M, sequences * experts)
                .view({sequences, experts})
                .to(plan.probs_TE.scalar_type());
        const at::Tensor share_BE = counts_BE.div(counts_BE.sum(1, true).clamp_min(1));
        const at::Tensor sum_BE = validProbs(context).view({sequences, length, experts}).sum(1);
        const at::Tensor tokens_B = tokensOfSequences(context, sequences, length, sum_BE.scalar_type());
        const at::Tensor value_B =
            share_BE.mul(sum_BE).sum(1).div(tokens_B.clamp_min(1)).mul(static_cast<double>(experts));
        return value_B.sum().div(tokens_B.gt(0).sum().clamp_min(1));
    }

    static at::Tensor tokensOfSequences(
        const LossContext& context, std::int64_t sequences, std::int64_t length, at::ScalarType type)
    {
        const at::Tensor& valid_T = context.route.valid_T;
        if (!valid_T.defined())
            return at::zeros({sequences}, type).add(static_cast<double>(length));
        return valid_T.view({sequences, length}).sum(1).to(type);
    }

    char m_mode;
};

MOESCOPE_ROUTING_PART(BalanceLoss);

}  // namespace

}  // namespace moescope
