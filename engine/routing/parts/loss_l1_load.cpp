// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// ReMoE's regularisation: an L1 norm that weighs busy experts more, times a λ that steers the mean number of experts.
#include <algorithm>

#include <ATen/ops/full.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sum.h>
#include <ATen/TensorOperators.h>

#include "engine/model/parameters.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class L1LoadLoss final : public Loss {
public:
    explicit L1LoadLoss(const PartArgs& args)
        : m_state(args.state)
        , m_factor(args.number("factor"))
        , m_lambda(
              args.parameters.addBuffer(args.prefix + ".lambda", at::full({1}, args.number("initial"), at::kFloat)))
    {
    }

    at::Tensor value(const LossContext& context) override
    {
        const double tokens = std::max(1.0, context.globalTokens);
        const auto experts = static_cast<double>(context.plan.logits_TE.size(1));
        const at::Tensor load_E = context.globalAssigned_E.mul(experts / (target() * tokens));
        at::Tensor scores_TE = context.plan.scores_TE;
        if (context.route.valid_T.defined())
            scores_TE = scores_TE.mul(context.route.valid_T.unsqueeze(1));
        return scores_TE.sum(0).mul(load_E.to(scores_TE.scalar_type())).sum().mul(context.numRanks / tokens);
    }

    double scale() const override { return m_lambda.item<double>(); }

    void onStepEnd(const StepStats& stats) override
    {
        const auto pairs = static_cast<double>(stats.assigned_LE.numel() * stats.tokens);
        const double zeros = 1 - stats.assigned_LE.sum().item<double>() / std::max(1.0, pairs);
        const auto experts = static_cast<double>(stats.assigned_E.numel());
        if (zeros < 1 - target() / experts)
            m_lambda.mul_(m_factor);
        else
            m_lambda.div_(m_factor);
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Loss;
        info.name = "l1-load";
        info.summary =
            "Makes scores sparse until a token has k experts on average, busy experts first. The logged value "
            "is without λ.";
        info.formula = "L = (1/T) Σ_t Σᵢ fᵢ s_{t,i}, fᵢ = E nᵢ / (k T); after each step λ ← λ α if the share of zeros "
                       "is below 1 − k/E, else λ / α";
        info.source = "ReMoE (arXiv:2412.14711) eq. 7 to 9, λ₀ = 1e-8, α = 1.2. The mean over layers is a sum here, as "
                      "in the authors' code: λ takes it up";
        info.traits = {Trait::GlobalScope};
        info.fields = {
            coefficientField(1),
            numberField("initial", "Initial λ", 1e-8, 1e-30, 1, "λ before the first step; it grows by itself."),
            numberField(
                "factor", "Factor", 1.2, 1.0001, 10, "α: what λ is multiplied with, or divided by, after each step."),
        };
        return info;
    }

private:
    /// k, or 1 where the selector has none.
    double target() const { return static_cast<double>(std::max<std::int64_t>(1, m_state.choices)); }

    const RouterState& m_state;
    double m_factor;
    at::Tensor m_lambda;
};

MOESCOPE_ROUTING_PART(L1LoadLoss);

}  // namespace

}  // namespace moescope
