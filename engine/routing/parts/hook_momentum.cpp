// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// MomentumSMoE: the MoE layers of a model are steps of a descent, and the steps get momentum. A change of the block, on
// top of any router.
#include <ATen/ops/zeros_like.h>
#include <ATen/TensorOperators.h>

#include "engine/routing/layer_rules.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class MomentumHook final : public Hook, public ResidualRule {
public:
    explicit MomentumHook(const PartArgs& args)
        : m_adam(args.text("rule") == "adam")
        , m_momentum(args.number("mu"))
        , m_step(args.number("gamma"))
        , m_beta1(args.number("beta1"))
        , m_beta2(args.number("beta2"))
    {
    }

    const ResidualRule* residualRule() const override { return this; }

    at::Tensor update(
        const at::Tensor& stream_TD, const at::Tensor& answer_TD, std::vector<at::Tensor>& carried) const override
    {
        if (carried.empty())
            carried.assign(m_adam ? 2 : 1, at::zeros_like(answer_TD));
        if (!m_adam) {
            carried[0] = carried[0] * m_momentum + answer_TD * m_step;
            return stream_TD + carried[0];
        }
        carried[0] = carried[0] * m_beta1 + answer_TD * (1 - m_beta1);
        carried[1] = carried[1] * m_beta2 + answer_TD.square() * (1 - m_beta2);
        // Inside the root: outside, an answer of 0 would have an infinite derivative.
        return stream_TD + carried[0] * m_step / (carried[1] + kEpsilon).sqrt();
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Hook;
        info.name = "momentum";
        info.summary = "The residual stream takes up a running sum of the answers of this and all earlier MoE layers, "
                       "in place of this layer's answer alone.";
        info.formula = "m_l = μ m_{l−1} + γ y_l; x_{l+1} = x_l + m_l. adam: p_l = β₁ p_{l−1} + (1 − β₁) y_l, "
                       "v_l = β₂ v_{l−1} + (1 − β₂) y_l², x_{l+1} = x_l + γ p_l / √(v_l + ε)";
        info.source = "Teo & Nguyen 2024, MomentumSMoE (arXiv:2410.14574) section 2; rachtsy/MomentumSMoE "
                      "(commit b43846f), whose code has the opposite sign: the experts learn the negative";
        info.traits = {Trait::ChangesBlock};
        info.fields = {
            choiceField("rule", "Rule", {"momentum", "adam"},
                "Plain momentum, or a first and a second moment across the layers (AdamSMoE)."),
            numberField(
                "mu", "μ", 0.7, 0, 0.999, "How much of the sum of earlier layers stays; 0 is an ordinary block."),
            numberField("gamma", "γ", 1, 0, 100, "Size of each layer's own step."),
            numberField("beta1", "β₁", 0.9, 0, 0.9999, "Of the first moment, under adam."),
            numberField("beta2", "β₂", 0.999, 0, 0.99999, "Of the second moment, under adam."),
        };
        return info;
    }

private:
    static constexpr double kEpsilon = 1e-8;

    bool m_adam;
    double m_momentum, m_step, m_beta1, m_beta2;
};

MOESCOPE_ROUTING_PART(MomentumHook);

}  // namespace

}  // namespace moescope
