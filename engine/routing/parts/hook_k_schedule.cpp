// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/choice_schedule.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class ChoiceScheduleHook final : public Hook {
public:
    explicit ChoiceScheduleHook(const PartArgs& args)
        : m_state(args.state)
        , m_mode(args.text("mode"))
        , m_range(choiceEnds(args.integer("from"), args.integer("to"), args.model.numExperts))
    {
        m_state.choices = choicesAt(m_mode, m_range, 0, 1);
    }

    void onStepBegin(Step step, std::int64_t totalSteps) override
    {
        m_state.choices = choicesAt(m_mode, m_range, step.value, totalSteps);
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Hook;
        info.name = kChoiceScheduleHook;
        info.summary = "Lets the number of experts per token grow (or shrink) in the course of the run.";
        info.formula =
            "k(t) = k_min + round((k_max − k_min) t / S) · cosine: k_max − round((k_max − k_min) cos(π t / 2S)) · "
            "exponential: k_max − round((k_max − k_min) 0.99^⌊t / ⌊S/300⌋⌋) · multi-step: 1, 2, 4, 8, 16";
        info.source = "SMoE-Dropout (arXiv:2303.01610); code Random-MoE-as-Dropout new_utils.py calculate_gate_number, "
                      "which rounds ties to even";
        info.fields = {
            choiceField("mode", "Shape", choiceScheduleNames(),
                "How k goes from one end to the other. The paper's results are those of linear growth."),
            integerField("from", "From", 0, 0, 1024,
                "One end of k; 0 is half of the experts, as in the paper (8 of 16). At most their number."),
            integerField("to", "To", 0, 0, 1024, "The other end; 0 is all experts."),
        };
        return info;
    }

private:
    RouterState& m_state;
    std::string m_mode;
    ChoiceRange m_range;
};

MOESCOPE_ROUTING_PART(ChoiceScheduleHook);

}  // namespace

}  // namespace moescope
