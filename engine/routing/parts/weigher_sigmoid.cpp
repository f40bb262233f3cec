// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <ATen/ops/sigmoid.h>

#include "engine/routing/part_registry.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

class SigmoidWeigher final : public Weigher {
public:
    explicit SigmoidWeigher(const PartArgs&) { }

    at::Tensor weigh(const RouteContext&, const RoutePlan& plan) override
    {
        return at::sigmoid(pickPairs(plan.logits_TE, plan.token_M, plan.expert_M));
    }

    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Weigher;
        info.name = "sigmoid";
        info.summary = "The logistic function of the chosen logit, whatever the map that chose.";
        info.formula = "w_{t,i} = σ(z_{t,i})";
        info.source = "BASE layers (arXiv:2103.16716); StableMoE (arXiv:2204.08396)";
        return info;
    }
};

MOESCOPE_ROUTING_PART(SigmoidWeigher);

}  // namespace

}  // namespace moescope
