// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <ATen/ops/ones.h>

#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class OneWeigher final : public Weigher {
public:
    explicit OneWeigher(const PartArgs&) { }

    at::Tensor weigh(const RouteContext&, const RoutePlan& plan) override
    {
        return at::ones({plan.token_M.numel()}, plan.logits_TE.options().requires_grad(false));
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Weigher;
        info.name = "one";
        info.summary = "Every chosen expert counts fully; the router gets no gradient from the task.";
        info.formula = "w_{t,i} = 1";
        info.source = "Hash layers (arXiv:2106.04426)";
        return info;
    }
};

MOESCOPE_ROUTING_PART(OneWeigher);

}  // namespace

}  // namespace moescope
