// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/part_registry.h"
#include "engine/routing/variation.h"

namespace moescope {

namespace {

class VariationLoss final : public Loss {
public:
    explicit VariationLoss(const PartArgs& args)
        : m_ofLoad(args.text("of") == "load")
    {
    }

    at::Tensor sums(const RouteContext& context, const RoutePlan& plan) override
    {
        return m_ofLoad ? smoothLoad(context, plan) : at::Tensor();
    }

    at::Tensor value(const LossContext& context) override
    {
        if (!m_ofLoad)
            return squaredVariation(globalImportance(context));
        const at::Tensor& own_E = context.ownSums[0];
        if (!own_E.defined())
            return squaredVariation(context.globalAssigned_E);
        const at::Tensor gradient_E = own_E.sub(own_E.detach()).mul(context.numRanks);
        return squaredVariation(context.globalSums.to(own_E.scalar_type()).add(gradient_E));
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Loss;
        info.name = "variation";
        info.summary = "Squared coefficient of variation over experts, of the weights they get or of the tokens that "
                       "noise would send them.";
        info.formula = "CV²(Σ_t w_t) or CV²(Σ_t P(x_t, ·)), P(x, i) = Φ((x W_g − kth_excluding(H(x), k, i)) / σᵢ)";
        info.source =
            "Shazeer et al. 2017 (arXiv:1701.06538) eq. 6 to 11; FastMoE gates/noisy_gate.py (unbiased variance)";
        info.traits = {Trait::GlobalScope};
        info.fields = {
            coefficientField(0.1),
            choiceField("of", "Of", {"importance", "load"},
                "importance: sums of weights. load: expected numbers of tokens, which need a scorer with noise; "
                "without "
                "one, or where every expert is chosen, it is the counts, which have no gradient."),
        };
        return info;
    }

private:
    bool m_ofLoad;
};

MOESCOPE_ROUTING_PART(VariationLoss);

}  // namespace

}  // namespace moescope
