// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// In which steps a layer holds a competition. A function of (seed, layer, step, training.steps): equal on all ranks.
#include <algorithm>
#include <vector>

#include "engine/config/competition_chance.h"
#include "engine/data/counter_random.h"
#include "engine/routing/competition_table.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

// The table is drawn in blocks, so that its size does not grow with the run.
constexpr std::int64_t kBlockSteps = 16384;

class CompetitionSchedule final : public Hook {
public:
    explicit CompetitionSchedule(const PartArgs& args)
        : m_state(args.state)
        , m_layer(args.layer.value)
        , m_shape(args.text("shape"))
        , m_warmup(args.number("warmup"))
        , m_interval(args.integer("interval"))
        , m_draw{args.seed, numMoeLayers(args.model), args.number("rate"), args.integer("max_layers")}
    {
    }

    void onStepBegin(Step step, std::int64_t totalSteps) override
    {
        const std::int64_t warmup = competitionWarmup(m_warmup, totalSteps);
        const std::int64_t since = step.value - warmup;
        if (since <= 0)
            m_state.competes = false;
        else if (m_shape == "capped")
            m_state.competes = isInTable(step.value, warmup);
        else if (m_shape == "independent")
            m_state.competes = chance(step.value) < m_draw.rate;
        else
            m_state.competes = chance((since - 1) / m_interval) < decayingChance((since - 1) / m_interval);
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Hook;
        info.name = "competition-schedule";
        info.summary = "Says in which steps of training a layer holds a competition; the others cost nothing more than "
                       "plain routing.";
        info.formula =
            "independent: every layer in every step with chance rate · decaying: for a whole interval i with "
            "chance 2 / (2 + √(i + 1)) · capped: as independent, but at most max_layers in one step";
        info.source = "independent, decaying: code of CompeteSMoE (arXiv:2402.02526), freq_type fix and function. "
                      "capped: CompeteSMoE 2025 (arXiv:2505.13380), rate_flip, max_compete_in_iter and warm_up";
        info.fields = {
            choiceField("shape", "Shape", {"independent", "decaying", "capped"},
                "Whether layers draw on their own, rarer and rarer, or with a limit for each step."),
            numberField("rate", "Rate", 0.03, 0, 1, "Chance of a competition of one layer in one step."),
            numberField("warmup", "Warm-up", 0, 0, 1, "Share of training.steps at the start without competition."),
            integerField("max_layers", "Layers at once", 3, 1, 4096,
                "Of shape capped: so many layers compete in one step at most; others move to the nearest step."),
            integerField("interval", "Interval", 1000, 1, 1e9,
                "Of shape decaying: steps between two draws; their result holds for all steps in between."),
        };
        return info;
    }

private:
    static std::int64_t numMoeLayers(const ModelConfig& model)
    {
        return model.numLayers * std::ranges::count(model.blockPattern, 'g');
    }

    double chance(std::int64_t counter) const
    {
        return CounterRandom{m_draw.seed, 'C', static_cast<std::uint64_t>(m_layer), static_cast<std::uint64_t>(counter)}
            .unit();
    }

    bool isInTable(std::int64_t step, std::int64_t warmup)
    {
        const std::int64_t first = warmup + (step - warmup - 1) / kBlockSteps * kBlockSteps;
        if (first != m_tableBegin) {
            m_table = competitionSteps(m_draw, m_layer, first, first + kBlockSteps);
            m_tableBegin = first;
        }
        return std::ranges::binary_search(m_table, step);
    }

    RouterState& m_state;
    std::int64_t m_layer;
    std::string m_shape;
    double m_warmup;
    std::int64_t m_interval;
    CompetitionDraw m_draw;
    std::vector<std::int64_t> m_table;  ///< of the block after m_tableBegin
    std::int64_t m_tableBegin = -1;
};

MOESCOPE_ROUTING_PART(CompetitionSchedule);

}  // namespace

}  // namespace moescope
