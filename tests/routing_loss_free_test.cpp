// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Loss-free balancing and the gate of DeepSeek-V3 (spec/routing-field.md 5.3).
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/sigmoid.h>

#include "tests/support/plan_text.h"
#include "tests/support/routing_decisions.h"

namespace moescope {
namespace {

using testing::ElementsAre;

struct LossFree : RouterFixture {
    explicit LossFree(std::int64_t experts, RoutingConfig routing = routingOf(*testCatalog().recipe("loss-free")))
        : RouterFixture(routing, experts, experts)
    {
        makeLogitsOfHidden();
    }

    at::Tensor bias() const { return store.buffers().at(0).value; }
    RoutePlan plan(const at::Tensor& logits_TE) const
    {
        return router->route(contextOf(logits_TE, logits_TE.size(0), true));
    }
    void endStep(const Ints& counts, std::int64_t step = 1) const
    {
        const at::Tensor counts_E = at::tensor(counts, at::kLong);
        router->onStepEnd({Step{step}, 1000, counts_E, counts_E.sum().item<std::int64_t>(), counts_E.unsqueeze(0)});
    }
};

TEST(LossFree, BiasFallsWhereTheLoadIsAboveItsMeanAndStaysAtATie)
{
    const LossFree layer(4);
    layer.endStep({4, 2, 2, 0});
    expectNear(layer.bias(), {-0.001, 0, 0, 0.001}, 1e-9);
    layer.endStep({2, 4, 0, 2});
    expectNear(layer.bias(), {-0.001, -0.001, 0.001, 0.001}, 1e-9);
}

TEST(LossFree, WeightsAreIndependentOfTheBias)
{
    const LossFree layer(4);
    const at::Tensor logits = logitsOf({{1, 0.9, 0.8, 0.7}});
    layer.bias().copy_(at::tensor({-1.0, 0.0, 0.0, 1.0}, at::kFloat));
    const RoutePlan plan = layer.plan(logits);
    EXPECT_THAT(numbersOf<std::int64_t>(plan.expert_M), ElementsAre(3, 1));
    expectNear(plan.weight_M, {1 / (1 + std::exp(-0.7)), 1 / (1 + std::exp(-0.9))}, 1e-12);
}

TEST(LossFree, AConstantShiftOfTheBiasChangesNothing)
{
    const LossFree layer(8);
    const at::Tensor logits = initialNormal(3, "logits", {64, 8}, 1);
    layer.bias().copy_(initialNormal(3, "bias", {8}, 0.1));
    const auto before = planText(layer.plan(logits));
    layer.bias().add_(0.5);
    EXPECT_EQ(planText(layer.plan(logits)), before);
}

// Equal counts on all ranks give equal biases: the update sees sums over ranks and nothing else.
TEST(LossFree, BalancesAFixedBatchWithoutALoss)
{
    const LossFree layer(4);
    const at::Tensor logits = initialNormal(5, "logits", {400, 4}, 0.3).add(at::tensor({0.5, 0.2, 0.0, -0.4}));
    const auto violation = [&] {
        const RoutePlan plan = layer.plan(logits);
        return plan.assigned_E.max().item<double>() / 200 - 1;
    };
    const double before = violation();
    for (std::int64_t step = 1; step <= 300; ++step)
        layer.endStep(numbersOf<std::int64_t>(layer.plan(logits).assigned_E), step);
    const double after = violation();
    EXPECT_GT(before, 0.3);
    EXPECT_LT(after, 0.1);
}

TEST(LossFree, TheBiasStaysAfterItsShareOfTheSteps)
{
    RoutingConfig routing = routingOf(*testCatalog().recipe("loss-free"));
    routing.hooks.at("bias-update").settings["until"] = 0.97;
    const LossFree layer(4, routing);
    layer.endStep({4, 0, 0, 0}, 970);
    expectNear(layer.bias(), {-0.001, 0.001, 0.001, 0.001}, 1e-9);
    layer.endStep({4, 0, 0, 0}, 971);
    expectNear(layer.bias(), {-0.001, 0.001, 0.001, 0.001}, 1e-9);
}

TEST(LossFree, TheProportionalRuleMovesByTheLack)
{
    RoutingConfig routing = routingOf(*testCatalog().recipe("loss-free"));
    routing.hooks.at("bias-update").settings["update"] = std::string("proportional");
    const LossFree layer(4, routing);
    layer.endStep({6, 2, 0, 0});  // mean 2
    expectNear(layer.bias(), {-0.002, 0, 0.001, 0.001}, 1e-9);
}

TEST(BiasUpdate, BalancesAnyRecipeWithTopK)
{
    RoutingConfig routing = plainRouting(1);
    routing.hooks["bias"] = {"bias-update", {{"rate", 0.5}}};
    const LossFree layer(2, routing);
    const at::Tensor logits = logitsOf({{1, 0}});
    EXPECT_THAT(numbersOf<std::int64_t>(layer.plan(logits).expert_M), ElementsAre(0));
    layer.endStep({1, 0});
    EXPECT_THAT(numbersOf<std::int64_t>(layer.plan(logits).expert_M), ElementsAre(1));
}

RoutingConfig grouped(std::int64_t k, std::int64_t groups, std::int64_t kept, const std::string& score = "best-two")
{
    RoutingConfig routing = plainRouting(k);
    routing.scoreMap = {"sigmoid", {}};
    routing.selector = {"grouped-top-k", {{"k", k}, {"groups", groups}, {"kept_groups", kept}, {"group_score", score}}};
    return routing;
}

// Groups {0,1} {2,3} {4,5}: the best expert is in a group whose second one is poor.
TEST(GroupedTopK, AGroupCountsByItsTwoBest)
{
    const at::Tensor logits = logitsOf({{3, -5, 1, 1, 0, 0}});
    EXPECT_THAT(numbersOf<std::int64_t>(decide(grouped(2, 3, 1), logits).plan.expert_M), ElementsAre(2, 3));
    EXPECT_THAT(numbersOf<std::int64_t>(decide(grouped(2, 3, 1, "best"), logits).plan.expert_M), ElementsAre(0, 1));
    EXPECT_THAT(numbersOf<std::int64_t>(decide(grouped(3, 3, 2), logits).plan.expert_M), ElementsAre(2, 3, 4));
}

TEST(GroupedTopK, OneGroupIsPlainTopK)
{
    const at::Tensor logits = initialNormal(3, "logits", {64, 8}, 1).to(at::kDouble);
    RoutingConfig plain = grouped(2, 1, 1);
    plain.selector = {"top-k", {{"k", std::int64_t{2}}}};
    EXPECT_EQ(planText(decide(grouped(2, 1, 1), logits).plan), planText(decide(plain, logits).plan));
    EXPECT_EQ(planText(decide(grouped(2, 8, 8), logits).plan), planText(decide(plain, logits).plan));
}

TEST(GroupedTopK, UnevenGroupsAndTooFewExpertsAreDefined)
{
    const at::Tensor logits = logitsOf({{1, 2, 3, 4, 5}});
    EXPECT_THAT(numbersOf<std::int64_t>(decide(grouped(2, 2, 1), logits).plan.expert_M), ElementsAre(4, 3));
    EXPECT_THAT(numbersOf<std::int64_t>(decide(grouped(2, 64, 1), logits).plan.expert_M), ElementsAre(4, 0));
}

// DeepSeek-V3: weights are divided by their sum and multiplied by 2.5.
TEST(DeepSeekV3Gate, ScalesTheNormalisedWeights)
{
    RoutingConfig routing = grouped(2, 1, 1);
    routing.weigher = {"renormalised", {{"scale", 2.5}}};
    const at::Tensor logits = logitsOf({{0, std::log(3.0), -9, -9}});
    expectNear(decide(routing, logits).plan.weight_M, {2.5 * 0.75 / 1.25, 2.5 * 0.5 / 1.25}, 1e-12);
}

// A share of the experts is out of reach in training, another one for each token; never in evaluation.
TEST(ExpertDropout, LeavesAShareOfTheExperts)
{
    RoutingConfig routing = plainRouting(1);
    routing.selector.settings["expert_dropout"] = 0.25;
    const at::Tensor logits = logitsOf({{3, 2, 1, 0}}).expand({20'000, 4}).contiguous();
    const auto counts = numbersOf<double>(decide(routing, logits, true).plan.assigned_E);
    EXPECT_NEAR(counts[0] / 20'000, 0.75, 3 * std::sqrt(0.75 * 0.25 / 20'000));
    EXPECT_NEAR(counts[1] / 20'000, 0.1875, 3 * std::sqrt(0.1875 * 0.8125 / 20'000));
    EXPECT_THAT(numbersOf<std::int64_t>(decide(routing, logits, false).plan.assigned_E), ElementsAre(20'000, 0, 0, 0));
}

}  // namespace
}  // namespace moescope
