// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// MoE++'s balance loss: experts that compute nothing may take more than their share.
#include <algorithm>

#include <ATen/ops/dot.h>
#include <ATen/ops/ones.h>
#include <ATen/TensorOperators.h>

#include "engine/routing/balance_terms.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class WeightedBalanceLoss final : public Loss {
public:
    explicit WeightedBalanceLoss(const PartArgs& args)
        : m_eta_E(at::ones({args.model.numExperts}, at::kDouble))
    {
        for (std::int64_t expert = 0; expert < args.model.numExperts; ++expert)
            if (args.experts[static_cast<std::size_t>(expert)].kind != ExpertKind::FeedForward)
                m_eta_E[expert] = args.number("tau");
    }

    at::Tensor value(const LossContext& context) override
    {
        const at::Tensor share_E = context.globalAssigned_E / std::max(1.0, context.globalTokens);
        const at::Tensor mean_E = meanProbability(context);
        return at::dot((m_eta_E * share_E).to(mean_E.scalar_type()), mean_E);
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Loss;
        info.name = "weighted-balance";
        info.summary =
            "A balance loss in which zero, copy and constant experts count less, so that they may have more.";
        info.formula =
            "L = Σ ηᵢ fᵢ P̄ᵢ, fᵢ = nᵢ / T, ηᵢ = 1 for feed-forward experts, else τ; k / E when uniform and τ = 1";
        info.source = "MoE++ (arXiv:2410.07348) eq. 7, τ = 0.75, coefficient 0.01";
        info.traits = {Trait::GlobalScope};
        info.fields = {
            coefficientField(0.01),
            numberField(
                "tau", "τ", 0.75, 0, 1e3, "Weight of an expert that computes nothing; a feed-forward one has 1."),
        };
        return info;
    }

private:
    at::Tensor m_eta_E;
};

MOESCOPE_ROUTING_PART(WeightedBalanceLoss);

}  // namespace

}  // namespace moescope
