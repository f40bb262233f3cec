// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Loss-free balancing: a bias for each expert that moves against its load after every step.
#include <ATen/ops/sign.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/model/parameters.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class BiasUpdateHook final : public Hook {
public:
    explicit BiasUpdateHook(const PartArgs& args)
        : m_rate(args.number("rate"))
        , m_until(args.number("until"))
        , m_proportional(args.text("update") == "proportional")
        , m_bias_E(args.parameters.addBuffer(args.prefix + ".bias", at::zeros({args.model.numExperts})))
    {
        args.state.selectionBias_E = m_bias_E;
    }

    void onStepEnd(const StepStats& stats) override
    {
        if (static_cast<double>(stats.step.value) > m_until * static_cast<double>(stats.totalSteps))
            return;
        const at::Tensor count_E = stats.assigned_E.to(at::kDouble);
        const at::Tensor mean = count_E.mean();
        const at::Tensor lack_E = mean - count_E;
        m_bias_E.add_(m_proportional ? lack_E / mean.clamp_min(1) : lack_E.sign(), m_rate);
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Hook;
        info.name = "bias-update";
        info.summary = "Balances without a loss: after each step the bias of an expert with too many tokens falls and "
                       "of one with too few rises. The selectors top-k and grouped-top-k add it, weights never see it.";
        info.formula = "bᵢ ← bᵢ + u · sign(c̄ − cᵢ), cᵢ: tokens of expert i in the global batch";
        info.source = "Wang et al. 2024 (arXiv:2408.15664) algorithm 1, u = 0.001; DeepSeek-V3 (arXiv:2412.19437) "
                      "section 2.1.2; proportional: section 4.3 of the former, its scale is ours";
        info.traits = {Trait::GlobalScope};
        info.fields = {
            numberField("rate", "Step of the bias", 1e-3, 0, 1,
                "u, in units of the scores. Sigmoid scores lie in (0, 1): a bias near 1 decides alone."),
            choiceField("update", "Rule", {"sign", "proportional"},
                "sign: every bias moves by u. proportional: by u (c̄ − cᵢ) / c̄."),
            numberField("until", "Until", 1, 0, 1,
                "Share of training.steps after which the bias stays as it is. DeepSeek-V3 froze it for the last 3 %."),
        };
        return info;
    }

private:
    double m_rate, m_until;
    bool m_proportional;
    at::Tensor m_bias_E;
};

MOESCOPE_ROUTING_PART(BiasUpdateHook);

}  // namespace

}  // namespace moescope
