// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// SimSMoE: centred kernel alignment, the pair tracker, the loss on top of any recipe. "seeds" is spec/routing-seeds.md.
#include <algorithm>
#include <cmath>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/cat.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/full.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/config/compose_recipe.h"
#include "engine/config/read_config.h"
#include "engine/routing/cka.h"
#include "engine/routing/shared_tokens.h"
#include "tests/support/router_fixture.h"
#include "tests/support/transformer_fixture.h"

namespace moescope {
namespace {

using Ints = std::vector<std::int64_t>;

at::Tensor matrix(const std::vector<std::vector<double>>& rows)
{
    std::vector<double> flat;
    for (const auto& row : rows)
        flat.insert(flat.end(), row.begin(), row.end());
    return at::tensor(flat, at::kDouble).view({static_cast<std::int64_t>(rows.size()), -1});
}

// seeds 7 (h)
at::Tensor goldenX() { return matrix({{1, 0}, {0, 1}, {1, 1}, {2, -1}}); }
at::Tensor goldenY() { return matrix({{1, 2}, {0, 1}, {-1, 1}, {0, 0}}); }

double linearOf(const at::Tensor& a, const at::Tensor& b)
{
    return linearCka(ckaMoments(a, b), a.size(1)).item<double>();
}
double rbf(const at::Tensor& a, const at::Tensor& b) { return rbfCka(a, b, 0.8, false).item<double>(); }
double rbfOfMedian(const at::Tensor& a, const at::Tensor& b) { return rbfCka(a, b, 0.8, true).item<double>(); }

/// A rotation of two features.
at::Tensor turned(const at::Tensor& x, double angle)
{
    return x.matmul(matrix({{std::cos(angle), std::sin(angle)}, {-std::sin(angle), std::cos(angle)}}));
}

TEST(Cka, GoldenNumbers)
{
    EXPECT_NEAR(linearOf(goldenX(), goldenY()), 0.2144910, 1e-7);
    EXPECT_NEAR(rbf(goldenX(), goldenY()), 0.8739901, 1e-7);
    const at::Tensor x5 = at::cat({goldenX(), matrix({{-1, 2}})}), y5 = at::cat({goldenY(), matrix({{2, -1}})});
    EXPECT_NEAR(linearOf(x5, y5), 0.269791, 1e-6);
}

TEST(Cka, IsOneForItselfAndSymmetric)
{
    for (const auto& cka : {linearOf, rbf, rbfOfMedian}) {
        EXPECT_NEAR(cka(goldenX(), goldenX()), 1, 1e-12);
        EXPECT_NEAR(cka(goldenX(), goldenY()), cka(goldenY(), goldenX()), 1e-12);
        const at::Tensor order = at::tensor(Ints{2, 0, 3, 1});
        EXPECT_NEAR(
            cka(goldenX().index_select(0, order), goldenY().index_select(0, order)), cka(goldenX(), goldenY()), 1e-12);
    }
}

TEST(Cka, LinearDoesNotSeeRotationScaleAndOffset)
{
    const at::Tensor moved = turned(goldenX(), 0.7) * -3 + matrix({{5, -2}});
    EXPECT_NEAR(linearOf(goldenX(), moved), 1, 1e-12);
    EXPECT_NEAR(linearOf(goldenY(), moved), linearOf(goldenY(), goldenX()), 1e-12);
    EXPECT_NEAR(linearOf(goldenX(), goldenX() * matrix({{1, 10}})), 0.952149, 1e-6) << "not to any invertible map";
    const at::Tensor one = matrix({{1}, {-1}, {1}, {-1}}), other = matrix({{1}, {1}, {-1}, {-1}});
    EXPECT_NEAR(linearOf(one, other), 0, 1e-12);
}

TEST(Cka, AFixedBandwidthSeesScaleAndThatOfTheMedianDoesNot)
{
    const at::Tensor moved = turned(goldenX(), 0.7) + 5, scaled = turned(goldenX(), 0.7) * 3 + 5;
    EXPECT_NEAR(rbf(goldenX(), moved), 1, 1e-9);
    EXPECT_NEAR(rbf(goldenX(), scaled), 0.937465, 1e-6);
    EXPECT_NEAR(rbfOfMedian(goldenX(), scaled), 1, 1e-9);
}

// seeds 7 (g1): at unit scale a fixed bandwidth of 0.8 calls independent features fully alike.
TEST(Cka, AFixedBandwidthSaturates)
{
    const at::Tensor a = initialNormal(1, "a", {100, 16}, 1).to(at::kDouble),
                     b = initialNormal(1, "b", {100, 16}, 1).to(at::kDouble);
    EXPECT_GT(rbf(a, b), 0.999);
    EXPECT_LT(rbf(a * 0.01, b * 0.01), 0.25);
    EXPECT_LT(rbfOfMedian(a, b), 0.6);
    EXPECT_NEAR(rbfOfMedian(a, b), rbfOfMedian(a * 0.01, b * 0.01), 1e-9);
}

TEST(Cka, TwoTokensAreAlwaysAlikeAndConstantsNever)
{
    EXPECT_NEAR(linearOf(goldenX().slice(0, 0, 2), goldenY().slice(0, 0, 2)), 1, 1e-12);
    const at::Tensor x = goldenX().set_requires_grad(true);
    const at::Tensor constant = at::full({4, 2}, 3.0, at::kDouble);
    for (const at::Tensor& cka :
        {linearCka(ckaMoments(x, constant), 2), rbfCka(x, constant, 0.8, true), rbfCka(x, constant, 0.8, false)}) {
        EXPECT_NEAR(cka.item<double>(), 0, 1e-12);
        EXPECT_FALSE(cka.requires_grad());
    }
}

TEST(Cka, MomentsOfPartsAddUp)
{
    const at::Tensor x = initialNormal(1, "x", {20, 3}, 1), y = initialNormal(1, "y", {20, 3}, 1);
    const at::Tensor sum = ckaMoments(x.slice(0, 0, 7), y.slice(0, 0, 7)) + ckaMoments(x.slice(0, 7), y.slice(0, 7));
    EXPECT_LT((sum - ckaMoments(x, y)).abs().max().item<double>(), 1e-12);
}

TEST(Cka, GradientsAgreeWithFiniteDifferences)
{
    const at::Tensor y = goldenY();
    const auto value = [&](int kind, const at::Tensor& x) {
        return kind == 0 ? linearCka(ckaMoments(x, y), 2) : rbfCka(x, y, 0.8, false);
    };
    for (const int kind : {0, 1}) {
        at::Tensor x = goldenX().set_requires_grad(true);
        value(kind, x).backward();
        for (std::int64_t i = 0; i < x.numel(); ++i) {
            at::Tensor up = x.detach().clone(), down = x.detach().clone();
            up.view({-1})[i].add_(1e-6);
            down.view({-1})[i].sub_(1e-6);
            const double difference = (value(kind, up) - value(kind, down)).item<double>() / 2e-6;
            EXPECT_NEAR(x.grad().view({-1})[i].item<double>(), difference, 1e-7) << kind << ' ' << i;
        }
    }
}

/// Plain top-k over E logits that are the hidden states, with the loss alone.
RoutingConfig routingWith(std::map<std::string, Value> settings, std::int64_t k = 2)
{
    RoutingConfig routing = test::recipe("smoe");
    routing.selector.settings["k"] = k;
    if (k == 1)
        routing.weigher = {"as-is", {}};
    routing.losses = {{"similarity", {"similarity", std::move(settings)}}};
    return routing;
}

/// Hidden states with which the tokens choose these pairs of 4 experts.
at::Tensor tokensOf(const std::vector<std::pair<int, int>>& pairs)
{
    at::Tensor hidden = at::zeros({static_cast<std::int64_t>(pairs.size()), 4}, at::kDouble);
    for (std::size_t t = 0; t < pairs.size(); ++t) {
        const auto token = static_cast<std::int64_t>(t);
        hidden[token][pairs[t].first].add_(2 + 0.1 * static_cast<double>(t));
        hidden[token][pairs[t].second].add_(1 + 0.03 * static_cast<double>(t * t % 5));
    }
    return hidden;
}

struct Tracked {
    RouterFixture fixture;

