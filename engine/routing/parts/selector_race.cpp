// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Expert Race: all tokens and experts compete for one number of places; in evaluation a threshold stands for it.
#include <algorithm>
#include <array>
#include <vector>

#include "engine/routing/part_registry.h"
#include "engine/routing/selection_scope.h"
#include "engine/routing/threshold_average.h"

namespace moescope {

namespace {

class RaceSelector final : public Selector {
public:
    explicit RaceSelector(const PartArgs& args)
        : m_state(args.state)
        , m_bySequence(groupsAreSequences(args))
        , m_byThreshold(args.text("evaluation") == "threshold")
        , m_threshold(args, 1, 0)
    {
        m_state.choices = args.integer("k");
    }

    Selection select(const RouteContext& context, const RoutePlan& plan) override
    {
        const SelectionScope scope = selectionScope(context, plan.scores_TE, m_bySequence);
        EntryMask chosen(static_cast<std::size_t>(scope.scores_NE.numel()));
        if (!context.training && m_byThreshold) {
            chooseAbove(scope, m_threshold, chosen);
            return pairsOf(scope, chosen);
        }
        for (const TokenGroup& group : scope.groups) {
            if (group.rows.empty())
                continue;
            const std::array last{chooseLargest(scope, group, chosen)};
            if (context.training && context.recordStats)
                m_threshold.observe(last, m_bySequence ? context.group : nullptr);
        }
        return pairsOf(scope, chosen);
    }

    void onStepBegin(Step, std::int64_t) override { m_threshold.beginStep(); }
    void onStepEnd(const StepStats&) override { m_threshold.endStep(); }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Selector;
        info.name = "race";
        info.summary = "The k T largest scores over all tokens and experts win: hard tokens may get many experts, easy "
                       "ones none.";
        info.formula = "K = k T; S = the K largest of s. Evaluation: s_{t,i} ≥ τ, τ ← m τ + (1 − m) K-th largest";
        info.source = "Expert Race (arXiv:2503.16057) section 4";
        info.traits = {Trait::VariableK, Trait::LeaksFuture, Trait::GlobalScope};
        info.conditionalTraits = thresholdTraits();
        info.fields = {
            integerField("k", "Experts per token", 2, 1, 1024, "In the mean over all tokens."),
            tokenGroupField(),
            choiceField("evaluation", "In evaluation", {"threshold", "as-training"},
                "Threshold: each token by itself, against a moving average of the lowest score that won. As training: "
                "later tokens displace earlier ones, so the numbers are no likelihoods."),
            momentumField(),
        };
        return info;
    }

private:
    /// Exactly k entries per token of the group in the mean; equal ones by token and expert. Returns the lowest.
    double chooseLargest(const SelectionScope& scope, const TokenGroup& group, EntryMask& chosen) const
    {
        const std::int64_t experts = scope.numExperts();
        const double* score = scope.scores_NE.const_data_ptr<double>();
        std::vector<std::int64_t> entries;
        for (const std::int64_t n : group.rows)
            for (std::int64_t e = 0; e < experts; ++e)
                entries.push_back(n * experts + e);
        const auto places = static_cast<std::ptrdiff_t>(group.rows.size()) * m_state.choices;
        std::nth_element(entries.begin(), entries.begin() + (places - 1), entries.end(),
            [score](std::int64_t a, std::int64_t b) { return score[a] != score[b] ? score[a] > score[b] : a < b; });
        for (auto entry = entries.begin(); entry != entries.begin() + places; ++entry)
            chosen[static_cast<std::size_t>(*entry)] = true;
        return score[entries[static_cast<std::size_t>(places - 1)]];
    }

    RouterState& m_state;
    bool m_bySequence, m_byThreshold;
    ThresholdAverage m_threshold;
};

MOESCOPE_ROUTING_PART(RaceSelector);

}  // namespace

}  // namespace moescope
