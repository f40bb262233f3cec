// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Golden numbers and invariants of the methods that mix tokens or parameters: "field" is spec/routing-field.md.
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randperm.h>
#include <ATen/ops/tensor.h>
#include <ATen/TensorOperators.h>

#include "engine/config/read_config.h"
#include "engine/routing/dense_plan.h"
#include "tests/support/plan_text.h"

namespace moescope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Ints = std::vector<std::int64_t>;

RoutingConfig mixing(const std::string& selector, std::map<std::string, Value> settings = {})
{
    RoutingConfig routing;
    routing.scorer = {"linear", {}};
    routing.scoreMap = {"softmax", {}};
    routing.selector = {selector, std::move(settings)};
    routing.capacity = {"dropless", {}};
    routing.weigher = {"as-is", {}};
    return routing;
}

at::Tensor logitsOf(const std::vector<std::vector<double>>& rows)
{
    std::vector<double> flat;
    for (const auto& row : rows)
        flat.insert(flat.end(), row.begin(), row.end());
    return at::tensor(flat, at::kDouble).view({static_cast<std::int64_t>(rows.size()), -1});
}

/// The plan where hidden states are the logits.
RoutePlan planOf(const RoutingConfig& routing, const at::Tensor& logits_TE, std::int64_t length, bool training = false)
{
    RouterFixture fixture(routing, logits_TE.size(1), logits_TE.size(1));
    fixture.makeLogitsOfHidden();
    return fixture.router->route(contextOf(logits_TE, length, training));
}

