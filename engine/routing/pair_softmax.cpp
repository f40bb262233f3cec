// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/pair_softmax.h"

#include <limits>

#include <ATen/ops/exp.h>
#include <ATen/ops/full.h>
#include <ATen/ops/index_add.h>
#include <ATen/ops/index_reduce.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/routing/row_kernels.h"

namespace moescope {

at::Tensor softmaxOfToken(const RoutePlan& plan, const at::Tensor& value_M)
{
    if (plan.choices > 0)
        return softmaxRows(value_M.view({-1, plan.choices}), 1.0).view({-1});
    const auto options = value_M.options().requires_grad(false);
    const std::int64_t tokens = plan.logits_TE.size(0);
    const at::Tensor lowest_T = at::full({tokens}, -std::numeric_limits<double>::infinity(), options);
    const at::Tensor largest_T = lowest_T.index_reduce(0, plan.token_M, value_M.detach(), "amax");
    const at::Tensor power_M = (value_M - largest_T.index_select(0, plan.token_M)).exp();
    const at::Tensor sum_T = at::zeros({tokens}, options).index_add(0, plan.token_M, power_M);
    return power_M / sum_T.index_select(0, plan.token_M);
}

}  // namespace moescope
