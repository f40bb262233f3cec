// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Methods that share tokens out: BASE, Sinkhorn, hash layers. Invariants of spec/routing-field.md 4.3, 4.4 and 5.16
// ("field").
#include <algorithm>
#include <cmath>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/arange.h>
#include <ATen/TensorOperators.h>

#include "engine/data/counter_random.h"
#include "engine/routing/balanced_assignment.h"
#include "engine/routing/sinkhorn.h"
#include "tests/support/plan_text.h"

namespace moescope {
namespace {

using Ints = std::vector<std::int64_t>;
using Numbers = std::vector<double>;

RoutingConfig recipeNamed(const char* id)
{
    static const Catalog catalog = testCatalog();
    return routingOf(*catalog.recipe(id));
}

Numbers randomScores(std::uint64_t seed, std::size_t count)
{
    CounterRandom random{seed};
    Numbers scores(count);
    for (double& score : scores)
        score = 4 * random.unit() - 2;
    return scores;
}

double sumOf(const Numbers& scores, const Ints& expert, std::size_t experts)
{
    double sum = 0;
    for (std::size_t n = 0; n < expert.size(); ++n)
        sum += scores[n * experts + static_cast<std::size_t>(expert[n])];
    return sum;
}

Ints loadOf(const Ints& expert, std::size_t experts)
{
    Ints load(experts);
    for (const std::int64_t e : expert)
        ++load[static_cast<std::size_t>(e)];
    return load;
}

/// The best sum over all ways to share the tokens out.
double bestSum(const Numbers& scores, std::size_t experts, std::size_t places)
{
    const std::size_t tokens = scores.size() / experts;
    double best = -1e300;
    Ints expert(tokens);
    for (;;) {
        const Ints load = loadOf(expert, experts);
        if (*std::ranges::max_element(load) <= static_cast<std::int64_t>(places))
            best = std::max(best, sumOf(scores, expert, experts));
        std::size_t n = 0;
        while (n < tokens && ++expert[n] == static_cast<std::int64_t>(experts))
            expert[n++] = 0;
        if (n == tokens)
            return best;
    }
}

/// Tokens in order, each to its best expert that has a place.
double greedySum(const Numbers& scores, std::size_t experts, std::size_t places)
{
    Ints load(experts);
    double sum = 0;
    for (std::size_t first = 0; first < scores.size(); first += experts) {
        std::size_t best = experts;
        for (std::size_t e = 0; e < experts; ++e)
            if (load[e] < static_cast<std::int64_t>(places)
                && (best == experts || scores[first + e] > scores[first + best]))
                best = e;
        ++load[best];
        sum += scores[first + best];
    }
    return sum;
}

// field 4.3 (h1)
TEST(Base, EveryExpertGetsEquallyManyTokens)
{
    for (const std::size_t tokens : {8U, 64U, 512U})
        EXPECT_EQ(loadOf(balancedAssignment(randomScores(tokens, tokens * 8), 8), 8),
            Ints(8, static_cast<std::int64_t>(tokens / 8)));
    const Ints uneven = loadOf(balancedAssignment(randomScores(3, 21 * 8), 8), 8);
    EXPECT_LE(*std::ranges::max_element(uneven), 3) << "at most the share rounded up";
    EXPECT_EQ(std::accumulate(uneven.begin(), uneven.end(), std::int64_t{0}), 21);
    EXPECT_EQ(balancedAssignment(Numbers{}, 4), Ints{});
    EXPECT_EQ(balancedAssignment(Numbers{1, 5, 2, 5}, 4), Ints{1});
}

// field 4.3 (h2), with an exact solver: equal to the optimum, and at least what greed reaches.
TEST(Base, SumOfScoresIsTheLargestPossible)
{
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const Numbers scores = randomScores(seed, std::size_t{7} * 3);
        EXPECT_NEAR(sumOf(scores, balancedAssignment(scores, 3), 3), bestSum(scores, 3, 3), 1e-12) << seed;
    }
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const Numbers scores = randomScores(seed, std::size_t{128} * 8);
        EXPECT_GE(sumOf(scores, balancedAssignment(scores, 8), 8), greedySum(scores, 8, 16) - 1e-9);
    }
}

TEST(Base, ACollapsedRouterIsSharedOutTheBestWay)
{
    constexpr std::size_t kTokens = 2048, kExperts = 8;
    Numbers scores = randomScores(1, kTokens * kExperts);
    for (std::size_t n = 0; n < kTokens; ++n)
        scores[n * kExperts] += 10;
    const Ints expert = balancedAssignment(scores, kExperts);
    EXPECT_EQ(loadOf(expert, kExperts), Ints(kExperts, kTokens / kExperts));
    // Along no cycle of experts does the sum grow: shortest ways between experts, each the cheapest token to move.
    std::vector<Numbers> way(kExperts, Numbers(kExperts, 1e300));
    for (std::size_t n = 0; n < kTokens; ++n)
        for (std::size_t to = 0; to < kExperts; ++to) {
            const auto from = static_cast<std::size_t>(expert[n]);
            way[from][to] = std::min(way[from][to], scores[n * kExperts + from] - scores[n * kExperts + to]);
        }
    for (std::size_t over = 0; over < kExperts; ++over)
        for (std::size_t from = 0; from < kExperts; ++from)
            for (std::size_t to = 0; to < kExperts; ++to)
                way[from][to] = std::min(way[from][to], way[from][over] + way[over][to]);
    for (std::size_t e = 0; e < kExperts; ++e)
        EXPECT_GE(way[e][e], -1e-9);
}

