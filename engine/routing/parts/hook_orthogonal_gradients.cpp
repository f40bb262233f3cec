// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// OMoE: phases of ordinary steps that remember what each expert sees, and phases in which an expert's gradient keeps
// away from what the others saw. A change of the optimiser, on top of any router. E experts, D features.
#include <ATen/ops/bmm.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_add.h>
#include <ATen/ops/mv.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include "engine/dist/group.h"
#include "engine/model/parameters.h"
#include "engine/routing/layer_rules.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class OrthogonalGradientsHook final : public Hook, public ExpertGradientRule {
public:
    explicit OrthogonalGradientsHook(const PartArgs& args)
        : m_interval(args.integer("interval"))
        , m_lambda(args.number("lambda"))
        , m_average(args.text("others") == "average")
        , m_experts(args.model.numExperts)
        , m_width(args.model.hiddenSize)
    {
        m_projector_EDD = args.parameters.addBuffer(
            args.prefix + ".projector", at::eye(m_width).expand({m_experts, m_width, m_width}).contiguous());
        m_phase = args.parameters.addBuffer(args.prefix + ".phase", at::full({1}, -1, at::kLong));
        m_sums_ED = at::zeros({m_experts, m_width}, at::kDouble);
    }

    ExpertGradientRule* gradientRule() override { return this; }

    void onStepBegin(Step, std::int64_t) override { m_sums_ED.zero_(); }

    void observe(const RouteContext& context, const RoutePlan& plan) override
    {
        const c10::NoGradGuard noGrad;
        const at::Tensor hidden_TD = context.hidden_TD.detach().to(at::kDouble);
        if (plan.dense)
            m_sums_ED.add_(plan.dense->share_TE.detach().to(at::kDouble).t().mm(hidden_TD));
        else
            m_sums_ED.index_add_(0, plan.expert_M.index_select(0, plan.order_N),
                hidden_TD.index_select(0, plan.token_M.index_select(0, plan.order_N)));
    }

    bool apply(Step step, at::Tensor& gradient_EDH1, Group* group) override
    {
        const c10::NoGradGuard noGrad;
        const std::int64_t phase = (step.value - 1) / m_interval;
        if (phase % 2 == 0) {
            if (group != nullptr && group->size() > 1)
                group->sum(m_sums_ED);
            remember(phase);
            return false;
        }
        gradient_EDH1.copy_(at::bmm(projectors(), gradient_EDH1));
        return true;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Hook;
        info.name = "orthogonal-gradients";
        info.summary = "In every other phase of training an expert's gradient is projected away from the inputs that "
                       "the other experts had in the phase before, so that experts learn different things.";
        info.formula = "P ← P − P v vᵀ P / (λ + vᵀ P v) over the others' mean inputs v, ‖v‖ = 1; ∇W₁ ← P ∇W₁";
        info.source = "Liu et al. 2023, OMoE (arXiv:2310.09762) with the projector of Zeng et al. 2019, orthogonal "
                      "weight modification (arXiv:1810.01256) eq. 1. No code of the authors was found";
        info.traits = {Trait::GlobalScope, Trait::ChangesOptimiser};
        info.fields = {
            integerField("interval", "Phase", 10, 1, 1000000, "Steps of each phase: first ordinary, then projected."),
            numberField("lambda", "λ", 1e-3, 1e-9, 1e3,
                "Smaller ones project more exactly: λ / (1 + λ) of a direction that was seen once stays."),
            choiceField("others", "The others", {"joint", "average"},
                "One projector away from all other experts' inputs, or the mean of the other experts' own projectors."),
        };
        return info;
    }

private:
    /// Takes this step's mean inputs into the projectors. They begin anew with each phase: D directions fill the space,
    /// and then nobody could learn.
    void remember(std::int64_t phase)
    {
        if (m_phase.item<std::int64_t>() != phase)
            m_projector_EDD.copy_(at::eye(m_width).expand_as(m_projector_EDD));
        m_phase.fill_(phase);
        at::Tensor projector_EDD = m_projector_EDD.to(at::kDouble);
        for (std::int64_t seen = 0; seen < m_experts; ++seen) {
            const at::Tensor sum_D = m_sums_ED[seen];
            const double length = sum_D.norm().item<double>();
            if (!(length > 0))
                continue;  // it had no token
            for (std::int64_t expert = 0; expert < m_experts; ++expert)
                if ((expert == seen) == m_average)
                    leaveOut(projector_EDD[expert], sum_D / length);
        }
        m_projector_EDD.copy_(projector_EDD);
    }

    void leaveOut(at::Tensor projector_DD, const at::Tensor& direction_D) const
    {
        const at::Tensor seen_D = at::mv(projector_DD, direction_D);
        projector_DD.sub_(at::outer(seen_D, seen_D) / (m_lambda + seen_D.dot(direction_D)));
    }

    at::Tensor projectors() const
    {
        if (!m_average || m_experts == 1)
            return m_projector_EDD;
        const at::Tensor others_EDD = m_projector_EDD.sum(0, /*keepdim=*/true) - m_projector_EDD;
        return others_EDD / static_cast<double>(m_experts - 1);
    }

    std::int64_t m_interval;
    double m_lambda;
    bool m_average;
    std::int64_t m_experts, m_width;
    at::Tensor m_projector_EDD;  ///< fp32, in the checkpoint like m_phase
    at::Tensor m_phase;          ///< the phase whose inputs the projectors hold; -1 = none yet
    at::Tensor m_sums_ED;        ///< fp64: inputs of each expert in this step, summed
};

MOESCOPE_ROUTING_PART(OrthogonalGradientsHook);

}  // namespace

}  // namespace moescope
