// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Linear scorer whose logits get normal noise of a learnt deviation in training. T tokens, E experts.
#include <ATen/ops/linear.h>
#include <ATen/ops/softplus.h>
#include <ATen/TensorOperators.h>

#include "engine/model/initial_weights.h"
#include "engine/model/parameters.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/token_noise.h"

namespace moescope {

namespace {

class NoisyLinearScorer final : public Scorer {
public:
    explicit NoisyLinearScorer(const PartArgs& args)
        : m_least(args.number("least_deviation"))
    {
        const double deviation = args.number("init_std");
        const auto add = [&](const std::string& name) {
            return args.parameters.add(
                name, initialNormal(args.seed, name, {args.model.numExperts, args.model.hiddenSize}, deviation));
        };
        m_weight = add(args.prefix + ".weight");
        m_noiseWeight = add(args.prefix + ".noise_weight");
    }

    Scores score(const RouteContext& context) override
    {
        const at::Tensor hidden_TD = context.hidden_TD.to(routerType(context.hidden_TD));
        Scores scores;
        scores.logits_TE = at::linear(hidden_TD, m_weight.value().to(hidden_TD.scalar_type()));
        if (!context.training)
            return scores;
        const at::Tensor raw_TE = at::linear(hidden_TD, m_noiseWeight.value().to(hidden_TD.scalar_type()));
        scores.secondLogits_TE = scores.logits_TE;
        scores.deviation_TE = at::softplus(raw_TE).add(m_least);
        const at::Tensor normal_TE = noiseRows('N', context, scores.logits_TE,
            [](CounterRandom& random, auto* row, std::int64_t columns) { fillNormal(random, row, columns); });
        scores.logits_TE = scores.secondLogits_TE + scores.deviation_TE * normal_TE;
        return scores;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Scorer;
        info.name = "noisy-linear";
        info.summary =
            "A linear router whose logits get normal noise in training; how much, it learns for each expert.";
        info.formula = "H(x) = x W_g^T + N(0, 1) · (softplus(x W_noise^T) + 0.01) in training, x W_g^T in evaluation";
        info.source = "Shazeer et al. 2017 (arXiv:1701.06538) eq. 4; FastMoE gates/noisy_gate.py (the 0.01)";
        info.traits = {Trait::EvalDiffers};
        info.fields = {
            numberField("init_std", "Initial deviation", 0, 0, 10,
                "Standard deviation of the initial weights. 0 as in the paper: no signal and some noise at first."),
            numberField("least_deviation", "Least noise", 0.01, 1e-6, 10,
                "Added to the learnt deviation, so that the load loss stays defined."),
        };
        return info;
    }

private:
    double m_least;
    Weight m_weight, m_noiseWeight;
};

MOESCOPE_ROUTING_PART(NoisyLinearScorer);

}  // namespace

}  // namespace moescope
