// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class TemperatureHook final : public Hook {
public:
    explicit TemperatureHook(const PartArgs& args)
        : m_state(args.state)
        , m_from(args.number("from"))
        , m_to(args.number("to"))
        , m_share(args.number("share"))
        , m_exponential(args.text("mode") == "exponential")
    {
        m_state.temperature = m_from;
    }

    void onStepBegin(Step step, std::int64_t totalSteps) override
    {
        const double end = std::max(1.0, m_share * static_cast<double>(totalSteps));
        const double way = std::clamp(static_cast<double>(step.value) / end, 0.0, 1.0);
        m_state.temperature = m_exponential ? m_from * std::pow(m_to / m_from, way) : m_from + (m_to - m_from) * way;
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Hook;
        info.name = "temperature";
        info.summary = "Lets the temperature of the softmax fall (or rise) in the course of the run.";
        info.formula = "s = softmax(z / (τ τ(t))), τ(t) = τ₀ (τ₁ / τ₀)^(t/N) or τ₀ + (τ₁ − τ₀) t/N; τ₁ from step N on";
        info.source = "EvoMoE (arXiv:2112.14397); code codecaution/EvoMoE (1.0 to 0.5)";
        info.fields = {
            choiceField(
                "mode", "Shape", {"exponential", "linear"}, "How the temperature goes from one end to the other."),
            numberField("from", "From", 1, 1e-3, 1e3, "Temperature of the first step."),
            numberField("to", "To", 0.5, 1e-3, 1e3, "Temperature at the end of the share, and from then on."),
            numberField("share", "Share", 1, 1e-6, 1, "N as a share of the run."),
        };
        return info;
    }

private:
    RouterState& m_state;
    double m_from, m_to, m_share;
    bool m_exponential;
};

MOESCOPE_ROUTING_PART(TemperatureHook);

}  // namespace

}  // namespace moescope
