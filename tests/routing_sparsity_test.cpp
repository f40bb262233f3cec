// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// DeepSeekMoE, σ-MoE and ReMoE (spec/routing-field.md 5.4 and 5.2, spec/routing-seeds.md 8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/matmul.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/stack.h>

#include "engine/config/read_config.h"
#include "tests/support/plan_text.h"
#include "tests/support/routing_decisions.h"

namespace moescope {
namespace {

using testing::ElementsAre;

RoutingConfig recipeCalled(const char* id) { return routingOf(*testCatalog().recipe(id)); }

double groupBalance(const at::Tensor& logits, std::int64_t groups, std::int64_t k = 2)
{
    RoutingConfig routing = plainRouting(k);
    routing.losses["balance"] = {"group-balance", {{"groups", groups}}};
    return decide(routing, logits).losses.at("balance");
}

// seeds 1.3, golden vector: E Σ f P̄ over all choices is mode D for one sequence.
TEST(DeepSeekMoE, GroupsOfOneExpertAreTheExpertLevelLoss)
{
    EXPECT_NEAR(groupBalance(goldenLogits(), 0), 1.097545, 1e-6);
    EXPECT_NEAR(groupBalance(goldenLogits(), 4), 1.097545, 1e-6);
    EXPECT_NEAR(groupBalance(goldenLogits(), 99), 1.097545, 1e-6);
}

// f = [3, 3, 1, 1] / 2 and P̄ as above: groups {0, 1} and {2, 3} have mean loads 1.5 and 0.5.
TEST(DeepSeekMoE, AGroupHasItsMeanLoadAndTheSumOfItsProbabilities)
{
    EXPECT_NEAR(groupBalance(goldenLogits(), 2), 1.5 * (0.371927 + 0.225619) + 0.5 * (0.169268 + 0.233187), 1e-5);
    EXPECT_NEAR(groupBalance(goldenLogits(), 1), 1, 1e-9) << "one device is always balanced";
    const at::Tensor within = logitsOf({{50, 0, 0, 0}, {0, 0, 50, 0}});
    EXPECT_NEAR(groupBalance(within, 2, 1), 1, 1e-9) << "groups are balanced, their experts are not";
    EXPECT_NEAR(groupBalance(within, 4, 1), 2, 1e-9);
}

TEST(DeepSeekMoE, KeepsActiveWidthAndParametersOfTheOthers)
{
    const Catalog catalog = testCatalog();
    const auto modelOf = [&](const char* recipe) {
        return readConfig("{}", "test", {std::string("routing.recipe=") + recipe}, catalog).config.model;
    };
    const ModelConfig fine = modelOf("deepseek-moe"), coarse = modelOf("smoe");
    EXPECT_EQ((fine.numExperts + fine.numSharedExperts) * fine.expertSize, coarse.numExperts * coarse.expertSize);
    EXPECT_EQ((3 + fine.numSharedExperts) * fine.expertSize, 2 * coarse.expertSize);
    EXPECT_LT(fine.expertSize, coarse.expertSize);
}

TEST(DeepSeekMoE, WeightsAreNotRenormalised)
{
    RoutingConfig routing = recipeCalled("deepseek-moe");
    const RoutePlan plan = decide(routing, goldenLogits()).plan;
    EXPECT_LT(plan.weight_M.slice(0, 0, 3).sum().item<double>(), 0.99);
}

// seeds 8.1: logits [2, 0, −1], k = 2; σ = .880797, .5, .268941.
TEST(SigmaMoE, WeighsByTheScoresAsTheyAre)
{
    RoutingConfig routing = recipeCalled("sigma-moe");
    routing.selector.settings["k"] = std::int64_t{2};
    const RoutePlan plan = decide(routing, logitsOf({{2, 0, -1}})).plan;
    EXPECT_THAT(numbersOf<std::int64_t>(plan.expert_M), ElementsAre(0, 1));
    expectNear(plan.weight_M, {0.880797, 0.5}, 1e-6);
    routing.weigher = {"renormalised", {}};
    expectNear(decide(routing, logitsOf({{2, 0, -1}})).plan.weight_M, {0.6379, 0.3621}, 5e-5);
}

// seeds 1.3, golden vector, mode F on softmax probabilities.
TEST(SigmaMoE, BalancesTheEntropyOfTheMeanSoftmax)
{
    EXPECT_NEAR(decide(recipeCalled("sigma-moe"), goldenLogits()).losses.at("balance"), -1.343949, 1e-6);
}

TEST(ReMoE, ChoosesWhatIsPositiveBestFirst)
{
    const RoutePlan plan = decide(recipeCalled("remoe"), logitsOf({{0.5, -1, 2, 0}, {-1, -2, -3, -4}})).plan;
    EXPECT_THAT(planText(plan, 3), ElementsAre("2:2 0:0.5 ", ""));
    expectNear(plan.probs_TE, {0.2, 0, 0.8, 0, 0.25, 0.25, 0.25, 0.25}, 1e-12);
    EXPECT_EQ(plan.choices, 0);
    EXPECT_EQ(plan.numTokens, 2);
}

// fᵢ = E nᵢ / (k T) with E = 4, k = 2, T = 2: n = [1, 0, 2, 0], f = [1, 0, 2, 0]; scores .5, 2 and 1.
TEST(ReMoE, BusyExpertsCountMoreInTheL1Norm)
{
    const Decided decided = decide(recipeCalled("remoe"), logitsOf({{0.5, -1, 2, 0}, {-1, -2, 1, -4}}));
    EXPECT_NEAR(decided.losses.at("l1"), (1 * 0.5 + 2 * (2 + 1)) / 2, 1e-12);
}

struct ReMoELayer : RouterFixture {
    ReMoELayer()
        : RouterFixture(recipeCalled("remoe"), 8, 16)
    {
    }
    at::Tensor lambda() const { return store.buffers().at(0).value; }
    void endStep(std::int64_t pairs, std::int64_t tokens) const
    {
        const at::Tensor counts_E = at::tensor({pairs, 0L, 0L, 0L, 0L, 0L, 0L, 0L}, at::kLong);
        router->onStepEnd({Step{1}, 100, counts_E, tokens, counts_E.unsqueeze(0)});
    }
};

TEST(ReMoE, LambdaMovesByItsFactorInTheRightDirection)
{
    const ReMoELayer layer;
    EXPECT_FLOAT_EQ(layer.lambda().item<float>(), 1e-8F);
    layer.endStep(201, 100);  // 2.01 experts per token: too dense
    EXPECT_FLOAT_EQ(layer.lambda().item<float>(), 1.2e-8F);
    layer.endStep(199, 100);
    EXPECT_FLOAT_EQ(layer.lambda().item<float>(), 1e-8F);
    layer.endStep(200, 100);  // at the target
    EXPECT_FLOAT_EQ(layer.lambda().item<float>(), 1e-8F / 1.2F);
}

TEST(ReMoE, LambdaFollowsAllLayersTogether)
{
    const ReMoELayer layer;
    const at::Tensor sparse_E = at::tensor({100L, 0L, 0L, 0L, 0L, 0L, 0L, 0L}, at::kLong);
    layer.router->onStepEnd({Step{1}, 100, sparse_E, 100, at::stack({sparse_E, sparse_E * 4})});
    EXPECT_FLOAT_EQ(layer.lambda().item<float>(), 1.2e-8F) << "1 and 4 experts per token in two layers are 2.5";
}

TEST(ReMoE, LambdaIsTheCoefficientAndIsStored)
{
    const ReMoELayer layer, restarted;
    for (int step = 0; step < 30; ++step)
        layer.endStep(800, 100);
    restarted.lambda().copy_(layer.lambda());
    const RouteContext context = contextOf(initialNormal(1, "hidden", {8, 16}, 1), 8, true);
    const RoutePlan plan = restarted.router->route(context);
    const AuxLoss loss = lossesOf(*restarted.router, context, plan).at(0);
    EXPECT_EQ(loss.coefficient, static_cast<double>(layer.lambda().item<float>()));
    EXPECT_GT(loss.value.item<double>(), 1000 * loss.coefficient) << "logged without λ";
}

TEST(ReMoE, GradientFlowsJustAboveZeroAndNotBelow)
{
    RouterFixture layer(recipeCalled("remoe"), 2, 2);
    layer.makeLogitsOfHidden();
    const at::Tensor hidden = logitsOf({{1e-9, -1e-9}}).set_requires_grad(true);
    layer.router->route(contextOf(hidden, 1, true)).weight_M.sum().backward();
    expectNear(hidden.grad(), {1, 0}, 0);
}

// A linear router learns to imitate scores that are dense; λ makes it as sparse as it should be.
TEST(ReMoE, TheShareOfZerosConvergesToItsTarget)
{
    const ReMoELayer layer;
    const at::Tensor& weight = layer.parameter("router.weight");
    const at::Tensor teacher = initialNormal(7, "teacher", {8, 16}, 0.25);
    double zeros = 0;
    for (std::int64_t step = 1; step <= 600; ++step) {
        const at::Tensor hidden = initialNormal(static_cast<std::uint64_t>(step), "hidden", {128, 16}, 1);
        hidden.select(1, 0).fill_(2);  // tokens have a mean; without one half of all scores is positive, always
        const RouteContext context = contextOf(hidden, 128, true);
        const RoutePlan plan = layer.router->route(context);
        const at::Tensor wanted = at::sigmoid(hidden.matmul(teacher.t()));
        const AuxLoss loss = lossesOf(*layer.router, context, plan).at(0);
        layer.store.gradient().zero_();
        ((plan.scores_TE - wanted).square().mean() + loss.value * loss.coefficient).backward();
        const c10::NoGradGuard noGrad;
        weight.sub_(weight.grad() / weight.grad().norm().clamp_min(1e-12) * 0.02);
        layer.router->onStepEnd({Step{step}, 600, plan.assigned_E, 128, plan.assigned_E.unsqueeze(0)});
        if (step > 500)
            zeros += (1 - plan.assigned_E.sum().item<double>() / (128 * 8)) / 100;
    }
    EXPECT_NEAR(zeros, 1 - 2.0 / 8, 0.05);
}

}  // namespace
}  // namespace moescope
