// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <ATen/ops/linear.h>
#include <ATen/TensorOperators.h>

#include "engine/model/initial_weights.h"
#include "engine/model/parameters.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/token_noise.h"

namespace moescope {

namespace {

class GumbelLinearScorer final : public Scorer {
public:
    explicit GumbelLinearScorer(const PartArgs& args)
        : m_state(args.state)
    {
        const std::string name = args.prefix + ".weight";
        m_weight = args.parameters.add(name,
            initialNormal(args.seed, name, {args.model.numExperts, args.model.hiddenSize}, args.number("init_std")));
    }

    Scores score(const RouteContext& context) override
    {
        const at::Tensor hidden_TD = context.hidden_TD.to(routerType(context.hidden_TD));
        Scores scores;
        scores.logits_TE = at::linear(hidden_TD, m_weight.value().to(hidden_TD.scalar_type()));
        if (!context.training || m_state.lastStage)
            return scores;
        scores.logits_TE = scores.logits_TE
            + noiseRows('G', context, scores.logits_TE,
                [](CounterRandom& random, auto* row, std::int64_t columns) { fillGumbel(random, row, columns); });
        return scores;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Scorer;
        info.name = "gumbel-linear";
        info.summary =
            "A linear router with Gumbel noise in training, until the last stage: its softmax draws experts.";
        info.formula = "z = x W^T + G, G = −ln(−ln u), u ~ U(0, 1), in training before the last stage";
        info.source = "EvoMoE (arXiv:2112.14397); code codecaution/EvoMoE fairseq/modules/moe/topkgate.py";
        info.traits = {Trait::EvalDiffers};
        info.fields = {
            numberField("init_std", "Initial deviation", 0.02, 0, 10, "Standard deviation of the initial weights.")};
        return info;
    }

private:
    RouterState& m_state;
    Weight m_weight;
};

MOESCOPE_ROUTING_PART(GumbelLinearScorer);

}  // namespace

}  // namespace moescope
