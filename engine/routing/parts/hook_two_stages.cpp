// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include <ATen/ops/ones.h>

#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class TwoStagesHook final : public Hook {
public:
    explicit TwoStagesHook(const PartArgs& args)
        : m_state(args.state)
        , m_share(args.number("first_stage"))
        , m_stage(args.parameters.addBuffer(args.prefix + ".stage", at::ones({1}, at::kLong)))
    {
    }

    /// The buffer keeps the second stage, also where a resume makes the run longer.
    void onStepBegin(Step step, std::int64_t totalSteps) override
    {
        const auto first = std::max<std::int64_t>(1, std::llround(m_share * static_cast<double>(totalSteps)));
        if (step.value > first)
            m_stage.fill_(2);
        if (m_stage.item<std::int64_t>() < 2 || m_state.lastStage)
            return;
        m_state.lastStage = true;
        for (const Weight& weight : m_state.firstStageOnly)
            weight.freeze();
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Hook;
        info.name = "two-stages";
        info.summary =
            "Ends the first stage after a share of the run, for good; what only that stage trains is frozen.";
        info.formula = "stage 1: updates 1 … N₁, N₁ = share · S; stage 2: all later ones";
        info.source = "StableMoE (arXiv:2204.08396) section 3; EvoMoE (arXiv:2112.14397)";
        info.fields = {numberField("first_stage", "First stage", 0.1, 0, 1,
            "Its share of the run, at least one update. StableMoE: 6,000 of 60,000 updates.")};
        return info;
    }

private:
    RouterState& m_state;
    double m_share;
    at::Tensor m_stage;
};

MOESCOPE_ROUTING_PART(TwoStagesHook);

}  // namespace

}  // namespace moescope
