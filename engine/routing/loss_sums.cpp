// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <ATen/Dispatch.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include "engine/base/check.h"
#include "engine/routing/router.h"

namespace moescope {

namespace {

/// Weights of taken pairs by expert, [E] fp64.
at::Tensor importanceOf(const RoutePlan& plan)
{
    at::Tensor sums_E = at::zeros({plan.logits_TE.size(1)}, at::kDouble);
    double* sums = sums_E.mutable_data_ptr<double>();
    const std::int64_t* expert = plan.expert_M.const_data_ptr<std::int64_t>();
    const bool* taken = plan.taken_M.defined() ? plan.taken_M.const_data_ptr<bool>() : nullptr;
    const at::Tensor weight_M = plan.weight_M.detach().contiguous();
    AT_DISPATCH_FLOATING_TYPES(weight_M.scalar_type(), "importanceOf", [&] {
        const scalar_t* weight = weight_M.const_data_ptr<scalar_t>();
        for (std::int64_t i = 0; i < weight_M.numel(); ++i)
            if (taken == nullptr || taken[i])
                sums[expert[i]] += weight[i];
    });
    return sums_E;
}

}  // namespace

at::Tensor lossSums(const RoutePlan& plan)
{
    const std::int64_t numExperts = plan.logits_TE.size(1);
    at::Tensor row = at::empty({4 * numExperts + 1}, at::kDouble);
    row.narrow(0, 0, numExperts).copy_(plan.dense ? plan.mass_E : plan.assigned_E);
    row.narrow(0, numExperts, numExperts).copy_(plan.first_E);
    row.narrow(0, 2 * numExperts, numExperts).copy_(plan.probabilitySum_E);
    row.narrow(0, 3 * numExperts, numExperts).copy_(plan.dense ? plan.mass_E : importanceOf(plan));
    row.narrow(0, 4 * numExperts, 1).fill_(static_cast<double>(plan.numTokens));
    return row;
}

LossContext makeLossContext(
    const RouteContext& route, const RoutePlan& plan, const LossSums& own, const at::Tensor& global, int numRanks)
{
    const std::int64_t E = plan.logits_TE.size(1), shared = 4 * E + 1;
    MOESCOPE_CHECK(global.numel() == own.row.numel() && global.scalar_type() == at::kDouble, "a row of Router::sums()");
    return {route, plan, global.narrow(0, 0, E), global.narrow(0, E, E), global.narrow(0, 2 * E, E),
        global.narrow(0, 3 * E, E), global[4 * E].item<double>(), numRanks, own.own,
        global.narrow(0, shared, global.numel() - shared)};
}

}  // namespace moescope