// field 4.3 (h3), (h5)
TEST(Base, BalancedMaximaAreKeptAndAConstantPerTokenChangesNothing)
{
    Numbers scores = randomScores(4, std::size_t{64} * 8);
    Ints best(64);
    for (std::size_t n = 0; n < 64; ++n) {
        best[n] = static_cast<std::int64_t>((n * 5) % 8);
        scores[n * 8 + static_cast<std::size_t>(best[n])] = 3;
    }
    EXPECT_EQ(balancedAssignment(scores, 8), best);

    const Numbers plain = randomScores(5, std::size_t{64} * 8);
    Numbers shifted = plain;
    for (std::size_t i = 0; i < shifted.size(); ++i)
        shifted[i] += static_cast<double>(i / 8);
    EXPECT_EQ(balancedAssignment(shifted, 8), balancedAssignment(plain, 8));
}

// field 4.3 (h1), (h4)
TEST(Base, TrainingIsBalancedAndEvaluationGreedy)
{
    RouterFixture fixture(recipeNamed("base"), 8, 8);
    fixture.makeLogitsOfHidden();
    const at::Tensor logits = initialNormal(1, "hidden", {64, 8}, 1.0);
    const RoutePlan training = fixture.router->route(contextOf(logits, 16, true));
    EXPECT_EQ(numbersOf<std::int64_t>(training.assigned_E), Ints(8, 8));
    EXPECT_LT((training.weight_M - training.logits_TE.gather(1, training.expert_M.unsqueeze(1)).squeeze(1).sigmoid())
                  .abs()
                  .max()
                  .item<double>(),
        1e-6);
    const RoutePlan evaluation = fixture.router->route(contextOf(logits, 16, false));
    EXPECT_EQ(numbersOf<std::int64_t>(evaluation.expert_M), numbersOf<std::int64_t>(logits.argmax(1)));
}

// field 5.16
TEST(Sinkhorn, RowsAndColumnsOfThePlanAreEqual)
{
    constexpr std::size_t kTokens = 96, kExperts = 6;
    const SinkhornPlan plan = sinkhornPlan(randomScores(1, kTokens * kExperts), kExperts, 1e-9, 1000);
    Numbers columns(kExperts);
    for (std::size_t n = 0; n < kTokens; ++n) {
        double row = 0;
        for (std::size_t e = 0; e < kExperts; ++e) {
            row += std::exp(plan.log_NE[n * kExperts + e]);
            columns[e] += std::exp(plan.log_NE[n * kExperts + e]);
        }
        EXPECT_NEAR(row, 1.0 / kTokens, 1e-8);
    }
    for (const double column : columns)
        EXPECT_NEAR(column, 1.0 / kExperts, 1e-12);
    EXPECT_LT(plan.iterations, 1000);
}

TEST(Sinkhorn, UniformLogitsHaveAUniformPlan)
{
    for (const double log : sinkhornPlan(Numbers(32 * 4, 2.5), 4, 1e-4, 50).log_NE)
        EXPECT_NEAR(log, -std::log(32.0 * 4), 1e-12);
}

TEST(Sinkhorn, ConstantsPerTokenOrExpertDoNotMatter)
{
    const Numbers logits = randomScores(2, std::size_t{32} * 4);
    Numbers shifted = logits;
    for (std::size_t i = 0; i < shifted.size(); ++i)
        shifted[i] += 0.5 * static_cast<double>(i / 4) - 3 * static_cast<double>(i % 4);
    const Numbers plan = sinkhornPlan(logits, 4, 1e-13, 10000).log_NE;
    const Numbers same = sinkhornPlan(shifted, 4, 1e-13, 10000).log_NE;
    for (std::size_t i = 0; i < plan.size(); ++i)
        EXPECT_NEAR(same[i], plan[i], 1e-9);
}

TEST(Sinkhorn, HugeLogitsStayFinite)
{
    Numbers logits = randomScores(3, std::size_t{32} * 4);
    for (double& logit : logits)
        logit *= 5000;  // up to 1e4: exp() would overflow
    const SinkhornPlan plan = sinkhornPlan(logits, 4, 1e-4, 50);
    EXPECT_LE(plan.iterations, 50);
    for (const double log : plan.log_NE)
        EXPECT_TRUE(std::isfinite(log));
}

