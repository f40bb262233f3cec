// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Decisions about logits that a test writes down: for golden numbers of routing parts and recipes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <ATen/ops/tensor.h>
#include <ATen/TensorOperators.h>

#include "tests/support/router_fixture.h"

namespace moescope {

using Ints = std::vector<std::int64_t>;

inline RoutingConfig plainRouting(std::int64_t k)
{
    RoutingConfig routing;
    routing.scorer = {"linear", {}};
    routing.scoreMap = {"softmax", {}};
    routing.selector = {"top-k", {{"k", k}}};
    routing.capacity = {"dropless", {}};
    routing.weigher = {"as-is", {}};
    return routing;
}

inline at::Tensor logitsOf(const std::vector<std::vector<double>>& rows)
{
    std::vector<double> flat;
    for (const auto& row : rows)
        flat.insert(flat.end(), row.begin(), row.end());
    return at::tensor(flat, at::kDouble).view({static_cast<std::int64_t>(rows.size()), -1});
}

// seeds 1.3: T = 4, E = 4, k = 2.
inline at::Tensor goldenLogits()
{
    return logitsOf({{2, 1, 0, -1}, {1.5, 1, 0, -1}, {-1, 0, 1, 2}, {0.4, 0.3, 0.2, 0.1}});
}

struct Decided {
    RoutePlan plan;
    std::map<std::string, double> losses;
};

inline Decided decide(const RoutingConfig& routing, const at::Tensor& logits_TE, bool training = false,
    std::int64_t sequenceLength = 0, const at::Tensor& valid_T = {})
{
    RouterFixture fixture(routing, logits_TE.size(1), logits_TE.size(1));
    fixture.makeLogitsOfHidden();
    RouteContext context = contextOf(logits_TE, sequenceLength == 0 ? logits_TE.size(0) : sequenceLength, training);
    context.valid_T = valid_T;
    Decided decision;
    decision.plan = fixture.router->route(context);
    for (const AuxLoss& loss : lossesOf(*fixture.router, context, decision.plan))
        decision.losses[loss.name] = loss.value.item<double>();
    return decision;
}

inline void expectNear(const at::Tensor& found, const std::vector<double>& expected, double tolerance)
{
    const auto numbers = numbersOf<double>(found);
    ASSERT_EQ(numbers.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_NEAR(numbers[i], expected[i], tolerance) << "at " << i;
}

}  // namespace moescope
