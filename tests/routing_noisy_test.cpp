// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Noisy top-k: its noise and its two losses. "seeds" is spec/routing-seeds.md.
#include <cmath>
#include <numbers>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/routing/token_noise.h"
#include "engine/routing/variation.h"
#include "tests/support/plan_text.h"
#include "tests/support/router_fixture.h"

namespace moescope {
namespace {

RoutingConfig noisyRouting()
{
    static const Catalog catalog = testCatalog();
    return routingOf(*catalog.recipe("noisy-top-k"));
}

/// softmax(z[S]) of plain SMoE with the same weights.
RoutingConfig naiveRouting()
{
    RoutingConfig routing = noisyRouting();
    routing.scorer = {"linear", {}};
    routing.losses.clear();
    return routing;
}

// seeds 2 (h4)
TEST(NoisyTopK, InEvaluationItIsTheNaiveGateWithoutBias)
{
    RouterFixture noisy(noisyRouting(), 8, 16), naive(naiveRouting(), 8, 16);
    noisy.spreadWeights(0.5);
    naive.spreadWeights(0.5);
    const at::Tensor hidden = initialNormal(1, "hidden", {64, 16}, 1);
    const RouteContext evaluation = contextOf(hidden, 16, false), training = contextOf(hidden, 16, true);
    EXPECT_EQ(planText(noisy.router->route(evaluation)), planText(naive.router->route(evaluation)));
    EXPECT_NE(planText(noisy.router->route(training)), planText(naive.router->route(training)));
}

TEST(NoisyTopK, StartsWithNoSignalAndSomeNoise)
{
    RouterFixture fixture(noisyRouting(), 8, 16);
    const RoutePlan plan = fixture.router->route(contextOf(initialNormal(1, "hidden", {2500, 16}, 1), 2500, true));
    EXPECT_EQ(plan.secondLogits_TE.abs().max().item<double>(), 0);
    EXPECT_NEAR(plan.deviation_TE.min().item<double>(), std::log(2.0) + 0.01, 1e-6) << "softplus(0) + 0.01";
    EXPECT_NEAR(plan.deviation_TE.max().item<double>(), std::log(2.0) + 0.01, 1e-6);

    const at::Tensor normal = (plan.logits_TE / plan.deviation_TE).detach().to(at::kDouble);
    EXPECT_NEAR(normal.mean().item<double>(), 0, 3 / std::sqrt(20'000.0));
    EXPECT_NEAR(normal.var().item<double>(), 1, 3 * std::sqrt(2 / 20'000.0));
    EXPECT_NEAR((normal.square().square()).mean().item<double>(), 3, 0.3) << "kurtosis of a normal distribution";
}

// Thresholds of a chosen expert: the best one that was not chosen; of another: the last that was.
TEST(NoisyTopK, LoadIsTheChanceOfBeingChosenAgain)
{
    RoutePlan plan;
    plan.choices = 2;
    plan.secondLogits_TE = at::tensor({2.0, 1.0, 0.0, -1.0}, at::kDouble).view({1, 4});
    plan.logits_TE = at::tensor({2.5, 1.5, 0.5, -1.0}, at::kDouble).view({1, 4});
    plan.deviation_TE = at::tensor({1.0, 1.0, 1.0, 2.0}, at::kDouble).view({1, 4});
    const auto load = numbersOf<double>(smoothLoad({}, plan));
    EXPECT_NEAR(load[0], 0.933193, 1e-6);  // Phi(2 - 0.5)
    EXPECT_NEAR(load[1], 0.691462, 1e-6);  // Phi(1 - 0.5)
    EXPECT_NEAR(load[2], 0.066807, 1e-6);  // Phi(0 - 1.5)
    EXPECT_NEAR(load[3], 0.105650, 1e-6);  // Phi((-1 - 1.5) / 2)

    plan.choices = 4;
    EXPECT_FALSE(smoothLoad({}, plan).defined()) << "every expert is chosen whatever the noise";
}

TEST(NoisyTopK, LoadPredictsHowOftenAnExpertIsChosen)
{
    RouterFixture fixture(noisyRouting(), 4, 16);
    fixture.spreadWeights(0.3);
    const std::int64_t draws = 20'000;
    const at::Tensor same = initialNormal(2, "hidden", {1, 16}, 1).expand({draws, 16}).contiguous();
    const RouteContext context = contextOf(same, draws, true);
    const RoutePlan plan = fixture.router->route(context);
    const at::Tensor load_E = smoothLoad(context, plan).detach().to(at::kDouble) / static_cast<double>(draws);
    const at::Tensor share_E = plan.assigned_E.to(at::kDouble) / static_cast<double>(draws);
    EXPECT_LT((load_E - share_E).abs().max().item<double>(), 4 * std::sqrt(0.25 / draws));
}

// seeds 1.3: CV^2([4, 0, 0, 0]) = 4, CV^2([1, 2, 3, 2]) = 1/6.
TEST(NoisyTopK, SquaredVariationOfKnownVectors)
{
    const auto variation = [](const at::Tensor& v) { return squaredVariation(v).item<double>(); };
    EXPECT_NEAR(variation(at::tensor({4.0, 0.0, 0.0, 0.0}, at::kDouble)), 4, 1e-9);
    EXPECT_NEAR(variation(at::tensor({1.0, 2.0, 3.0, 2.0}, at::kDouble)), 1.0 / 6, 1e-9);
    EXPECT_EQ(variation(at::tensor({5.0}, at::kDouble)), 0);
}

TEST(NoisyTopK, BothLossesFallWhenAnExpertThatTakesAllIsLowered)
{
    RouterFixture fixture(noisyRouting(), 4, 4);
    fixture.makeLogitsOfHidden();
    const auto lossesAt = [&](double favour) {
        at::Tensor hidden = at::zeros({512, 4}, at::kDouble);
        hidden.select(1, 0).fill_(favour);
        const RouteContext context = contextOf(hidden, 512, true);
        return lossesOf(*fixture.router, context, fixture.router->route(context));
    };
    const auto uneven = lossesAt(3), even = lossesAt(0);
    ASSERT_EQ(uneven.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_GT(uneven[i].value.item<double>(), 10 * even[i].value.item<double>()) << uneven[i].name;
        EXPECT_EQ(uneven[i].coefficient, 0.1);
    }
}

TEST(TokenNoise, GumbelNumbersHaveTheirMeanAndVariance)
{
    CounterRandom random{1, 2};
    std::vector<double> numbers(100'000);
    fillGumbel(random, numbers.data(), static_cast<std::int64_t>(numbers.size()));
    const at::Tensor drawn = at::tensor(numbers, at::kDouble);
    const double variance = std::numbers::pi * std::numbers::pi / 6;
    EXPECT_NEAR(drawn.mean().item<double>(), 0.577216, 3 * std::sqrt(variance / 1e5)) << "Euler's constant";
    EXPECT_NEAR(drawn.var().item<double>() / variance, 1, 0.04);
}

}  // namespace
}  // namespace moescope
