// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/naive_experts.h"

#include <algorithm>
#include <numeric>

#include <ATen/ATen.h>

namespace moescope::test {

RoutePlan planOf(const std::vector<Pair>& pairs, const at::Tensor& weight_M, std::int64_t numExperts)
{
    const auto M = static_cast<std::int64_t>(pairs.size());
    RoutePlan plan;
    plan.token_M = at::empty({M}, at::kLong);
    plan.expert_M = at::empty({M}, at::kLong);
    plan.kept_M = at::empty({M}, at::kBool);
    plan.weight_M = weight_M;
    std::vector<std::int64_t> order, offsets{0};
    for (std::int64_t pair = 0; pair < M; ++pair) {
        plan.token_M[pair] = pairs[pair].token;
        plan.expert_M[pair] = pairs[pair].expert;
        plan.kept_M[pair] = pairs[pair].kept;
    }
    for (std::int64_t expert = 0; expert < numExperts; ++expert) {
        for (std::int64_t pair = 0; pair < M; ++pair)
            if (pairs[pair].kept && pairs[pair].expert == expert)
                order.push_back(pair);
        offsets.push_back(static_cast<std::int64_t>(order.size()));
    }
    plan.order_N = at::tensor(order, at::kLong);
    plan.offsets_E1 = at::tensor(offsets, at::kLong);
    return plan;
}

std::vector<Pair> mixedPairs(std::int64_t numTokens, std::int64_t numExperts, std::int64_t choices, int dropEvery)
{
    std::vector<Pair> pairs;
    for (std::int64_t token = 0; token < numTokens; ++token)
        for (std::int64_t choice = 0; choice < choices; ++choice) {
            const std::int64_t expert = (token * token + token / 3 + choice * (1 + token % 2)) % numExperts;
            const auto number = static_cast<int>(pairs.size());
            pairs.push_back({token, expert, dropEvery == 0 || number % dropEvery != dropEvery - 1});
        }
    return pairs;
}

at::Tensor naiveMixture(Activation activation, const at::Tensor& x_TD, const std::vector<Pair>& pairs,
    const at::Tensor& weight_M, const at::Tensor& w1_EDH, const at::Tensor& w2_EHD)
{
    std::vector<at::Tensor> rows(x_TD.size(0), at::zeros({x_TD.size(1)}, x_TD.options()));
    for (std::size_t i = 0; i < pairs.size(); ++i) {
        if (!pairs[i].kept)
            continue;
        const at::Tensor z = at::matmul(x_TD[pairs[i].token], w1_EDH[pairs[i].expert]);
        at::Tensor a;
        if (activation == Activation::Relu)
            a = at::relu(z);
        else if (activation == Activation::Gelu)
            a = at::gelu(z, "tanh");
        else
            a = at::silu(z.chunk(2)[0]) * z.chunk(2)[1];
        rows[pairs[i].token] =
            rows[pairs[i].token] + weight_M[static_cast<std::int64_t>(i)] * at::matmul(a, w2_EHD[pairs[i].expert]);
    }
    return at::stack(rows);
}

}  // namespace moescope::test
