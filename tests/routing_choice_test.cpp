// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Methods in which experts choose tokens or all compete: invariants of spec/routing-field.md 4.6 and 5.1 ("field").
#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
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

at::Tensor logitsOf(std::uint64_t seed, std::int64_t tokens = 64)
{
    return initialNormal(seed, "hidden", {tokens, 8}, 1.0);
}

std::unique_ptr<RouterFixture> routerOf(const RoutingConfig& routing)
{
    auto fixture = std::make_unique<RouterFixture>(routing, 8, 8);
    fixture->makeLogitsOfHidden();
    return fixture;
}

/// Where the pairs lie in a matrix of tokens and eight experts.
at::Tensor entriesOf(const RoutePlan& plan) { return plan.token_M * 8 + plan.expert_M; }

void endStep(Router& router, std::int64_t step) { router.onStepEnd({Step{step}, 10, at::zeros({8}, at::kLong), 64, {}}); }

Ints thresholdBits(const RouterFixture& fixture)
{
    Ints bits;
    for (const double value : numbersOf<double>(fixture.store.buffers().at(0).value))
        bits.push_back(std::llround(value * 1e7));
    return bits;
}

// field 4.6 (h1), (h3)
TEST(ExpertChoice, EveryExpertGetsItsShareOfDistinctTokens)
{
    const auto fixture = routerOf(recipeNamed("expert-choice"));
    for (const std::int64_t tokens : {64, 60, 5}) {
        const RoutePlan plan = fixture->router->route(contextOf(logitsOf(1, tokens), tokens, true));
        const std::int64_t places = (2 * tokens + 7) / 8;
        EXPECT_EQ(numbersOf<std::int64_t>(plan.assigned_E), Ints(8, places));
        EXPECT_EQ(plan.token_M.numel(), 8 * places) << "coverage of the tokens adds up to E C";
        EXPECT_EQ(plan.choices, 0);
        const at::Tensor score = plan.scores_TE.take(entriesOf(plan));
        EXPECT_EQ((score - plan.weight_M).abs().max().item<double>(), 0) << "weights are not renormalised";
    }
}

TEST(ExpertChoice, AnExpertTakesItsHighestScores)
{
    const auto fixture = routerOf(recipeNamed("expert-choice"));
    const RoutePlan plan = fixture->router->route(contextOf(logitsOf(1), 16, true));
    at::Tensor chosen = at::zeros({64, 8}, at::kBool);
    chosen.put_(entriesOf(plan), at::ones({plan.token_M.numel()}, at::kBool));
    for (std::int64_t e = 0; e < 8; ++e) {
        const at::Tensor scores = plan.scores_TE.select(1, e), mine = chosen.select(1, e);
        EXPECT_GT(scores.masked_select(mine).min().item<double>(),
            scores.masked_select(mine.logical_not()).max().item<double>());
    }
}

// field 4.6 (h4)
TEST(ExpertChoice, WithAllPlacesItIsTheDenseMixture)
{
    RoutingConfig routing = recipeNamed("expert-choice");
    routing.selector.settings["k"] = std::int64_t{8};
    const RoutePlan plan = routerOf(routing)->router->route(contextOf(logitsOf(1), 64, true));
    at::Tensor dense = at::zeros({64, 8});
    dense.put_(entriesOf(plan), plan.weight_M.detach());
    EXPECT_EQ(plan.token_M.numel(), 64 * 8);
    EXPECT_EQ((dense - plan.probs_TE.detach()).abs().max().item<double>(), 0);
}

TEST(ExpertChoice, PaddingTakesNoPlace)
{
    const auto fixture = routerOf(recipeNamed("expert-choice"));
    RouteContext context = contextOf(logitsOf(1), 64, true);
    context.valid_T = at::ones({64}, at::kBool);
    context.valid_T.slice(0, 32).fill_(false);
    const RoutePlan plan = fixture->router->route(context);
    EXPECT_EQ(numbersOf<std::int64_t>(plan.assigned_E), Ints(8, 8)) << "of 32 tokens";
    EXPECT_LT(plan.token_M.max().item<std::int64_t>(), 32);
}

TEST(ExpertChoice, ThresholdsRepeatTheChoiceTheyWereTakenFrom)
{
    const auto fixture = routerOf(recipeNamed("expert-choice"));
    Router& router = *fixture->router;
    router.onStepBegin(Step{1}, 10);
    const RoutePlan training = router.route(contextOf(logitsOf(1), 64, true));
    endStep(router, 1);
    const RoutePlan evaluation = router.route(contextOf(logitsOf(1), 64, false));
    EXPECT_EQ(planText(evaluation), planText(training));
    const at::Tensor half = logitsOf(1).slice(0, 0, 5);
    EXPECT_EQ(planText(router.route(contextOf(half, 5, false))), planText(training, 0, 5, 17))
        << "of each token by itself";
}

