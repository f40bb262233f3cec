// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/part_registry.h"

namespace moescope {

namespace {

class DroplessCapacity final : public Capacity {
public:
    explicit DroplessCapacity(const PartArgs&) { }

    at::Tensor keep(const RouteContext&, const RoutePlan& plan) override { return plan.taken_M; }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Capacity;
        info.name = "dropless";
        info.summary = "Every expert takes all tokens that choose it.";
        info.formula = "C = ∞";
        info.source = "MegaBlocks (arXiv:2211.15841)";
        return info;
    }
};

MOESCOPE_ROUTING_PART(DroplessCapacity);

}  // namespace

}  // namespace moescope
