// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Methods that route by an angle: invariants and golden numbers of spec/routing-field.md 4.5 and 5.8 ("field") and
// spec/routing-seeds.md 8.1 to 8.4 ("seeds").
#include <cmath>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/arange.h>
#include <ATen/ops/ones.h>
#include <ATen/TensorOperators.h>

#include "tests/support/plan_text.h"

namespace moescope {
namespace {

using Ints = std::vector<std::int64_t>;

RoutingConfig recipeNamed(const char* id)
{
    static const Catalog catalog = testCatalog();
    return routingOf(*catalog.recipe(id));
}

at::Tensor tokens(std::int64_t count = 32, std::int64_t width = 16)
{
    return initialNormal(1, "hidden", {count, width}, 1.0).to(at::kDouble);
}

std::unique_ptr<RouterFixture> routerOf(const RoutingConfig& routing, std::int64_t experts = 8)
{
    auto fixture = std::make_unique<RouterFixture>(routing, experts, 16);
    fixture->spreadWeights(0.5);
    return fixture;
}

void set(const RouterFixture& fixture, const std::string& name, const at::Tensor& value)
{
    const c10::NoGradGuard noGrad;
    fixture.parameter(name).copy_(value);
}

double largestDifference(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().max().item<double>(); }

void expectNear(const at::Tensor& found, const std::vector<double>& expected, double tolerance)
{
    const auto numbers = numbersOf<double>(found);
    ASSERT_EQ(numbers.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_NEAR(numbers[i], expected[i], tolerance) << "at " << i;
}

// field 4.5 (h1), (h2)
TEST(XMoe, ScoresDoNotDependOnLengthsAndAreAtMostOne)
{
    const auto fixture = routerOf(recipeNamed("x-moe"));
    const at::Tensor factor = at::arange(1, 33, at::kDouble).unsqueeze(1) / 8;
    const RoutePlan plan = fixture->router->route(contextOf(tokens(), 32, true));
    const RoutePlan longer = fixture->router->route(contextOf(tokens() * factor, 32, true));
    EXPECT_LT(largestDifference(plan.logits_TE, longer.logits_TE), 1e-9);
    EXPECT_EQ(planText(plan, 6), planText(longer, 6));
    EXPECT_LE(plan.logits_TE.abs().max().item<double>(), 1 + 1e-12);

    set(*fixture, "router.weight", fixture->parameter("router.weight") * at::arange(1, 9).unsqueeze(1));
    EXPECT_LT(largestDifference(fixture->router->route(contextOf(tokens(), 32, true)).logits_TE, plan.logits_TE), 1e-6);
}

// field 4.5 (h3), (h4)
TEST(XMoe, TemperatureChangesWeightsAndNothingElse)
{
    const auto fixture = routerOf(recipeNamed("x-moe"));
    const RouteContext context = contextOf(tokens(), 32, true);
    const RoutePlan plan = fixture->router->route(context);
    const at::Tensor balance = lossesOf(*fixture->router, context, plan).at(0).value;
    balance.backward({}, /*retain_graph=*/true);
    const std::string name = "router.score_map.log_temperature";
    EXPECT_EQ(fixture->parameter(name).grad().item<double>(), 0) << "the balance loss has a temperature of its own";
    plan.weight_M.sum().backward();
    EXPECT_GT(std::abs(fixture->parameter(name).grad().item<double>()), 1e-3);

    EXPECT_NEAR(std::exp(fixture->parameter(name).item<double>()), 0.3, 1e-6) << "where it starts";
    set(*fixture, name, at::ones({1}));
    const RoutePlan warmer = fixture->router->route(context);
    EXPECT_EQ(planText(warmer, 0), planText(plan, 0));
    EXPECT_GT(largestDifference(warmer.weight_M, plan.weight_M), 0.1);
    EXPECT_EQ(lossesOf(*fixture->router, context, warmer).at(0).value.item<double>(), balance.item<double>());
}

// field 4.5 (h5): what is normalised gets no gradient along itself.
TEST(XMoe, TaskGradientIsOrthogonalToTokenAndExpert)
{
    RoutingConfig routing = recipeNamed("x-moe");
    routing.scorer.settings["projection"] = std::string("none");
    const auto fixture = routerOf(routing);
    const at::Tensor hidden = tokens().set_requires_grad(true);
    const RoutePlan plan = fixture->router->route(contextOf(hidden, 32, true));
    (plan.weight_M * at::arange(1, 33, at::kDouble)).sum().backward();
    EXPECT_GT(hidden.grad().abs().max().item<double>(), 1e-2);
    EXPECT_LT((hidden.grad() * hidden).sum(1).abs().max().item<double>(), 1e-5);
    const at::Tensor weight = fixture->parameter("router.weight");
    EXPECT_GT(weight.grad().abs().max().item<double>(), 1e-2);
    EXPECT_LT((weight.grad() * weight).sum(1).abs().max().item<double>(), 1e-5);
}

TEST(XMoe, ProjectsToHalfAsManyDimensionsAsThereAreExperts)
{
    for (const std::int64_t experts : {4, 8, 32}) {
        const RouterFixture fixture(recipeNamed("x-moe"), experts, 16);
        EXPECT_EQ(fixture.parameter("router.projection").sizes(), (at::IntArrayRef{experts / 2, 16}));
        const at::Tensor weight = fixture.parameter("router.weight").detach();
        const at::Tensor gram = weight.t().matmul(weight);
        EXPECT_LT(largestDifference(gram, at::eye(experts / 2)), 1e-5) << "columns at right angles";
    }
}

TEST(XMoe, SigmoidGateIsTheOtherFormOfThePaper)
{
    RoutingConfig routing = recipeNamed("x-moe");
    routing.scoreMap.settings = {
        {"gate", std::string("sigmoid")}, {"temperature", 0.07}, {"probability_temperature", 0.07}};
    const RoutePlan plan = routerOf(routing)->router->route(contextOf(tokens(), 32, false));
    const at::Tensor best_T = std::get<0>(plan.logits_TE.max(1));
    EXPECT_LT(largestDifference(plan.weight_M, (best_T / std::exp(std::log(0.07))).sigmoid()), 1e-6);
}

// seeds 9: 8 dimensions, tokens not normalised, softmax over the chosen logits; 0.3 in the loss alone.
TEST(XMoeCompat, IsWhatTheLineageDoes)
{
    const auto fixture = routerOf(recipeNamed("x-moe-compat"));
    EXPECT_EQ(fixture->parameter("router.projection").size(0), 8);
    const RoutePlan plan = fixture->router->route(contextOf(tokens(), 32, true));
    const RoutePlan longer = fixture->router->route(contextOf(tokens() * 2, 32, true));
    EXPECT_LT(largestDifference(plan.logits_TE * 2, longer.logits_TE), 1e-9) << "a token's length is its temperature";
    set(*fixture, "router.weight", fixture->parameter("router.weight") * 3);
    EXPECT_LT(largestDifference(fixture->router->route(contextOf(tokens(), 32, true)).logits_TE, plan.logits_TE), 1e-5);

    const at::Tensor chosen = plan.logits_TE.take(plan.token_M * 8 + plan.expert_M).view({32, 2});
    EXPECT_LT(largestDifference(plan.weight_M.view({32, 2}), chosen.softmax(1)), 1e-9);
    EXPECT_LT(largestDifference(plan.probs_TE, (plan.logits_TE / 0.3).softmax(1)), 1e-9);
}

// seeds 8.2: cos .9, .5, .1 of 6 experts; with the other three at -.23 the probabilities are the printed ones.
TEST(XMoeCompat, TheDoubleSoftmaxOfLibMoeFlattensWeights)
{
    RoutingConfig routing = recipeNamed("cosine");
    routing.scorer = {"linear", {}};
    routing.scoreMap = {"softmax", {{"temperature", 0.3}}};
    routing.selector.settings["k"] = std::int64_t{3};
    RouterFixture fixture(routing, 6, 6);
    fixture.makeLogitsOfHidden();
    const at::Tensor cosines = at::tensor({0.9, 0.5, 0.1, -0.23, -0.23, -0.23}, at::kDouble).view({1, 6});
    const RoutePlan plan = fixture.router->route(contextOf(cosines * 1.5, 1, false));
    expectNear(plan.probs_TE.slice(1, 0, 3), {0.859, 0.116, 0.016}, 6e-4);
    expectNear(plan.weight_M, {0.525, 0.250, 0.226}, 6e-4);
    routing.weigher = {"renormalised", {}};
    RouterFixture once(routing, 6, 6);
    once.makeLogitsOfHidden();
    expectNear(once.router->route(contextOf(cosines * 1.5, 1, false)).weight_M, {0.867, 0.117, 0.016}, 6e-4);
}

// seeds 8.1: x = [3, 4], W = [[1, 0], [0, 2]].
RoutePlan goldenToken(const char* id)
{
    RouterFixture fixture(recipeNamed(id), 2, 2);
    set(fixture, "router.weight", at::tensor({1.0, 0.0, 0.0, 2.0}).view({2, 2}));
    return fixture.router->route(contextOf(at::tensor({3.0, 4.0}, at::kDouble).view({1, 2}), 1, false));
}

TEST(Cosine, GoldenTokenHasThePublishedNumbers)
{
    const RoutePlan plan = goldenToken("cosine");
    expectNear(plan.logits_TE, {0.6, 0.8}, 1e-12);
    expectNear(plan.probs_TE, {0.450, 0.550}, 5e-4);
    EXPECT_EQ(numbersOf<std::int64_t>(plan.expert_M), (Ints{1, 0}));
    expectNear(plan.weight_M, {0.5249, 0.4751}, 5e-5);
}

TEST(Cosine, BiasMovesSelectionAndWeightsButNotProbabilities)
{
    const auto fixture = routerOf(recipeNamed("cosine"));
    const RouteContext context = contextOf(tokens(), 32, true);
    const RoutePlan before = fixture->router->route(context);
    set(*fixture, "router.score_map.bias", at::tensor({0.0, 0.0, 0.0, 9.0, 0.0, 0.0, 0.0, 0.0}));
    const RoutePlan after = fixture->router->route(context);
    EXPECT_EQ(after.first_E[3].item<std::int64_t>(), 32);
    EXPECT_LT(before.first_E[3].item<std::int64_t>(), 32);
    EXPECT_EQ(largestDifference(after.probs_TE, before.probs_TE), 0);
}

// seeds 8.4
TEST(Cosine, WeightsAddUpToOneAndLengthsDoNotMatter)
{
    const auto fixture = routerOf(recipeNamed("cosine"));
    const RoutePlan plan = fixture->router->route(contextOf(tokens(), 32, true));
    expectNear(plan.weight_M.view({32, 2}).sum(1), std::vector<double>(32, 1.0), 1e-12);
    EXPECT_LT(
        largestDifference(fixture->router->route(contextOf(tokens() * 7, 32, true)).logits_TE, plan.logits_TE), 1e-9);
}

TEST(Cosine, AZeroTokenHasZeroScores)
{
    const auto fixture = routerOf(recipeNamed("cosine"));
    const at::Tensor hidden = (tokens(2) * 0).set_requires_grad(true);
    const RoutePlan plan = fixture->router->route(contextOf(hidden, 2, true));
    EXPECT_EQ(plan.logits_TE.abs().max().item<double>(), 0);
    plan.weight_M.sum().backward();
    EXPECT_TRUE(hidden.grad().isfinite().all().item<bool>());
}

TEST(PerturbedCosine, GoldenTokenHasThePublishedNumbers)
{
    expectNear(goldenToken("perturbed-cosine").logits_TE, {0.534759, 0.746965}, 1e-6);
}

// seeds 8.4
TEST(PerturbedCosine, BecomesTheCosineAsThetaVanishes)
{
    RoutingConfig routing = recipeNamed("perturbed-cosine");
    const at::Tensor cosine = routerOf(recipeNamed("cosine"))->router->route(contextOf(tokens(), 32, true)).logits_TE;
    double before = 1;
    for (const double theta : {1.0, 0.1, 1e-2, 1e-6}) {
        routing.scorer.settings["perturbation"] = theta;
        const at::Tensor logits = routerOf(routing)->router->route(contextOf(tokens(), 32, true)).logits_TE;
        EXPECT_LT(logits.abs().max().item<double>(), 1);
        const double distance = largestDifference(logits, cosine);
        EXPECT_LT(distance, before);
        before = distance;
    }
    EXPECT_LT(before, 1e-5);
}

std::set<std::int64_t> expertsUsed(const RoutePlan& plan)
{
    const auto experts = numbersOf<std::int64_t>(plan.expert_M);
    return {experts.begin(), experts.end()};
}

// field 5.8
TEST(MoEC, HalfOfEachClusterStandsAsideInTraining)
{
    const auto fixture = routerOf(recipeNamed("moec"));
    RouteContext context = contextOf(tokens(512), 32, true);
    const auto survivors = expertsUsed(fixture->router->route(context));
    EXPECT_EQ(survivors.size(), 4U);
    EXPECT_EQ(std::ranges::count_if(survivors, [](std::int64_t e) { return e < 4; }), 2) << "two of each cluster";

    context.firstToken = 512;  // another rank
    context.hidden_TD = tokens(512).flip(0);
    EXPECT_EQ(expertsUsed(fixture->router->route(context)), survivors) << "equal on all ranks";
    context.step = Step{100};
    EXPECT_EQ(expertsUsed(fixture->router->route(context)), survivors);
    bool others = false;
    for (const std::int64_t step : {101, 201, 301, 401}) {
        context.step = Step{step};
        others = others || expertsUsed(fixture->router->route(context)) != survivors;
    }
    EXPECT_TRUE(others) << "others stand aside after the interval";
    context.training = false;
    EXPECT_EQ(expertsUsed(fixture->router->route(context)).size(), 8U) << "evaluation has all experts";
}

double clusterVariance(const std::vector<double>& probabilities)
{
    RoutingConfig routing = recipeNamed("moec");
    routing.scorer = {"linear", {}};
    routing.scoreMap = {"softmax", {}};
    const auto experts = static_cast<std::int64_t>(probabilities.size());
    RouterFixture fixture(routing, experts, experts);
    fixture.makeLogitsOfHidden();
    const RouteContext context = contextOf(at::tensor(probabilities, at::kDouble).log().view({1, experts}), 1, true);
    for (const AuxLoss& loss : lossesOf(*fixture.router, context, fixture.router->route(context)))
        if (loss.name == "cluster-variance")
            return loss.value.item<double>();
    return std::nan("");
}

TEST(MoEC, VarianceIsZeroForEqualProbabilitiesWithinClusters)
{
    EXPECT_NEAR(clusterVariance({0.35, 0.35, 0.15, 0.15}), 0, 1e-12);
    // Var{.4, .2} = Var{.3, .1} = .02; E = 4 times their mean.
    EXPECT_NEAR(clusterVariance({0.4, 0.2, 0.3, 0.1}), 0.08, 1e-12);
}

}  // namespace
}  // namespace moescope
