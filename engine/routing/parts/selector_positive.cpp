// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include <ATen/Dispatch.h>
#include <ATen/ops/empty.h>

#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class PositiveSelector final : public Selector {
public:
    explicit PositiveSelector(const PartArgs& args) { args.state.choices = args.integer("k"); }

    Selection select(const RouteContext&, const RoutePlan& plan) override
    {
        const at::Tensor scores_TE = plan.scores_TE.detach().contiguous();
        const std::int64_t columns = scores_TE.size(1);
        std::vector<std::int64_t> tokens, experts;
        AT_DISPATCH_FLOATING_TYPES(scores_TE.scalar_type(), "positive", [&] {
            const scalar_t* row = scores_TE.const_data_ptr<scalar_t>();
            for (std::int64_t t = 0; t < scores_TE.size(0); ++t, row += columns) {
                const auto first = static_cast<std::ptrdiff_t>(experts.size());
                for (std::int64_t e = 0; e < columns; ++e)
                    if (row[e] > 0)
                        experts.push_back(e);
                std::stable_sort(experts.begin() + first, experts.end(),
                    [row](std::int64_t a, std::int64_t b) { return row[a] > row[b]; });
                tokens.resize(experts.size(), t);
            }
        });
        return {tensorOf(tokens), tensorOf(experts), {}, 0};
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Selector;
        info.name = "positive";
        info.summary = "Each token goes to every expert with a positive score: none, some or all.";
        info.formula = "S_t = {i : s_{t,i} > 0}";
        info.source = "ReMoE (arXiv:2412.14711) section 3.1";
        info.traits = {Trait::VariableK};
        info.fields = {integerField("k", "Experts per token", 2, 1, 1024,
            "The mean that the loss l1-load aims at; a single token may have more, fewer or none.")};
        return info;
    }

private:
    static at::Tensor tensorOf(const std::vector<std::int64_t>& numbers)
    {
        at::Tensor tensor = at::empty({static_cast<std::int64_t>(numbers.size())}, at::kLong);
        std::copy(numbers.begin(), numbers.end(), tensor.mutable_data_ptr<std::int64_t>());
        return tensor;
    }
};

MOESCOPE_ROUTING_PART(PositiveSelector);

}  // namespace

}  // namespace moescope
