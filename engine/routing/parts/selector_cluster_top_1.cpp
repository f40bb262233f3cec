// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// MoEC: in training some experts of each cluster stand aside for a while.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <ATen/ops/arange.h>
#include <ATen/ops/zeros.h>

#include "engine/data/counter_random.h"
#include "engine/routing/cluster_map.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class ClusterTop1Selector final : public Selector {
public:
    explicit ClusterTop1Selector(const PartArgs& args)
        : m_numExperts(args.model.numExperts)
        , m_clusters(expertClusters(args.model.numExperts, args.integer("clusters")))
        , m_dropout(args.number("dropout"))
        , m_interval(args.integer("interval"))
    {
        args.state.choices = 1;
    }

    Selection select(const RouteContext& context, const RoutePlan& plan) override
    {
        const at::Tensor token_T = at::arange(plan.scores_TE.size(0), at::kLong);
        if (!context.training || m_dropout == 0)
            return {token_T, topKRows(plan.scores_TE, 1), {}, 1};
        const at::Tensor masked_TE =
            plan.scores_TE.detach().masked_fill(standingAside(context), -std::numeric_limits<double>::infinity());
        at::Tensor expert_T = topKRows(masked_TE, 1);
        return {token_T, expert_T, {}, 1};
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Selector;
        info.name = "cluster-top-1";
        info.summary = "Each token goes to its best expert; in training a part of each cluster of experts is left out "
                       "for some steps at a time.";
        info.formula = "a_t = argmax of s_{t,i} over the surviving experts; ⌈(1 − p) n⌉ of the n experts of a cluster "
                       "survive";
        info.source = "MoEC (arXiv:2207.09094), cluster-level expert dropout";
        info.choices = 1;
        info.conditionalTraits = {{Trait::EvalDiffers, {{"dropout", 0, {}}}}};
        info.fields = {
            clustersField(),
            numberField("dropout", "Expert dropout", 0.5, 0, 0.99, "p: share of each cluster that stands aside."),
            integerField("interval", "Interval", 100, 1, 1 << 30, "Steps until others stand aside."),
        };
        return info;
    }

private:
    /// bool [E]: a function of (seed, layer, step / interval) alone, so equal on all ranks and after a resume.
    at::Tensor standingAside(const RouteContext& context) const
    {
        CounterRandom random{context.seed, static_cast<std::uint64_t>('C'),
            static_cast<std::uint64_t>(context.layer.value),
            static_cast<std::uint64_t>((context.step.value - 1) / m_interval)};
        at::Tensor aside_E = at::zeros({m_numExperts}, at::kBool);
        bool* aside = aside_E.mutable_data_ptr<bool>();
        for (const ExpertCluster& cluster : m_clusters) {
            const auto survivors =
                static_cast<std::int64_t>(std::ceil((1 - m_dropout) * static_cast<double>(cluster.count) - 1e-9));
            std::vector<std::int64_t> order(static_cast<std::size_t>(cluster.count));
            std::iota(order.begin(), order.end(), cluster.first);
            for (std::int64_t i = 0; i < cluster.count - survivors; ++i) {
                const auto other =
                    i + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(cluster.count - i)));
                std::swap(order[static_cast<std::size_t>(i)], order[static_cast<std::size_t>(other)]);
                aside[order[static_cast<std::size_t>(i)]] = true;
            }
        }
        return aside_E;
    }

    std::int64_t m_numExperts;
    std::vector<ExpertCluster> m_clusters;
    double m_dropout;
    std::int64_t m_interval;
};

MOESCOPE_ROUTING_PART(ClusterTop1Selector);

}  // namespace

}  // namespace moescope