void expectNear(const at::Tensor& found, const std::vector<double>& expected, double tolerance = 1e-6)
{
    const auto numbers = numbersOf<double>(found.contiguous());
    ASSERT_EQ(numbers.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_NEAR(numbers[i], expected[i], tolerance) << "at " << i;
}

// field 5.5: p = softmax of the mean over the sequence; softmax(1, 0) = 0.7310586.
TEST(Smear, MixesBySoftmaxOfTheMeanLogits)
{
    const RoutePlan plan = planOf(mixing("merge"), logitsOf({{2, 0}, {0, 0}, {0, 1}, {0, 3}}), 2);
    expectNear(plan.dense->mix_GE, {0.7310586, 0.2689414, 0.1192029, 0.8807971});
    expectNear(plan.probs_TE.select(1, 0), {0.7310586, 0.7310586, 0.1192029, 0.1192029});
    expectNear(plan.mass_E, {2 * (0.7310586 + 0.1192029), 2 * (0.2689414 + 0.8807971)});
    EXPECT_EQ(numbersOf<std::int64_t>(plan.assigned_E), (Ints{2, 2}));
    EXPECT_EQ(numbersOf<std::int64_t>(plan.first_E), (Ints{2, 2}));
    EXPECT_EQ(plan.numTokens, 4);
}

TEST(Smear, DroppedExpertsLeaveTheirShareToTheOthers)
{
    const at::Tensor logits = initialNormal(3, "logits", {64, 8}, 1).to(at::kDouble);
    const at::Tensor whole = planOf(mixing("merge"), logits, 2, true).dense->mix_GE;
    const at::Tensor mix = planOf(mixing("merge", {{"expert_dropout", 0.5}}), logits, 2, true).dense->mix_GE;
    const at::Tensor kept = mix > 0;
    const at::Tensor expected = whole * kept / (whole * kept).sum(1, true);
    expectNear(mix, numbersOf<double>(expected), 1e-12);
    const double share = kept.to(at::kDouble).mean().item<double>();
    EXPECT_NEAR(share, 0.5, 3 * 0.5 / std::sqrt(32.0 * 8)) << "three standard errors";
}

TEST(Smear, NeverDropsAllExperts)
{
    const RoutePlan plan = planOf(mixing("merge", {{"expert_dropout", 0.99}}), logitsOf({{1, 2}, {3, 4}}), 1, true);
    expectNear(plan.dense->mix_GE.sum(1), {1, 1}, 1e-12);
}

// A sequence of 5 in segments of 2: tokens (0 1) (2 3) (4); mixed by token 0, by (0 1), by (2 3).
TEST(Lory, TheSegmentBeforeMixes)
{
    const RoutingConfig routing =
        mixing("merge", {{"pool", std::string("previous-segment")}, {"segment", std::int64_t{2}}});
    const at::Tensor logits = logitsOf({{1, 0}, {3, 0}, {0, 2}, {0, 0}, {9, 9}}).set_requires_grad(true);
    const RoutePlan plan = planOf(routing, logits, 5);
    EXPECT_EQ(numbersOf<std::int64_t>(plan.dense->token_GN), (Ints{0, 1, 2, 3, 4, -1}));
    expectNear(plan.dense->mix_GE.select(1, 0), {0.7310586, 0.8807971, 0.2689414});
    expectNear(plan.probs_TE.select(1, 0), {0.7310586, 0.7310586, 0.8807971, 0.8807971, 0.2689414});

    plan.dense->mix_GE[0][0].backward({}, /*retain_graph=*/true);
    EXPECT_NE(logits.grad()[0][0].item<double>(), 0);
    EXPECT_EQ(logits.grad().slice(0, 1).abs().sum().item<double>(), 0) << "the first token alone mixes at first";
    plan.dense->mix_GE.select(1, 0).sum().backward();
    EXPECT_NE(logits.grad()[3][0].item<double>(), 0);
    EXPECT_EQ(logits.grad()[4].abs().sum().item<double>(), 0) << "nothing follows the last segment";
}

// z = [[ln 3, 0], [0, 0]]: over tokens 3/4 1/4 and 1/2 1/2, over slots 3/4 1/4 and 1/2 1/2.
TEST(SoftMoe, DispatchesOverTokensAndCombinesOverSlots)
{
    const RoutePlan plan = planOf(mixing("soft-slots"), logitsOf({{std::log(3.0), 0}, {0, 0}}), 2);
    expectNear(plan.dense->dispatch_GSN, {0.75, 0.25, 0.5, 0.5}, 1e-12);
    expectNear(plan.dense->combine_GNS, {0.75, 0.25, 0.5, 0.5}, 1e-12);
    expectNear(plan.mass_E, {1.25, 0.75}, 1e-12);
    EXPECT_EQ(numbersOf<std::int64_t>(plan.assigned_E), (Ints{1, 1}));
}

RoutingConfig softMoe(std::int64_t slots)
{
    RoutingConfig routing = mixing("soft-slots");
    routing.scorer = {"slots", {{"slots", slots}}};
    return routing;
}

// field 5.6: permutation equivariant in the tokens.
TEST(SoftMoe, PermutedTokensHavePermutedWeights)
{
    RouterFixture fixture(softMoe(3), 4, 16);
    const at::Tensor hidden = initialNormal(2, "hidden", {32, 16}, 1).to(at::kDouble);
    const at::Tensor order = (at::arange(32, at::kLong) * 13 + 5).remainder(32);
    const DensePlan plan = *fixture.router->route(contextOf(hidden, 32, false)).dense;
    const DensePlan other = *fixture.router->route(contextOf(hidden.index_select(0, order), 32, false)).dense;
    EXPECT_LT((other.dispatch_GSN - plan.dispatch_GSN.index_select(2, order)).abs().max().item<double>(), 1e-12);
    EXPECT_LT((other.combine_GNS - plan.combine_GNS.index_select(1, order)).abs().max().item<double>(), 1e-12);
}

TEST(SoftMoe, GradientReachesEveryTokenAndSlot)
{
    RouterFixture fixture(softMoe(3), 4, 16);
    const at::Tensor hidden = initialNormal(2, "hidden", {8, 16}, 1).set_requires_grad(true);
    const DensePlan plan = *fixture.router->route(contextOf(hidden, 8, true)).dense;
    (plan.dispatch_GSN * initialNormal(3, "f", plan.dispatch_GSN.sizes(), 1)).sum().backward();
    EXPECT_GT(hidden.grad().abs().sum(1).min().item<double>(), 0);
    EXPECT_GT(fixture.parameter("router.weight").grad().abs().sum(1).min().item<double>(), 0);
    EXPECT_NE(fixture.parameter("router.scale").grad().item<double>(), 0);
}

TEST(SoftMoe, LengthOfATokenSaysNothing)
{
    RouterFixture fixture(softMoe(2), 4, 16);
    const at::Tensor hidden = initialNormal(2, "hidden", {8, 16}, 1).to(at::kDouble);
    const at::Tensor one = fixture.router->route(contextOf(hidden, 8, false)).logits_TE;
    const at::Tensor seven = fixture.router->route(contextOf(hidden * 7, 8, false)).logits_TE;
    EXPECT_LT((one - seven).abs().max().item<double>(), 1e-6);
}

// 64 tokens of context, 8 experts: 8 slots each at factor 1, 4 at 1/2, never fewer than one.
TEST(SoftMoe, SlotsFollowTheCapacityFactor)
{
    for (const auto& [factor, slots] : std::vector<std::pair<double, std::int64_t>>{{1, 8}, {0.5, 4}, {0.01, 1}}) {
        RoutingConfig routing = softMoe(0);
        routing.scorer.settings["capacity_factor"] = factor;
        EXPECT_EQ(RouterFixture(routing, 8, 16).parameter("router.weight").size(0), 8 * slots) << factor;
    }
}

TEST(SoftMoe, AnExpertsLogitIsThatOfItsSlotsTogether)
{
    RouterFixture fixture(softMoe(3), 4, 16);
    const at::Tensor hidden = initialNormal(2, "hidden", {8, 16}, 1).to(at::kDouble);
    const RoutePlan plan = fixture.router->route(contextOf(hidden, 8, false));
    EXPECT_LT((plan.logits_TE.softmax(1) - plan.probs_TE).abs().max().item<double>(), 1e-12);
    EXPECT_LT((plan.scores_TE - plan.dense->share_TE).abs().max().item<double>(), 1e-12);
}

// Two sequences of two: token 0 meets token 2, token 1 meets token 3. softmax(ln 3, 0) = 3/4, 1/4.
TEST(MixtureOfTokens, GroupsTheSamePositionOfSeveralSequences)
{
    const double three = std::log(3.0);
    const at::Tensor logits = logitsOf({{three, 0}, {0, 0}, {0, 0}, {0, three}});
    const RoutePlan plan = planOf(mixing("token-mix"), logits, 2);
    EXPECT_EQ(numbersOf<std::int64_t>(plan.dense->token_GN), (Ints{0, 2, 1, 3}));
    expectNear(plan.dense->combine_GNS, {0.75, 0.5, 0.25, 0.5, 0.5, 0.25, 0.5, 0.75}, 1e-12);
    EXPECT_TRUE(at::equal(plan.dense->dispatch_GSN, plan.dense->combine_GNS.transpose(1, 2)));
    expectNear(plan.dense->combine_GNS.sum(1), {1, 1, 1, 1}, 1e-12);
    expectNear(plan.mass_E, {2, 2}, 1e-12);
    const RoutePlan cold = planOf(mixing("token-mix", {{"temperature", 0.5}}), logits, 2);
    expectNear(cold.dense->combine_GNS.select(2, 0).select(0, 0), {0.9, 0.1}, 1e-12);
}

// field 5.14: a group of one token gets all experts, summed.
TEST(MixtureOfTokens, AGroupOfOneGetsEveryExpertWhole)
{
    const RoutePlan plan = planOf(mixing("token-mix", {{"group", std::int64_t{1}}}), logitsOf({{5, 0}, {1, 2}}), 1);
    expectNear(plan.dense->combine_GNS, {1, 1, 1, 1}, 0);
    expectNear(planOf(mixing("token-mix"), logitsOf({{5, 0}, {1, 2}}), 2).dense->combine_GNS, {1, 1, 1, 1}, 0);
}

TEST(MixtureOfTokens, TheLastGroupMayBeSmaller)
{
    const RoutePlan plan =
        planOf(mixing("token-mix", {{"group", std::int64_t{2}}}), logitsOf({{0, 0}, {0, 0}, {0, 9}}), 1);
    EXPECT_EQ(numbersOf<std::int64_t>(plan.dense->token_GN), (Ints{0, 1, 2, -1}));
    expectNear(plan.dense->combine_GNS, {0.5, 0.5, 0.5, 0.5, 1, 1, 0, 0}, 0);
}

TEST(MixtureOfTokens, OrderWithinTheGroupSaysNothing)
{
    const at::Tensor logits = initialNormal(4, "logits", {4, 3}, 1).to(at::kDouble);
    const at::Tensor order = at::tensor({2, 0, 3, 1}, at::kLong);
    const at::Tensor one = planOf(mixing("token-mix", {{"group", std::int64_t{4}}}), logits, 1).dense->combine_GNS;
    const at::Tensor other =
        planOf(mixing("token-mix", {{"group", std::int64_t{4}}}), logits.index_select(0, order), 1).dense->combine_GNS;
    EXPECT_LT((other - one.index_select(1, order)).abs().max().item<double>(), 1e-12);
}

TEST(MixtureOfTokens, LearntTemperatureStartsAtTheGivenOne)
{
    const at::Tensor logits = initialNormal(4, "logits", {4, 3}, 1).to(at::kDouble);
    RouterFixture fixture(mixing("token-mix", {{"temperature", 0.5}, {"learn_temperature", true}}), 3, 3);
    fixture.makeLogitsOfHidden();
    const DensePlan learnt = *fixture.router->route(contextOf(logits, 1, true)).dense;
    const DensePlan fixed = *planOf(mixing("token-mix", {{"temperature", 0.5}}), logits, 1).dense;
    EXPECT_LT((learnt.combine_GNS - fixed.combine_GNS).abs().max().item<double>(), 1e-6);
    learnt.combine_GNS.select(1, 0).sum().backward();
    EXPECT_NE(fixture.parameter("router.selector.log_temperature").grad().item<double>(), 0);
}

TEST(DensePlan, MassesBecomeWholeNumbersOfTheSameSum)
{
    const auto whole = [](std::vector<double> mass) {
        return numbersOf<std::int64_t>(wholeNumbers(at::tensor(mass, at::kDouble)));
    };
    EXPECT_THAT(whole({1.25, 0.75}), ElementsAre(1, 1));
    EXPECT_THAT(whole({0.4, 0.4, 0.2}), ElementsAre(1, 0, 0)) << "ties to the lower number";
    EXPECT_THAT(whole({2.5, 2.7, 0.8}), ElementsAre(2, 3, 1));
    EXPECT_THAT(whole({3, 0}), ElementsAre(3, 0));
    EXPECT_THAT(whole({1, std::numeric_limits<double>::quiet_NaN()}), ElementsAre(0, 0));
}

TEST(DensePlan, LossesSeeMassesInPlaceOfCounts)
{
    const RoutePlan plan = planOf(mixing("soft-slots"), logitsOf({{std::log(3.0), 0}, {0, 0}}), 2);
    expectNear(lossSums(plan), {1.25, 0.75, 2, 0, 1.25, 0.75, 1.25, 0.75, 2}, 1e-12);
}

TEST(DensePlan, ALossThatWantsPairsIsRefusedByTheConfiguration)
{
    const Catalog catalog = testCatalog();
    const auto errors = [&](const std::vector<std::string>& settings) {
        std::string text;
        for (const Issue& issue : readConfig("{}", "test", settings, catalog).errors)
            text += toText(issue) + "\n";
        return text;
    };
    EXPECT_EQ(errors({"routing.recipe=soft-moe", "routing.losses.z.part=z"}), "");
    EXPECT_THAT(errors({"routing.recipe=soft-moe", "routing.losses.balance.part=balance"}),
        HasSubstr("soft-slots makes no pairs of token and expert, and the loss balance needs them"));
}

}  // namespace
}  // namespace moescope
