// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The loss of Expert Race: experts should neither be alike in whom they win nor unequal in how often.
// B sequences of S tokens, E experts.
#include <ATen/ops/bmm.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/base/check.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class RouterSimilarityLoss final : public Loss {
public:
    explicit RouterSimilarityLoss(const PartArgs&) { }

    at::Tensor value(const LossContext& context) override
    {
        const RoutePlan& plan = context.plan;
        const std::int64_t tokens = plan.logits_TE.size(0), experts = plan.logits_TE.size(1);
        const std::int64_t length = context.route.sequenceLength == 0 ? tokens : context.route.sequenceLength;
        MOESCOPE_CHECK(length > 0 && tokens % length == 0, "the tokens are whole sequences");
        const std::int64_t sequences = tokens / length;

        const at::Tensor& valid_T = context.route.valid_T;
        at::Tensor probs_TE = softmaxRows(plan.logits_TE, 1.0);
        if (valid_T.defined())
            probs_TE = probs_TE.where(valid_T.unsqueeze(1), 0);
        const at::Tensor probs_BSE = probs_TE.view({sequences, length, experts});
        const at::Tensor chosen_BSE = chosenEntries(plan).to(probs_TE.scalar_type()).view({sequences, length, experts});
        const at::Tensor likeness_BEE = at::bmm(probs_BSE.transpose(1, 2), probs_BSE);
        const at::Tensor weight_BEE = weights(at::bmm(chosen_BSE.transpose(1, 2), chosen_BSE));
        const at::Tensor tokens_B =
            valid_T.defined() ? valid_T.view({sequences, length}).sum(1) : at::zeros({sequences}, at::kLong) + length;
        const at::Tensor value_B = (weight_BEE * likeness_BEE).sum({1, 2}) / tokens_B.clamp_min(1);
        return value_B.sum() / tokens_B.gt(0).sum().clamp_min(1);
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Loss;
        info.name = "router-similarity";
        info.summary = "Keeps pairs of experts from winning the same tokens, and single ones from winning too many.";
        info.formula =
            "L = (1/T) Σ_ij W_ij (PᵀP)_ij, P = softmax(z); W_ii = E M'_ii / Σ_i M'_ii, W_ij = (E² − E) M'_ij / "
            "Σ_{i≠j} M'_ij, M' = MᵀM, M_ti = 1 where chosen. 1 when uniform";
        info.source = "Expert Race (arXiv:2503.16057) section 5; 1/T as in a re-implementation; here for each sequence";
        info.fields = {coefficientField(1e-5)};
        return info;
    }

private:
    static at::Tensor chosenEntries(const RoutePlan& plan)
    {
        const std::int64_t experts = plan.logits_TE.size(1);
        at::Tensor chosen_TE = at::zeros({plan.logits_TE.size(0), experts}, at::kBool);
        at::Tensor entry_M = plan.token_M * experts + plan.expert_M;
        if (plan.taken_M.defined())
            entry_M = entry_M.masked_select(plan.taken_M);
        chosen_TE.view({-1}).index_fill_(0, entry_M, true);
        return chosen_TE;
    }

    static at::Tensor weights(const at::Tensor& together_BEE)
    {
        const std::int64_t experts = together_BEE.size(1);
        const at::Tensor same_EE = at::eye(experts, together_BEE.options());
        const at::Tensor own_BEE = together_BEE * same_EE, pairs_BEE = together_BEE - own_BEE;
        const auto shared = [](const at::Tensor& mass_BEE, std::int64_t entries) {
            return mass_BEE * static_cast<double>(entries) / mass_BEE.sum({1, 2}, true).clamp_min(1);
        };
        return shared(own_BEE, experts) + shared(pairs_BEE, experts * experts - experts);
    }
};

MOESCOPE_ROUTING_PART(RouterSimilarityLoss);

}  // namespace

}  // namespace moescope
