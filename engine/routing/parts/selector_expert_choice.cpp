// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Experts choose tokens in training; in evaluation a threshold stands for their choice, so that no token sees the
// future.
#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/routing/part_registry.h"
#include "engine/routing/selection_scope.h"
#include "engine/routing/threshold_average.h"

namespace moescope {

namespace {

class ExpertChoiceSelector final : public Selector {
public:
    explicit ExpertChoiceSelector(const PartArgs& args)
        : m_state(args.state)
        , m_bySequence(groupsAreSequences(args))
        , m_byThreshold(args.text("evaluation") == "threshold")
        , m_thresholds(args, args.model.numExperts, 1.0 / static_cast<double>(args.model.numExperts))
    {
        m_state.choices = args.integer("k");
    }

    Selection select(const RouteContext& context, const RoutePlan& plan) override
    {
        const SelectionScope scope = selectionScope(context, plan.scores_TE, m_bySequence);
        EntryMask chosen(static_cast<std::size_t>(scope.scores_NE.numel()));
        if (!context.training && m_byThreshold) {
            chooseAbove(scope, m_thresholds, chosen);
            return pairsOf(scope, chosen);
        }
        for (const TokenGroup& group : scope.groups) {
            const std::vector<double> last = chooseTokens(scope, group, chosen);
            if (context.training && context.recordStats && !last.empty())
                m_thresholds.observe(last, m_bySequence ? context.group : nullptr);
        }
        return pairsOf(scope, chosen);
    }

    void onStepBegin(Step, std::int64_t) override { m_thresholds.beginStep(); }
    void onStepEnd(const StepStats&) override { m_thresholds.endStep(); }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Selector;
        info.name = "expert-choice";
        info.summary = "Each expert takes the tokens that it scores highest, equally many; a token may get several "
                       "experts or none.";
        info.formula =
            "C = ⌈k T / E⌉; expert i takes the C largest of s_{·,i}. Evaluation: s_{t,i} ≥ mean C-th largest";
        info.source = "Zhou et al. 2022 (arXiv:2202.09368); thresholds in evaluation: Expert Threshold "
                      "(arXiv:2603.11535)";
        info.traits = {Trait::VariableK, Trait::LeaksFuture, Trait::GlobalScope};
        info.conditionalTraits = thresholdTraits();
        info.fields = {
            integerField("k", "Experts per token", 2, 1, 1024,
                "In the mean over all tokens: the paper's capacity factor c. An expert takes k T / E tokens."),
            tokenGroupField(),
            choiceField("evaluation", "In evaluation", {"threshold", "as-training"},
                "Threshold: each token by itself, against a moving average of the scores at which experts stopped. As "
                "training: later tokens displace earlier ones, so the numbers are no likelihoods."),
            momentumField(),
        };
        return info;
    }

private:
    /// Returns the lowest score that each expert took; nothing for no tokens.
    std::vector<double> chooseTokens(const SelectionScope& scope, const TokenGroup& group, EntryMask& chosen) const
    {
        const auto tokens = static_cast<std::int64_t>(group.rows.size());
        if (tokens == 0)
            return {};
        const std::int64_t experts = scope.numExperts();
        const double share = static_cast<double>(m_state.choices * tokens) / static_cast<double>(experts);
        const auto places = std::min(tokens, static_cast<std::int64_t>(std::ceil(share - 1e-9)));
        std::vector<double> last(static_cast<std::size_t>(experts));
        for (std::int64_t e = 0; e < experts; ++e) {
            std::vector<std::int64_t> rows = group.rows;
            const auto better = [&](std::int64_t a, std::int64_t b) {
                const double left = scope.row(a)[e], right = scope.row(b)[e];
                return left != right ? left > right : a < b;
            };
            std::nth_element(rows.begin(), rows.begin() + (places - 1), rows.end(), better);
            for (std::int64_t i = 0; i < places; ++i)
                chosen[static_cast<std::size_t>(rows[static_cast<std::size_t>(i)] * experts + e)] = true;
            last[static_cast<std::size_t>(e)] = scope.row(rows[static_cast<std::size_t>(places - 1)])[e];
        }
        return last;
    }

    RouterState& m_state;
    bool m_bySequence, m_byThreshold;
    ThresholdAverage m_thresholds;
};

MOESCOPE_ROUTING_PART(ExpertChoiceSelector);

}  // namespace

}  // namespace moescope