    explicit Tracked(const RoutingConfig& routing)
        : fixture(routing, 4, 4)
    {
        fixture.makeLogitsOfHidden();
    }

    /// One step of training; the value of the loss.
    double step(const at::Tensor& hidden, bool updates = true)
    {
        fixture.router->onStepBegin(Step{1}, 10);
        const RouteContext context = contextOf(hidden, hidden.size(0), true);
        const RoutePlan plan = fixture.router->route(context);
        const double value = lossesOf(*fixture.router, context, plan).at(0).value.item<double>();
        if (updates)
            fixture.router->onStepEnd({Step{1}, 10, plan.assigned_E, plan.numTokens, plan.assigned_E.unsqueeze(0)});
        return value;
    }

    double share(int i, int j) const { return shares()[i][j].item<double>(); }
    at::Tensor shares() const
    {
        for (const ParameterStore::Buffer& buffer : fixture.store.buffers())
            if (buffer.name == "router.losses.similarity.pair_shares")
                return buffer.value;
        MOESCOPE_CHECK(false, "no table of pairs");
    }
};

// seeds 7 (h): pairs {01, 01, 01, 23} add 0.75 and 0.25.
TEST(SimSmoe, TrackerAddsTheSharesOfPairs)
{
    Tracked tracked(routingWith({}));
    const at::Tensor hidden = tokensOf({{0, 1}, {1, 0}, {0, 1}, {3, 2}});
    EXPECT_EQ(tracked.step(hidden), 0);
    EXPECT_NEAR(tracked.share(0, 1), 0.75, 1e-7);
    EXPECT_NEAR(tracked.share(2, 3), 0.25, 1e-7);
    EXPECT_NEAR(tracked.shares().sum().item<double>(), 1, 1e-7);
    tracked.step(hidden);
    EXPECT_NEAR(tracked.share(0, 1), 1.5, 1e-7);
}

TEST(SimSmoe, AStepWithoutAnUpdateLeavesTheTracker)
{
    Tracked tracked(routingWith({}));
    tracked.step(tokensOf({{0, 1}, {0, 1}, {0, 1}, {2, 3}}), false);
    EXPECT_EQ(tracked.shares().abs().sum().item<double>(), 0);
}

TEST(SimSmoe, FiresOnlyStrictlyAboveTheFrequencyAndStartsAgain)
{
    Tracked tracked(routingWith({{"frequency", 1.5}, {"threshold", 0.0}, {"tokens_per_feature", 0.0}}));
    const at::Tensor hidden = tokensOf({{0, 1}, {1, 0}, {0, 1}, {3, 2}});
    EXPECT_EQ(tracked.step(hidden), 0);
    EXPECT_EQ(tracked.step(hidden), 0);
    EXPECT_NEAR(tracked.share(0, 1), 1.5, 1e-7);
    EXPECT_EQ(tracked.step(hidden), 0) << "1.5 is not above 1.5";
    EXPECT_EQ(tracked.fixture.linearExperts->rowsAsked, 0) << "nothing is due, no expert is asked";
    EXPECT_GT(tracked.step(hidden), 0);
    EXPECT_EQ(tracked.fixture.linearExperts->rowsAsked, 6) << "two experts, three tokens";
    EXPECT_EQ(tracked.share(0, 1), 0);
    EXPECT_NEAR(tracked.share(2, 3), 1, 1e-7) << "other pairs keep theirs";
    EXPECT_EQ(tracked.step(hidden), 0);
}

TEST(SimSmoe, WaitsForEnoughTokens)
{
    Tracked tracked(routingWith({{"frequency", 0.5}, {"threshold", 0.0}, {"tokens_per_feature", 1.0}}));
    const at::Tensor few = tokensOf({{0, 1}, {1, 0}, {0, 1}, {3, 2}}),
                     enough = tokensOf({{0, 1}, {1, 0}, {0, 1}, {1, 0}, {0, 1}});
    tracked.step(few);
    EXPECT_EQ(tracked.step(few), 0) << "three tokens for four features";
    EXPECT_NEAR(tracked.share(0, 1), 1.5, 1e-7) << "the pair stays due";
    EXPECT_GT(tracked.step(enough), 0);
    EXPECT_EQ(tracked.share(0, 1), 0);
}

TEST(SimSmoe, OnlyAboveTheThresholdItIsALoss)
{
    const at::Tensor hidden = tokensOf({{0, 1}, {1, 0}, {0, 1}, {1, 0}, {0, 1}, {1, 0}, {0, 1}});
    const auto valueAt = [&](double threshold) {
        Tracked tracked(routingWith({{"frequency", 0.5}, {"threshold", threshold}, {"tokens_per_feature", 0.0}}));
        tracked.step(hidden);
        return tracked.step(hidden);
    };
    const double cka = valueAt(0);
    ASSERT_GT(cka, 0);
    ASSERT_LT(cka, 1);
    EXPECT_EQ(valueAt(cka - 1e-4), cka);
    EXPECT_EQ(valueAt(cka + 1e-4), 0);
}

TEST(SimSmoe, ReachesTheTwoExpertsAndTheProjectionOnly)
{
    for (const std::string kernel : {"linear", "rbf-median", "rbf-fixed"}) {
        Tracked tracked(
            routingWith({{"frequency", 0.5}, {"threshold", 0.0}, {"tokens_per_feature", 0.0}, {"kernel", kernel}}));
        const at::Tensor hidden = tokensOf({{0, 1}, {1, 0}, {0, 1}, {1, 0}, {0, 1}, {3, 2}}).set_requires_grad(true);
        tracked.step(hidden.detach());
        const RouteContext context = contextOf(hidden, 6, true);
        const RoutePlan plan = tracked.fixture.router->route(context);
        lossesOf(*tracked.fixture.router, context, plan).at(0).value.backward();
        const at::Tensor& experts = tracked.fixture.parameter("experts.w1").grad();
        for (const int expert : {0, 1, 2, 3})
            EXPECT_EQ(experts[expert].abs().sum().item<double>() > 0, expert < 2) << kernel << ' ' << expert;
        EXPECT_EQ(tracked.fixture.parameter("router.weight").grad().abs().sum().item<double>(), 0);
        EXPECT_GT(
            tracked.fixture.parameter("router.losses.similarity.projection.weight").grad().abs().sum().item<double>(),
            0);
        EXPECT_FALSE(hidden.grad().defined()) << "the tokens are detached";
    }
}

TEST(SimSmoe, PairsOfThreeExpertsAndTheRunnerUpOfOne)
{
    RouterFixture three(routingWith({}, 3), 4, 4), one(routingWith({}, 1), 4, 4);
    three.makeLogitsOfHidden();
    one.makeLogitsOfHidden();
    const at::Tensor hidden = matrix({{4, 3, 2, 1}, {1, 2, 3, 4}});
    const SharedTokens triple = sharedTokens(three.router->route(contextOf(hidden, 2, true)), {6});
    Ints expected(16);
    for (const int pair : {1, 2, 6, 7, 11, 6})  // {0 1} {0 2} {1 2} and {1 2} {1 3} {2 3}
        ++expected[static_cast<std::size_t>(pair)];
    EXPECT_EQ(triple.count, expected);
    EXPECT_EQ(triple.tokens.at(0), (Ints{0, 1}));

    const SharedTokens pair = sharedTokens(one.router->route(contextOf(hidden, 2, true)), {});
    EXPECT_EQ(pair.count[1], 1);   // 0 with its runner-up 1
    EXPECT_EQ(pair.count[11], 1);  // 3 with its runner-up 2
}

// Tokens on two ranks give the value and, on average, the gradient of one rank with all of them.
TEST(SimSmoe, LinearValueIsThatOfAllRanks)
{
    const RoutingConfig routing = routingWith({{"frequency", 0.5}, {"threshold", 0.0}, {"tokens_per_feature", 1.0}});
    const at::Tensor hidden = tokensOf({{0, 1}, {1, 0}, {0, 1}, {1, 0}, {0, 1}, {1, 0}});
    Tracked tracked(routing);
    tracked.step(hidden);
    Router& router = *tracked.fixture.router;
    const RouteContext whole = contextOf(hidden, 1, true), left = contextOf(hidden.slice(0, 0, 3), 1, true),
                       right = contextOf(hidden.slice(0, 3), 1, true);
    const RoutePlan plan = router.route(whole), leftPlan = router.route(left), rightPlan = router.route(right);
    const LossSums own = router.sums(whole, plan), leftOwn = router.sums(left, leftPlan),
                   rightOwn = router.sums(right, rightPlan);
    const at::Tensor all = leftOwn.row + rightOwn.row;
    const double expected = router.losses(makeLossContext(whole, plan, own, own.row, 1)).at(0).value.item<double>();
    ASSERT_GT(expected, 0) << "six tokens for four features; three would be too few";
    for (const auto& [context, its, sums] :
        {std::tuple{&left, &leftPlan, &leftOwn}, std::tuple{&right, &rightPlan, &rightOwn}})
        EXPECT_NEAR(
            router.losses(makeLossContext(*context, *its, *sums, all, 2)).at(0).value.item<double>(), expected, 1e-9);
}

TEST(SimSmoe, GoesOnTopOfAnyRecipeThatChoosesExperts)
{
    const Catalog catalog = testCatalog();
    for (const RecipeInfo& recipe : catalog.recipes) {
        if (!recipe.onTopOf.empty())
            continue;
        const std::string id = "simsmoe+" + recipe.id;
        const ConfigReading reading = readConfig("{}", "x", {"routing.recipe=" + id}, catalog);
        const std::vector<Trait> traits = traitsOf(catalog, recipe);
        if (std::ranges::find(traits, Trait::DenseForm) != traits.end()) {
            EXPECT_THAT(toError(reading).text, testing::HasSubstr("makes no pairs of token and expert")) << id;
            continue;
        }
        ASSERT_TRUE(reading.ok()) << toError(reading).text;
        EXPECT_EQ(reading.config.routing.selector.part, recipe.selector.part) << id;
        EXPECT_TRUE(reading.config.routing.losses.contains("similarity")) << id;
        EXPECT_EQ(reading.config.routing.losses.size(), recipe.losses.size() + 1) << id;
    }
}

TEST(SimSmoe, TrainsInAModelAndItsTrackerIsSaved)
{
    RoutingConfig routing = routingOf(*findRecipe(testCatalog(), "simsmoe+switch"));
    routing.losses["similarity"].settings = {{"frequency", 0.0}, {"threshold", 0.0}, {"tokens_per_feature", 0.0}};
    Transformer model(test::smallModel(), routing, Precision::Fp32, 3);
    double value = 0;
    for (const std::int64_t step : {1, 2}) {
        model.parameters().gradient().zero_();
        model.onStepBegin(Step{step}, 10);
        const ForwardResult result = model.forward(test::someBatch(4, 16, 50), test::trainingContext());
        result.total.backward();
        model.onStepEnd(Step{step}, 10, result.stats.assigned_LE, result.stats.tokens);
        for (const AuxLoss& loss : result.losses)
            value = loss.name == "similarity" ? loss.value.item<double>() : value;
        EXPECT_EQ(step == 1, value == 0) << "pairs are due from the second step on";
        EXPECT_EQ(result.answers > result.stats.kept_LE.sum().item<std::int64_t>(), step == 2);
    }
    EXPECT_TRUE(model.parameters().gradient().isfinite().all().item<bool>());
    std::size_t tables = 0;
    for (const ParameterStore::Buffer& buffer : model.parameters().buffers())
        tables += buffer.name.ends_with(".pair_shares");
    EXPECT_EQ(tables, 2U) << "one for each MoE layer, among what checkpoints hold";
}

}  // namespace
}  // namespace moescope