TEST(ExpertChoice, ThresholdsAreMeansAtFirstAndThenFollowSlowly)
{
    RoutingConfig routing = recipeNamed("expert-choice");
    routing.selector.settings["momentum"] = 0.6;
    const auto fixture = routerOf(routing);
    const auto stopped = [](std::uint64_t seed) {  // the 16th largest score of each expert
        const at::Tensor probs = logitsOf(seed).softmax(1);
        return std::get<0>(probs.sort(0, /*descending=*/true)).select(0, 15);
    };
    const auto train = [&](std::int64_t step, const std::vector<std::uint64_t>& batches) {
        fixture->router->onStepBegin(Step{step}, 10);
        for (const std::uint64_t seed : batches)
            fixture->router->route(contextOf(logitsOf(seed), 64, true));
        RouteContext again = contextOf(logitsOf(77), 64, true);
        again.recordStats = false;  // recomputation does not count
        fixture->router->route(again);
        endStep(*fixture->router, step);
    };
    const auto expectThresholds = [&](const at::Tensor& expected) {
        const auto found = numbersOf<double>(fixture->store.buffers().at(0).value),
                   wanted = numbersOf<double>(expected);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            EXPECT_NEAR(found[i], wanted[i], 1e-6);
    };
    expectThresholds(at::ones({8}) / 8);
    train(1, {1});
    expectThresholds(stopped(1));
    train(2, {2});
    const at::Tensor second = (stopped(1) + stopped(2)) / 2;
    expectThresholds(second);
    train(3, {3, 4});
    const at::Tensor third = second * 0.6 + (stopped(3) + stopped(4)) * 0.2;
    expectThresholds(third);
    train(4, {5});
    expectThresholds(third * 0.6 + stopped(5) * 0.4);
}

TEST(ExpertChoice, AStepThatWasSkippedLeavesNoTrace)
{
    const auto fixture = routerOf(recipeNamed("expert-choice"));
    const Ints before = thresholdBits(*fixture);
    fixture->router->onStepBegin(Step{1}, 10);
    fixture->router->route(contextOf(logitsOf(1), 64, true));
    fixture->router->onStepBegin(Step{2}, 10);
    endStep(*fixture->router, 2);
    EXPECT_EQ(thresholdBits(*fixture), before);
}

// field 5.1
TEST(ExpertRace, ExactlyKEntriesPerTokenWinInTheMean)
{
    const auto fixture = routerOf(recipeNamed("expert-race"));
    const RoutePlan plan = fixture->router->route(contextOf(logitsOf(1), 16, true));
    EXPECT_EQ(plan.token_M.numel(), 128);
    const at::Tensor winners = plan.logits_TE.take(entriesOf(plan));
    const at::Tensor sorted = std::get<0>(plan.logits_TE.reshape({-1}).sort(-1, /*descending=*/true));
    EXPECT_EQ(winners.min().item<double>(), sorted[127].item<double>());
    EXPECT_EQ((winners - plan.weight_M).abs().max().item<double>(), 0) << "weights are raw logits";
}

TEST(ExpertRace, EvaluationComparesWithTheAverageOfTheLastWinner)
{
    const auto fixture = routerOf(recipeNamed("expert-race"));
    fixture->router->onStepBegin(Step{1}, 10);
    const RoutePlan training = fixture->router->route(contextOf(logitsOf(1), 16, true));
    endStep(*fixture->router, 1);
    EXPECT_EQ(planText(fixture->router->route(contextOf(logitsOf(1), 16, false))), planText(training));
}

double similarityLoss(RoutingConfig routing, const at::Tensor& logits)
{
    routing.losses.clear();
    routing.losses["router-similarity"] = {"router-similarity", {}};
    RouterFixture fixture(routing, logits.size(1), logits.size(1));
    fixture.makeLogitsOfHidden();
    const RouteContext context = contextOf(logits, logits.size(0), true);
    return lossesOf(*fixture.router, context, fixture.router->route(context)).at(0).value.item<double>();
}

// field 5.1: 1 at uniform p.
TEST(ExpertRace, SimilarityLossIsOneForUniformProbabilities)
{
    EXPECT_NEAR(similarityLoss(recipeNamed("expert-race"), at::zeros({64, 8}, at::kDouble)), 1, 1e-12);
}

TEST(ExpertRace, SimilarityLossOfTwoTokensByHand)
{
    const at::Tensor logits = at::tensor({0.8, 0.2, 0.7, 0.3}, at::kDouble).log().view({2, 2});
    RoutingConfig routing = recipeNamed("expert-race");
    routing.selector.settings["k"] = std::int64_t{2};
    // All entries win: W is 1 everywhere, and each row of p adds up to 1.
    EXPECT_NEAR(similarityLoss(routing, logits), 1, 1e-12);
    // Expert 0 wins both tokens, expert 1 none: W_00 = 2, all else 0; (2 / T) (0.8^2 + 0.7^2).
    routing.selector = {"top-k", {{"k", std::int64_t{1}}}};
    EXPECT_NEAR(similarityLoss(routing, logits), 1.13, 1e-12);
}

}  // namespace
}  // namespace moescope