TEST(Sinkhorn, TrainingLoadIsNearlyEqualAndEvaluationFollowsTheLogits)
{
    RouterFixture fixture(recipeNamed("sinkhorn"), 8, 8);
    fixture.makeLogitsOfHidden();
    at::Tensor logits = initialNormal(1, "hidden", {512, 8}, 1.0);
    logits.select(1, 2).add_(6);
    const RoutePlan training = fixture.router->route(contextOf(logits, 64, true));
    for (const std::int64_t count : numbersOf<std::int64_t>(training.assigned_E))
        EXPECT_NEAR(static_cast<double>(count), 64, 32);
    const RoutePlan evaluation = fixture.router->route(contextOf(logits, 64, false));
    EXPECT_EQ(numbersOf<std::int64_t>(evaluation.expert_M), numbersOf<std::int64_t>(logits.argmax(1)));
    EXPECT_GT(evaluation.assigned_E[2].item<std::int64_t>(), 480);
}

RouteContext withIds(const at::Tensor& ids, std::uint64_t seed = 1)
{
    RouteContext context = contextOf(initialNormal(seed, "hidden", {ids.numel(), 8}, 1.0), ids.numel(), true);
    context.tokens_T = ids;
    return context;
}

const at::Tensor& tableOf(const RouterFixture& fixture) { return fixture.store.buffers().at(0).value; }

// field 4.4 (h1), (h2), (h4)
TEST(Hash, ATokenHasOneExpertForEverAndNothingIsLearnt)
{
    const at::Tensor ids = at::arange(256, at::kLong);
    for (const char* recipe : {"hash", "hash-balanced"}) {
        RouterFixture fixture(recipeNamed(recipe), 8, 8), again(recipeNamed(recipe), 8, 8);
        EXPECT_EQ(fixture.store.parameters().size(), 1U) << "the router has no parameter";
        const Ints expected = numbersOf<std::int64_t>(fixture.router->route(withIds(ids)).expert_M);
        RouteContext later = withIds(ids.flip(0), 9);
        later.step = Step{1000};
        later.training = false;
        Ints turned = numbersOf<std::int64_t>(again.router->route(later).expert_M);
        std::ranges::reverse(turned);
        EXPECT_EQ(turned, expected) << recipe;
        for (const double weight : numbersOf<double>(fixture.router->route(withIds(ids)).weight_M))
            EXPECT_EQ(weight, 1);
    }
}

TEST(Hash, RandomTablesDifferBySeedAndLayerAndUseAllExperts)
{
    RouterFixture one(recipeNamed("hash"), 8, 8, 1), other(recipeNamed("hash"), 8, 8, 2);
    EXPECT_NE(numbersOf<std::int64_t>(tableOf(one)), numbersOf<std::int64_t>(tableOf(other)));
    ParameterStore store;
    makeRouter(recipeNamed("hash"), one.model, LayerId{1}, 1, store, "router");
    EXPECT_NE(numbersOf<std::int64_t>(store.buffers().at(0).value), numbersOf<std::int64_t>(tableOf(one)));
    const Ints members = loadOf(numbersOf<std::int64_t>(tableOf(one)), 8);
    EXPECT_GT(*std::ranges::min_element(members), 10);
    EXPECT_FALSE(one.router->needsTokenCounts());
}

// field 4.4 (h3)
TEST(HashBalanced, BucketsDifferByAtMostTheLastTokenOfTheHeaviest)
{
    RouterFixture fixture(recipeNamed("hash-balanced"), 8, 8);
    ASSERT_TRUE(fixture.router->needsTokenCounts());
    at::Tensor counts = (100000 / at::arange(1, 257, at::kDouble)).to(at::kLong);  // Zipf
    counts.slice(0, 200).zero_();
    fixture.router->onTokenCounts(counts);
    const Ints table = numbersOf<std::int64_t>(tableOf(fixture)), count = numbersOf<std::int64_t>(counts);
    Ints mass(8), last(8, 1'000'000), members(8);
    for (std::size_t token = 0; token < table.size(); ++token) {
        const auto e = static_cast<std::size_t>(table[token]);
        mass[e] += count[token];
        ++members[e];
        if (count[token] > 0)
            last[e] = std::min(last[e], count[token]);
    }
    const auto heaviest = std::ranges::max_element(mass);
    EXPECT_LE(*heaviest - *std::ranges::min_element(mass), last[static_cast<std::size_t>(heaviest - mass.begin())]);
    EXPECT_GE(*heaviest, count[0]) << "the commonest token bounds the balance";
    EXPECT_GT(*std::ranges::min_element(members), 0);
}

TEST(HashBalanced, TokensThatNeverComeAreSpreadToo)
{
    const RouterFixture fixture(recipeNamed("hash-balanced"), 8, 8);
    EXPECT_EQ(loadOf(numbersOf<std::int64_t>(tableOf(fixture)), 8), Ints(8, 32)) << "before anything was counted";
}

}  // namespace
}  // namespace moescope
