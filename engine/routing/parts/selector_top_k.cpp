// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <ATen/ops/arange.h>

#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class TopKSelector final : public Selector {
public:
    explicit TopKSelector(const PartArgs& args)
        : m_state(args.state)
    {
        m_state.choices = args.integer("k");
    }

    Selection select(const RouteContext&, const RoutePlan& plan) override
    {
        const std::int64_t choices = m_state.choices;
        const at::Tensor token_T = at::arange(plan.scores_TE.size(0), at::kLong);
        return {token_T.repeat_interleave(choices), topKRows(plan.scores_TE, choices), {}, choices};
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Selector;
        info.name = "top-k";
        info.summary = "Each token goes to the k experts with the highest scores; equal scores to the lower number.";
        info.formula = "S_t = TopK(s_t, k)";
        info.source = "Shazeer et al. 2017 (arXiv:1701.06538) eq. 5";
        info.fields = {integerField("k", "Experts per token", 2, 1, 1024,
            "How many experts work on each token; the cost of a layer grows with it.")};
        return info;
    }

private:
    RouterState& m_state;
};

MOESCOPE_ROUTING_PART(TopKSelector);

}  // namespace

}  // namespace moescope
