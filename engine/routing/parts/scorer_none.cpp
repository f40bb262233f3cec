// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <ATen/ops/zeros.h>

#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class NoScorer final : public Scorer {
public:
    explicit NoScorer(const PartArgs& args)
        : m_numExperts(args.model.numExperts)
    {
    }

    Scores score(const RouteContext& context) override
    {
        const auto options = context.hidden_TD.options().dtype(routerType(context.hidden_TD)).requires_grad(false);
        return {at::zeros({context.hidden_TD.size(0), m_numExperts}, options), {}};
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Scorer;
        info.name = "none";
        info.summary = "No logits: for selectors that look at something else, such as a table. Nothing is learnt.";
        info.formula = "z = 0";
        info.source = "Hash layers (arXiv:2106.04426): no router weights";
        return info;
    }

private:
    std::int64_t m_numExperts;
};

MOESCOPE_ROUTING_PART(NoScorer);

}  // namespace

}  // namespace moescope
