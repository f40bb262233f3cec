// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/pair_softmax.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class SoftmaxOfScoresWeigher final : public Weigher {
public:
    explicit SoftmaxOfScoresWeigher(const PartArgs&) { }

    at::Tensor weigh(const RouteContext&, const RoutePlan& plan) override
    {
        return softmaxOfToken(plan, pickPairs(plan.scores_TE, plan.token_M, plan.expert_M));
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Weigher;
        info.name = "softmax-of-scores";
        info.summary = "The chosen experts' scores through a second softmax. After a first one their differences are "
                       "below 1, so the weights are nearly equal.";
        info.formula = "w_t = softmax(s_t[S_t])";
        info.source = "LibMoE's code: cosine routers (version 1.1) and XMoE (version 2)";
        info.minimumChoices = 2;
        return info;
    }
};

MOESCOPE_ROUTING_PART(SoftmaxOfScoresWeigher);

}  // namespace

}  // namespace moescope
