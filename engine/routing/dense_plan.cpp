// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/dense_plan.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include <ATen/ops/argmax.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include "engine/base/check.h"
#include "engine/routing/expert_order.h"
#include "engine/routing/row_kernels.h"

namespace moescope {

namespace {

/// Where each token stands in the flattened groups, int64 [T].
at::Tensor placeOfTokens(const at::Tensor& token_GN, std::int64_t numTokens)
{
    at::Tensor place_T = at::empty({numTokens}, at::kLong);
    std::int64_t* place = place_T.mutable_data_ptr<std::int64_t>();
    const std::int64_t* token = token_GN.const_data_ptr<std::int64_t>();
    std::int64_t found = 0;
    for (std::int64_t i = 0; i < token_GN.numel(); ++i) {
        if (token[i] < 0)
            continue;
        MOESCOPE_CHECK(token[i] < numTokens, "a group names tokens of the batch");
        place[token[i]] = i;
        ++found;
    }
    MOESCOPE_CHECK(found == numTokens, "every token stands in one group");
    return place_T;
}

at::Tensor sharesOfTokens(const DensePlan& dense, std::int64_t numTokens, std::int64_t numExperts)
{
    if (!dense.mixesParameters()) {
        const at::Tensor& combine_GNS = dense.combine_GNS;
        const at::Tensor share_GNE =
            combine_GNS.reshape({combine_GNS.size(0), combine_GNS.size(1), numExperts, -1}).sum(3);
        return rowsOfTokens(dense, share_GNE, numTokens);
    }
    const std::int64_t length = dense.token_GN.defined() ? dense.token_GN.size(1) : numTokens / dense.numGroups;
    return rowsOfTokens(dense, dense.mix_GE.unsqueeze(1).expand({dense.numGroups, length, numExperts}), numTokens);
}

}  // namespace

at::Tensor rowsOfGroups(const DensePlan& dense, const at::Tensor& rows_TX)
{
    if (!dense.token_GN.defined())
        return rows_TX.reshape({dense.numGroups, -1, rows_TX.size(1)});
    const at::Tensor& token_GN = dense.token_GN;
    return rows_TX.index_select(0, token_GN.clamp_min(0).view({-1})).view({token_GN.size(0), token_GN.size(1), -1});
}

at::Tensor rowsOfTokens(const DensePlan& dense, const at::Tensor& rows_GNX, std::int64_t numTokens)
{
    const at::Tensor flat = rows_GNX.reshape({-1, rows_GNX.size(2)});
    return dense.token_GN.defined() ? flat.index_select(0, placeOfTokens(dense.token_GN, numTokens)) : flat;
}

at::Tensor filledPlaces(const DensePlan& dense, const at::Tensor& valid_T)
{
    if (!dense.token_GN.defined())
        return valid_T.defined() ? valid_T.view({dense.numGroups, -1}) : at::Tensor();
    const at::Tensor filled_GN = dense.token_GN >= 0;
    return valid_T.defined() ? filled_GN.logical_and(rowsOfGroups(dense, valid_T.unsqueeze(1)).squeeze(2)) : filled_GN;
}

at::Tensor softmaxOverTokens(const at::Tensor& logits_GNS, const at::Tensor& filled_GN)
{
    if (!filled_GN.defined())
        return logits_GNS.softmax(1);
    const at::Tensor filled_GN1 = filled_GN.unsqueeze(2);
    // Not -inf: a group without any token would become NaN, and its gradient with it.
    const at::Tensor masked = at::where(filled_GN1, logits_GNS, -std::numeric_limits<float>::max());
    return at::where(filled_GN1, masked.softmax(1), 0.0);
}

void summariseDense(const RouteContext& context, RoutePlan& plan, std::int64_t numExperts)
{
    DensePlan& dense = *plan.dense;
    const std::int64_t tokens = context.hidden_TD.size(0);
    dense.share_TE = sharesOfTokens(dense, tokens, numExperts);
    const at::Tensor sum_T1 = dense.share_TE.sum(1, /*keepdim=*/true);
    const double even = 1 / static_cast<double>(numExperts);
    plan.probs_TE = at::where(sum_T1 > 0, dense.share_TE / at::where(sum_T1 > 0, sum_T1, 1.0), even);
    plan.entropy_T = entropyRows(plan.probs_TE.detach().contiguous());

    const c10::NoGradGuard noGrad;
    at::Tensor share_TE = dense.share_TE.detach().to(at::kDouble);
    if (context.valid_T.defined())
        share_TE = at::where(context.valid_T.unsqueeze(1), share_TE, 0.0);
    plan.mass_E = share_TE.sum(0);
    plan.assigned_E = plan.kept_E = wholeNumbers(plan.mass_E);
    plan.first_E = countByBucket(plan.probs_TE.argmax(1), context.valid_T, numExperts);
}

at::Tensor wholeNumbers(const at::Tensor& mass_E)
{
    const std::int64_t count = mass_E.numel();
    at::Tensor whole_E = at::zeros({count}, at::kLong);
    const at::Tensor dense_E = mass_E.contiguous();
    const double* mass = dense_E.const_data_ptr<double>();
    const double sum = std::accumulate(mass, mass + count, 0.0);
    if (!std::isfinite(sum))
        return whole_E;
    std::int64_t* whole = whole_E.mutable_data_ptr<std::int64_t>();
    std::vector<std::int64_t> byFraction(static_cast<std::size_t>(count));
    std::iota(byFraction.begin(), byFraction.end(), 0);
    std::int64_t left = std::llround(sum);
    for (std::int64_t i = 0; i < count; ++i)
        left -= whole[i] = static_cast<std::int64_t>(std::floor(mass[i]));
    std::ranges::stable_sort(
        byFraction, std::greater<>(), [&](std::int64_t i) { return mass[i] - std::floor(mass[i]); });
    for (std::int64_t i = 0; i < std::min(left, count); ++i)
        ++whole[byFraction[static_cast<std::size_t>(i)]];
    return whole_E;
}

}  // namespace moescope
