// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Routers over experts that are not alike: MoE++ and TC-MoE (spec/routing-field.md 5.15, spec/routing-seeds.md 8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/eye.h>
#include <ATen/ops/zeros.h>

#include "engine/config/routed_experts.h"
#include "tests/support/plan_text.h"
#include "tests/support/routing_decisions.h"

namespace moescope {
namespace {

using testing::ElementsAre;

/// A recipe over logits that the test writes down, one for each routed expert.
struct MixedRouter : RouterFixture {
    MixedRouter(const char* recipe, std::int64_t feedForward, std::map<std::string, Value> fields, std::int64_t k,
        PartChoice scorer = {"linear", {}})
        : RouterFixture(
            routingFor(recipe, k, std::move(scorer)), feedForward, columnsOf(feedForward, fields), 1, fields)
    {
        const c10::NoGradGuard noGrad;
        parameter("router.weight").copy_(at::eye(numRoutedExperts(model)));
    }

    static RoutingConfig routingFor(const char* recipe, std::int64_t k, PartChoice scorer)
    {
        RoutingConfig routing = routingOf(*testCatalog().recipe(recipe));
        routing.selector.settings["k"] = k;
        routing.scorer = std::move(scorer);
        return routing;
    }
    static std::int64_t columnsOf(std::int64_t feedForward, const std::map<std::string, Value>& fields)
    {
        return numRoutedExperts(modelWith(feedForward, 1, fields));
    }

    RoutePlan plan(const at::Tensor& logits_TE, bool training = true) const
    {
        return router->route(contextOf(logits_TE, logits_TE.size(0), training));
    }
    double loss(const std::string& name, const at::Tensor& logits_TE) const
    {
        const RouteContext context = contextOf(logits_TE, logits_TE.size(0), true);
        for (const AuxLoss& loss : lossesOf(*router, context, router->route(context)))
            if (loss.name == name)
                return loss.value.item<double>();
        ADD_FAILURE() << "no loss " << name;
        return 0;
    }
};

const std::map<std::string, Value> kMoePlusPlus = {
    {"zero_experts", std::int64_t{1}}, {"copy_experts", std::int64_t{1}}, {"constant_experts", std::int64_t{2}}};

// γ = 1.1, τ = 0.75, N_FFN = 8, N_Z = 4, T = 100, k = 2: 1.1 · 200 / (0.75 · 8 + 4) = 22 places, and 16.5 for a
// feed-forward expert; 8 · 16.5 + 4 · 22 = γ k T.
TEST(MoePlusPlus, PlacesOfAllKindsAddUpToGammaTimesThePairs)
{
    const MixedRouter router("moe-plus-plus", 8, kMoePlusPlus, 2);
    at::Tensor logits = at::zeros({100, 12}, at::kDouble);
    logits.select(1, 0).fill_(2);
    logits.select(1, 11).fill_(1);
    const RoutePlan plan = router.plan(logits);
    EXPECT_EQ(plan.kept_E[0].item<std::int64_t>(), 17) << "16.5, rounded up";
    EXPECT_EQ(plan.kept_E[11].item<std::int64_t>(), 22);
    EXPECT_EQ(router.plan(logits, false).kept_E[0].item<std::int64_t>(), 100) << "dropless in evaluation";
}

// p uniform, k = 1: Σ η f P̄ = (1/E) Σ η f; f = 1 at the expert that all tokens take, the lowest of equals.
TEST(MoePlusPlus, ZeroComputationExpertsCountLessInTheBalanceLoss)
{
    const MixedRouter router("moe-plus-plus", 4, kMoePlusPlus, 1);
    at::Tensor logits = at::zeros({10, 8}, at::kDouble);
    logits.select(1, 1).fill_(1e-6);
    EXPECT_NEAR(router.loss("balance", logits), 1.0 / 8, 1e-6);
    logits.select(1, 5).fill_(2e-6);
    EXPECT_NEAR(router.loss("balance", logits), 0.75 / 8, 1e-6);
}

const std::map<std::string, Value> kTernary = {{"negative_experts", true}, {"zero_experts", std::int64_t{1}}};

// seeds 8.2: E = 2, K = 1, z = 0: q = [.3655, .3655, .1345, .1345, 1.66e-5], top-1 weight .999955.
TEST(TcMoE, OffsetsAndWeightOfTheGoldenCase)
{
    const MixedRouter router("tc-moe", 2, kTernary, 1, {"ternary", {}});
    const RoutePlan plan = router.plan(at::zeros({1, 5}, at::kDouble));
    expectNear(plan.logits_TE, {0, 0, -1, -1, -10}, 0);
    expectNear(plan.scores_TE, {0.3655, 0.3655, 0.1345, 0.1345, 1.66e-5}, 5e-5);
    expectNear(plan.weight_M, {0.999955}, 5e-7);
}

TEST(TcMoE, WeightsAddUpToLessThanOneAndAZeroExpertWeighsNothing)
{
    const MixedRouter router("tc-moe", 2, kTernary, 2, {"ternary", {{"negative_offset", 0.0}, {"zero_offset", 0.0}}});
    // q = [8, 4, 2, 1, 1] / 16: 8/13 + 4/13; then [2, 4, 1, 1, 8] / 16: the zero expert and 4 / (4 + 8).
    const at::Tensor logits = logitsOf({{8, 4, 2, 1, 1}, {2, 4, 1, 1, 8}}).log();
    const RoutePlan plan = router.plan(logits);
    EXPECT_THAT(numbersOf<std::int64_t>(plan.expert_M), ElementsAre(0, 1, 4, 1));
    expectNear(plan.weight_M, {8.0 / 13, 4.0 / 13, 0, 4.0 / 12}, 1e-12);
}

// Tokens take +0, −0, +1 and none: f = [2, 1] / 4 of base experts; p of each token is .6 for its choice, else .1.
TEST(TcMoE, AnExpertAndItsNegativeAreBalancedAsOne)
{
    const MixedRouter router("tc-moe", 2, kTernary, 1, {"ternary", {{"negative_offset", 0.0}, {"zero_offset", 0.0}}});
    const at::Tensor logits = logitsOf({{6, 1, 1, 1, 1}, {1, 1, 6, 1, 1}, {1, 6, 1, 1, 1}, {1, 1, 1, 1, 6}}).log();
    const double p0 = (7 + 7 + 2 + 2) / 40.0, p1 = (2 + 2 + 7 + 2) / 40.0;
    EXPECT_NEAR(router.loss("balance", logits), 0.5 * p0 + 0.25 * p1, 1e-12);
    EXPECT_NEAR(router.loss("reward", logits), -(1 + 1 + 1 + 6) / 40.0, 1e-12);
}

}  // namespace
}  // namespace moescope
