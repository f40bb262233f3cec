// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/pair_softmax.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class SoftmaxChosenWeigher final : public Weigher {
public:
    explicit SoftmaxChosenWeigher(const PartArgs&) { }

    at::Tensor weigh(const RouteContext&, const RoutePlan& plan) override
    {
        return softmaxOfToken(plan, pickPairs(plan.logits_TE, plan.token_M, plan.expert_M));
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Weigher;
        info.name = "softmax-chosen";
        info.summary =
            "The chosen experts' logits through a softmax of their own; equal to renormalised softmax scores.";
        info.formula = "w_t = softmax(z_t[S_t])";
        info.source = "Shazeer et al. 2017 (arXiv:1701.06538) eq. 3 and 5; FastMoE gates/naive_gate.py";
        info.minimumChoices = 2;
        return info;
    }
};

MOESCOPE_ROUTING_PART(SoftmaxChosenWeigher);

}  // namespace

}  // namespace moescope
