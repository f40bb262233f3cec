// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// DeepSeek's selector: first the best groups of experts, then the best experts within them.
#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include <ATen/Dispatch.h>
#include <ATen/ops/arange.h>

#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"
#include "engine/routing/selection_scores.h"

namespace moescope {

namespace {

class GroupedTopKSelector final : public Selector {
public:
    explicit GroupedTopKSelector(const PartArgs& args)
        : m_state(args.state)
        , m_numGroups(std::min(args.integer("groups"), args.model.numExperts))
        , m_keptGroups(std::min(args.integer("kept_groups"), m_numGroups))
        , m_scorers(args.text("group_score") == "best-two" ? 2 : 1)
    {
        m_state.choices = args.integer("k");
    }

    Selection select(const RouteContext&, const RoutePlan& plan) override
    {
        const std::int64_t choices = m_state.choices;
        at::Tensor scores_TE = selectionScores(m_state, plan).clone(at::MemoryFormat::Contiguous);
        AT_DISPATCH_FLOATING_TYPES(scores_TE.scalar_type(), "groupedTopK", [&] {
            scalar_t* row = scores_TE.mutable_data_ptr<scalar_t>();
            for (std::int64_t t = 0; t < scores_TE.size(0); ++t, row += scores_TE.size(1))
                leaveBestGroups(row, scores_TE.size(1));
        });
        const at::Tensor token_T = at::arange(scores_TE.size(0), at::kLong);
        return {token_T.repeat_interleave(choices), topKRows(scores_TE, choices), {}, choices};
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Selector;
        info.name = "grouped-top-k";
        info.summary = "The groups with the best experts first, then the k best experts within them, so that a token "
                       "visits few devices.";
        info.formula = "G_t = TopM over groups of Σ Top2(s_{t,g} + b_g); S_t = TopK over ∪ G_t of s_t + b";
        info.source = "DeepSeek-V3 (arXiv:2412.19437) section 2.1.2 and inference/model.py: two best, 8 groups, 4 "
                      "kept; DeepSeek-V2 (arXiv:2405.04434) section 2.2.2: the best one";
        info.fields = {
            integerField("k", "Experts per token", 2, 1, 1024,
                "How many experts work on each token; the cost of a layer grows with it."),
            integerField("groups", "Groups", 8, 1, 1024,
                "Neighbouring experts in this many groups, as equal as possible; at most one for each expert."),
            integerField("kept_groups", "Groups kept", 4, 1, 1024,
                "Groups whose experts a token may choose. Where they hold fewer than k experts, the lowest numbers of "
                "the others fill up."),
            choiceField("group_score", "Score of a group", {"best-two", "best"},
                "The sum of its two best biased scores (DeepSeek-V3), or the best one (DeepSeek-V2)."),
        };
        return info;
    }

private:
    std::int64_t firstOf(std::int64_t group, std::int64_t experts) const { return group * experts / m_numGroups; }

    /// -inf outside the best groups; equal groups to the lower number.
    template <class F> void leaveBestGroups(F* row, std::int64_t experts) const
    {
        std::vector<F> score(static_cast<std::size_t>(m_numGroups)), best;
        for (std::int64_t group = 0; group < m_numGroups; ++group) {
            best.assign(row + firstOf(group, experts), row + firstOf(group + 1, experts));
            const auto counted = std::min(best.begin() + m_scorers, best.end());
            std::partial_sort(best.begin(), counted, best.end(), std::greater<F>());
            score[static_cast<std::size_t>(group)] = std::accumulate(best.begin(), counted, F{0});
        }
        std::vector<std::int64_t> order(score.size());
        std::iota(order.begin(), order.end(), 0);
        std::ranges::stable_sort(order, [&](std::int64_t a, std::int64_t b) {
            return score[static_cast<std::size_t>(a)] > score[static_cast<std::size_t>(b)];
        });
        for (auto group = order.begin() + m_keptGroups; group != order.end(); ++group)
            std::fill(row + firstOf(*group, experts), row + firstOf(*group + 1, experts),
                -std::numeric_limits<F>::infinity());
    }

    RouterState& m_state;
    std::int64_t m_numGroups, m_keptGroups;
    std::ptrdiff_t m_scorers;  ///< experts that count in a group's score
};

MOESCOPE_ROUTING_PART(GroupedTopKSelector);

}  // namespace

}  // namespace moescope
