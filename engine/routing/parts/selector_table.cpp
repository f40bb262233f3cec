// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Hash layers: the token's id alone decides.
#include <algorithm>
#include <numeric>
#include <tuple>
#include <vector>

#include <ATen/ops/arange.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include "engine/base/check.h"
#include "engine/data/counter_random.h"
#include "engine/model/parameters.h"
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class TableSelector final : public Selector {
public:
    explicit TableSelector(const PartArgs& args)
        : m_numExperts(args.model.numExperts)
        , m_balanced(args.text("table") == "balanced")
        , m_table_V(args.parameters.addBuffer(args.prefix + ".table", at::zeros({args.model.vocabulary}, at::kLong)))
    {
        args.state.choices = 1;
        if (m_balanced)
            onTokenCounts(at::ones({args.model.vocabulary}, at::kLong));
        else
            fillAtRandom(args.seed, args.layer);
    }

    Selection select(const RouteContext& context, const RoutePlan& plan) override
    {
        MOESCOPE_CHECK(context.tokens_T.defined(), "a table needs token ids");
        const std::int64_t tokens = plan.logits_TE.size(0);
        return {at::arange(tokens, at::kLong), m_table_V.index_select(0, context.tokens_T), {}, 1};
    }

    bool needsTokenCounts() const override { return m_balanced; }

    /// The commonest token first, each to the expert with the least so far, then to the one with the fewest tokens.
    void onTokenCounts(const at::Tensor& counts_V) override
    {
        if (!m_balanced)
            return;
        MOESCOPE_CHECK(counts_V.numel() == m_table_V.numel(), "a count for each token of the vocabulary");
        const std::int64_t* count = counts_V.const_data_ptr<std::int64_t>();
        std::vector<std::int64_t> tokens(static_cast<std::size_t>(counts_V.numel()));
        std::iota(tokens.begin(), tokens.end(), 0);
        std::ranges::stable_sort(tokens, [count](std::int64_t a, std::int64_t b) { return count[a] > count[b]; });

        using Bucket = std::tuple<std::int64_t, std::int64_t, std::int64_t>;  // mass, tokens, expert
        std::vector<Bucket> buckets;
        for (std::int64_t expert = 0; expert < m_numExperts; ++expert)
            buckets.emplace_back(0, 0, expert);
        std::int64_t* table = m_table_V.mutable_data_ptr<std::int64_t>();
        for (const std::int64_t token : tokens) {
            auto& [mass, members, expert] = *std::ranges::min_element(buckets);
            table[token] = expert;
            mass += count[token];
            ++members;
        }
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Selector;
        info.name = "table";
        info.summary = "A fixed table tells the expert of each token id, whatever the token means here.";
        info.formula = "S_t = {table[x_t]}";
        info.source = "Hash layers (arXiv:2106.04426): random and balanced hashes";
        info.choices = 1;
        info.traits = {Trait::NeedsTokenIds};
        info.fields = {choiceField("table", "Table", {"random", "balanced"},
            "Random: another table in each layer, from the run's seed. Balanced: the commonest tokens of the training "
            "text are spread first, each to the expert that has the least; counted when the run begins.")};
        return info;
    }

private:
    void fillAtRandom(std::uint64_t seed, LayerId layer)
    {
        CounterRandom random{seed, static_cast<std::uint64_t>('H'), static_cast<std::uint64_t>(layer.value)};
        std::int64_t* table = m_table_V.mutable_data_ptr<std::int64_t>();
        for (std::int64_t token = 0; token < m_table_V.numel(); ++token)
            table[token] = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(m_numExperts)));
    }

    std::int64_t m_numExperts;
    bool m_balanced;
    at::Tensor m_table_V;
};

MOESCOPE_ROUTING_PART(TableSelector);

}  // namespace

}  // namespace moescope
