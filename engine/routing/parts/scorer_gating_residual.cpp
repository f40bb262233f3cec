// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// MoE++'s scorer. T tokens, D features, E experts.
#include <ATen/ops/linear.h>
#include <ATen/TensorOperators.h>

#include "engine/model/initial_weights.h"
#include "engine/model/parameters.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class GatingResidualScorer final : public Scorer {
public:
    explicit GatingResidualScorer(const PartArgs& args)
    {
        const std::int64_t experts = args.model.numExperts;
        const auto add = [&](const std::string& name, std::int64_t columns) {
            return args.parameters.add(
                name, initialNormal(args.seed, name, {experts, columns}, args.number("init_std")));
        };
        m_weight_ED = add(args.prefix + ".weight", args.model.hiddenSize);
        m_residual_EE = add(args.prefix + ".residual", experts);
    }

    Scores score(const RouteContext& context) override
    {
        const at::Tensor hidden_TD = context.hidden_TD.to(routerType(context.hidden_TD));
        const at::ScalarType type = hidden_TD.scalar_type();
        at::Tensor logits_TE = at::linear(hidden_TD, m_weight_ED.value().to(type));
        if (context.carry.defined())
            logits_TE = logits_TE + at::linear(context.carry.to(type), m_residual_EE.value().to(type));
        return {logits_TE, logits_TE};
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Scorer;
        info.name = "gating-residual";
        info.summary = "A linear router that also sees the logits of the MoE layer below.";
        info.formula = "z_l = W_l h_l + V_l z_{l−1}; z_1 = W_1 h_1";
        info.source = "MoE++ (arXiv:2410.07348) eq. 6";
        info.fields = {numberField("init_std", "Initial deviation", 0.02, 0, 10,
            "Standard deviation of the initial weights. Small ones start with nearly uniform routing.")};
        return info;
    }

private:
    Weight m_weight_ED, m_residual_EE;
};

MOESCOPE_ROUTING_PART(GatingResidualScorer);

}  // namespace

}  // namespace moescope
