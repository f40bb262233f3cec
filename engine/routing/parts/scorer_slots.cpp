// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Soft MoE's scorer: several slots for each expert, tokens and slots of unit length, one learnt scale.
// T tokens, D features, E experts, S slots of all experts.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <ATen/Dispatch.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/ones.h>
#include <ATen/TensorOperators.h>

#include "engine/model/initial_weights.h"
#include "engine/model/parameters.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/token_noise.h"

namespace moescope {

namespace {

/// Rows of unit length; ε keeps a row of zeros finite, as in the authors' code.
at::Tensor unitRows(const at::Tensor& rows) { return rows * (rows.square().sum(1, /*keepdim=*/true) + 1e-6).rsqrt(); }

class SlotsScorer final : public Scorer {
public:
    explicit SlotsScorer(const PartArgs& args)
        : m_experts(args.model.numExperts)
        , m_noise(args.number("noise"))
    {
        std::int64_t each = args.integer("slots");
        if (each == 0) {
            const double share = args.number("capacity_factor") * static_cast<double>(args.model.context);
            each = std::max<std::int64_t>(1, std::llround(share / static_cast<double>(m_experts)));
        }
        const std::int64_t width = args.model.hiddenSize;
        const std::string name = args.prefix + ".weight";
        const double deviation = 1 / std::sqrt(static_cast<double>(width));
        m_weight = args.parameters.add(name, initialNormal(args.seed, name, {m_experts * each, width}, deviation));
        m_scale = args.parameters.add(args.prefix + ".scale", at::ones({1}), {.decay = false});
    }

    Scores score(const RouteContext& context) override
    {
        const at::Tensor hidden_TD = context.hidden_TD.to(routerType(context.hidden_TD));
        const at::ScalarType type = hidden_TD.scalar_type();
        const at::Tensor slots_SD = unitRows(m_weight.value().to(type)) * m_scale.value().to(type);
        Scores scores;
        scores.slots_TS = at::linear(unitRows(hidden_TD), slots_SD);
        if (context.training && m_noise > 0)
            scores.slots_TS = scores.slots_TS + normalNoise(context, scores.slots_TS);
        // exp of it is the sum over the expert's slots, so its softmax is what the expert's slots get of the token.
        scores.logits_TE = at::logsumexp(scores.slots_TS.view({hidden_TD.size(0), m_experts, -1}), 2);
        return scores;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Scorer;
        info.name = "slots";
        info.summary = "Several learnt vectors per expert, its slots; token and slot are scaled to unit length. The "
                       "logit of an expert is the logarithm of the summed exponentials of its slots.";
        info.formula = "z_{t,is} = α (x_t / ‖x_t‖) · (φ_{is} / ‖φ_{is}‖); z_{t,i} = ln Σ_s exp z_{t,is}";
        info.source = "Puigcerver et al. 2023, Soft MoE (arXiv:2308.00951) section 2.3, algorithm 2; ε and noise: "
                      "google-research/vmoe projects/soft_moe/router.py";
        info.conditionalTraits = {{Trait::EvalDiffers, {{"noise", 0, {}}}}};
        info.fields = {
            integerField("slots", "Slots per expert", 0, 0, 4096,
                "0 follows the capacity factor. More slots cost more and mix each token into more experts' inputs."),
            numberField("capacity_factor", "Capacity factor", 1, 0.01, 64,
                "Slots of all experts for each token of the context: 1 costs as much as one expert for each token."),
            numberField("noise", "Noise", 0, 0, 10, "Standard deviation of noise on the logits in training."),
        };
        return info;
    }

private:
    /// N(0, noise²) for every element, a function of (seed, layer, step, global token, slot).
    at::Tensor normalNoise(const RouteContext& context, const at::Tensor& like) const
    {
        at::Tensor noise = at::empty(like.sizes(), like.options().requires_grad(false));
        AT_DISPATCH_FLOATING_TYPES(noise.scalar_type(), "slotNoise", [&] {
            scalar_t* out = noise.mutable_data_ptr<scalar_t>();
            for (std::int64_t row = 0; row < like.size(0); ++row) {
                CounterRandom random = tokenRandom('S', context, row);
                for (std::int64_t column = 0; column < like.size(1); ++column) {
                    const double radius = std::sqrt(-2 * std::log(1 - random.unit()));
                    *out++ = static_cast<scalar_t>(m_noise * radius * std::cos(2 * std::numbers::pi * random.unit()));
                }
            }
        });
        return noise;
    }

    std::int64_t m_experts;
    double m_noise;
    Weight m_weight, m_scale;
};

MOESCOPE_ROUTING_PART(SlotsScorer);

}  // namespace

}  // namespace moescope
