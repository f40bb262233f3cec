// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Linear scorer with the exploration noise of Switch. T tokens, D features, E experts.
#include <algorithm>

#include <ATen/ops/linear.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/zeros.h>

#include "engine/model/initial_weights.h"
#include "engine/model/parameters.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/token_noise.h"

namespace moescope {

namespace {

class LinearScorer final : public Scorer {
public:
    explicit LinearScorer(const PartArgs& args)
        : m_jitter(args.number("jitter"))
        , m_jitterInput(args.text("jitter_mode") == "multiply-input")
    {
        const std::int64_t experts = args.model.numExperts, width = args.model.hiddenSize;
        const std::string name = args.prefix + ".weight";
        m_weight = args.parameters.add(name, initialNormal(args.seed, name, {experts, width}, args.number("init_std")));
        if (args.flag("bias"))
            m_bias = args.parameters.add(args.prefix + ".bias", at::zeros({experts}), {.decay = false});
    }

    Scores score(const RouteContext& context) override
    {
        at::Tensor hidden_TD = context.hidden_TD.to(routerType(context.hidden_TD));
        const bool noisy = context.training && m_jitter > 0;
        if (noisy && m_jitterInput)
            hidden_TD = hidden_TD.mul(uniformNoise(context, hidden_TD));
        const at::Tensor weight = m_weight.value().to(hidden_TD.scalar_type());
        const at::Tensor bias = m_bias.defined() ? m_bias.value().to(hidden_TD.scalar_type()) : at::Tensor();
        at::Tensor logits_TE = at::linear(hidden_TD, weight, bias);
        if (noisy && !m_jitterInput)
            logits_TE = logits_TE.add(uniformNoise(context, logits_TE));
        return {logits_TE, {}};
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Scorer;
        info.name = "linear";
        info.summary = "One learnt vector per expert; its product with the token is the logit.";
        info.formula = "z = x W^T + b; jitter: x ← x ∘ u or z ← z + u, u ~ U[1 − ε, 1 + ε], in training";
        info.source = "Shazeer et al. 2017 (arXiv:1701.06538) eq. 3 without noise; jitter: Fedus et al. 2022 "
                      "(arXiv:2101.03961) appendix F prints z + u, the Mesh TensorFlow code multiplies x";
        info.conditionalTraits = {{Trait::EvalDiffers, {{"jitter", 0, {}}}}};
        info.fields = {
            switchField(
                "bias", "Bias", false, "A learnt constant per expert. FastMoE has it, Switch and GShard do not."),
            numberField("init_std", "Initial deviation", 0.02, 0, 10,
                "Standard deviation of the initial weights. Small ones start with nearly uniform routing."),
            numberField("jitter", "Jitter", 0, 0, 1, "Exploration noise ε of training; 0 is none, Switch uses 0.01."),
            choiceField("jitter_mode", "Jitter acts on", {"multiply-input", "add-logits"},
                "Mesh TensorFlow multiplies the router's copy of the input; Switch's pseudo-code and FastMoE add to "
                "the "
                "logits."),
        };
        return info;
    }

private:
    /// U[1 - jitter, 1 + jitter] for every element, a function of (seed, layer, step, global token, column).
    at::Tensor uniformNoise(const RouteContext& context, const at::Tensor& like) const
    {
        return noiseRows('J', context, like,
            [this](CounterRandom& random, auto* row, std::int64_t columns) { fillRow(random, row, columns); });
    }

    /// Four numbers of 16 bits from one draw: a step of 2 jitter / 65536 is finer than fp32 around 1 at usual jitter.
    template <class F> void fillRow(CounterRandom& random, F* out, std::int64_t columns) const
    {
        const F low = static_cast<F>(1 - m_jitter + m_jitter * 0x1p-16), step = static_cast<F>(2 * m_jitter * 0x1p-16);
        for (std::int64_t column = 0; column < columns; column += 4) {
            std::uint64_t bits = random.next();
            for (std::int64_t i = column; i < std::min(column + 4, columns); ++i, bits >>= 16)
                out[i] = low + step * static_cast<F>(static_cast<std::int32_t>(bits & 0xFFFF));
        }
    }

    double m_jitter;
    bool m_jitterInput;
    Weight m_weight, m_bias;
};

MOESCOPE_ROUTING_PART(LinearScorer);

}  // namespace

}  // namespace moescope
