// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class AsIsWeigher final : public Weigher {
public:
    explicit AsIsWeigher(const PartArgs&) { }

    at::Tensor weigh(const RouteContext&, const RoutePlan& plan) override
    {
        return pickPairs(plan.scores_TE, plan.token_M, plan.expert_M);
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Weigher;
        info.name = "as-is";
        info.summary = "An expert's answer counts by its score.";
        info.formula = "w_{t,i} = s_{t,i}";
        info.source = "Fedus et al. 2022 (arXiv:2101.03961) eq. 2";
        return info;
    }
};

MOESCOPE_ROUTING_PART(AsIsWeigher);

}  // namespace

}  // namespace moescope
