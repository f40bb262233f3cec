// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <ATen/ops/linear.h>

#include "engine/model/initial_weights.h"
#include "engine/model/parameters.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class FrozenRandomScorer final : public Scorer {
public:
    explicit FrozenRandomScorer(const PartArgs& args)
    {
        const std::string name = args.prefix + ".weight";
        m_weight = args.parameters.add(name,
            initialNormal(args.seed, name, {args.model.numExperts, args.model.hiddenSize}, args.number("init_std")),
            {.trained = false});
    }

    Scores score(const RouteContext& context) override
    {
        const at::Tensor hidden_TD = context.hidden_TD.to(routerType(context.hidden_TD));
        return {at::linear(hidden_TD, m_weight.value().to(hidden_TD.scalar_type())), {}};
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Scorer;
        info.name = "frozen-random";
        info.summary = "A random vector per expert that is never trained; tokens still move, because the model does.";
        info.formula = "z = x W_r^T, W_r ~ N(0, σ²), frozen";
        info.source =
            "SMoE-Dropout (arXiv:2303.01610); code Random-MoE-as-Dropout custom_gate.py CustomNaiveGate, whose "
            "frozen bias is 0";
        info.fields = {numberField("init_std", "Deviation", 0.02, 0, 10,
            "Standard deviation of the random vectors. It decides for good how sharp the weights are.")};
        return info;
    }

private:
    Weight m_weight;
};

MOESCOPE_ROUTING_PART(FrozenRandomScorer);

}  // namespace

}  // namespace moescope
