// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Methods with two stages. "field" is spec/routing-field.md.
#include <algorithm>
#include <cmath>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/equal.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "tests/support/plan_text.h"
#include "tests/support/router_fixture.h"

namespace moescope {
namespace {

using testing::ElementsAre;
using Ints = std::vector<std::int64_t>;

RoutingConfig recipeRouting(const char* id)
{
    static const Catalog catalog = testCatalog();
    return routingOf(*catalog.recipe(id));
}

at::Tensor hiddenFor(std::uint64_t seed, std::int64_t tokens = 64)
{
    return initialNormal(seed, "hidden", {tokens, 16}, 1.0);
}

std::unique_ptr<RouterFixture> stableRouter()
{
    auto fixture = std::make_unique<RouterFixture>(recipeRouting("stablemoe"), 8, 16);
    fixture->spreadWeights(0.5);
    return fixture;
}

RouteContext withTokens(const at::Tensor& hidden_TD, const at::Tensor& tokens_T, bool training)
{
    RouteContext context = contextOf(hidden_TD, hidden_TD.size(0), training);
    context.tokens_T = tokens_T;
    return context;
}

at::Tensor tokenIds(std::int64_t tokens = 64)
{
    return initialNormal(3, "ids", {tokens}, 40).abs().to(at::kLong).clamp_max(255);
}

Ints expertsOf(Router& router, const RouteContext& context)
{
    return numbersOf<std::int64_t>(router.route(context).expert_M);
}

double lossOf(RouterFixture& fixture, const RouteContext& context, const std::string& name)
{
    for (const AuxLoss& loss : lossesOf(*fixture.router, context, fixture.router->route(context)))
        if (loss.name == name)
            return loss.value.item<double>();
    return std::nan("");
}

TEST(StableMoe, InStageTwoTheExpertFollowsFromTheTokenIdAlone)
{
    const auto fixture = stableRouter();
    const at::Tensor tokens = tokenIds();
    EXPECT_NE(expertsOf(*fixture->router, withTokens(hiddenFor(1), tokens, true)),
        expertsOf(*fixture->router, withTokens(hiddenFor(2), tokens, true)))
        << "in stage 1 it follows from the hidden state";

    fixture->router->onStepBegin(Step{11}, 100);
    const Ints expected = expertsOf(*fixture->router, withTokens(hiddenFor(1), tokens, true));
    for (const std::int64_t step : {11, 12, 100})
        for (const bool training : {true, false}) {
            fixture->router->onStepBegin(Step{step}, 100);
            EXPECT_EQ(expertsOf(*fixture->router, withTokens(hiddenFor(100), tokens, training)), expected);
        }
    const at::Tensor turned = tokens.flip(0);
    Ints turnedExperts = expertsOf(*fixture->router, withTokens(hiddenFor(1), turned, true));
    std::ranges::reverse(turnedExperts);
    EXPECT_EQ(turnedExperts, expected);
}

// field 4.1 (h5)
TEST(StableMoe, NothingFluctuatesBetweenTwoCheckpointsOfStageTwo)
{
    const auto fixture = stableRouter();
    fixture->router->onStepBegin(Step{11}, 100);
    const at::Tensor tokens = tokenIds(512);
    const Ints before = expertsOf(*fixture->router, withTokens(hiddenFor(1, 512), tokens, false));
    {
        const c10::NoGradGuard noGrad;  // training goes on: the teacher moves, and so does the model below
        fixture->parameter("router.weight").add_(hiddenFor(9, 8));
    }
    EXPECT_EQ(expertsOf(*fixture->router, withTokens(hiddenFor(2, 512), tokens, false)), before);
}

TEST(StableMoe, TeacherChoosesInStageOneAndTheStudentIsEvaluated)
{
    const auto fixture = stableRouter();
    const RouteContext training = withTokens(hiddenFor(1), tokenIds(), true);
    const RoutePlan plan = fixture->router->route(training);
    EXPECT_EQ(numbersOf<std::int64_t>(plan.expert_M), numbersOf<std::int64_t>(plan.logits_TE.argmax(1)));
    EXPECT_EQ(expertsOf(*fixture->router, withTokens(hiddenFor(1), tokenIds(), false)),
        numbersOf<std::int64_t>(plan.secondLogits_TE.argmax(1)));
    EXPECT_EQ(plan.choices, 1);
}

TEST(StableMoe, GateIsTheTeachersScoreOfTheChosenExpertInBothStages)
{
    const auto fixture = stableRouter();
    for (const std::int64_t step : {1, 50}) {
        fixture->router->onStepBegin(Step{step}, 100);
        const RoutePlan plan = fixture->router->route(withTokens(hiddenFor(1), tokenIds(), true));
        const at::Tensor chosen = plan.logits_TE.gather(1, plan.expert_M.unsqueeze(1)).squeeze(1);
        EXPECT_TRUE(at::equal(plan.weight_M, chosen.sigmoid()));
        EXPECT_TRUE(plan.weight_M.requires_grad()) << "the teacher goes on learning through it";
    }
}

TEST(StableMoe, SwitchesAfterATenthOfTheRunAndFreezesTheStudent)
{
    const auto fixture = stableRouter();
    const auto frozen = [&] {
        std::vector<std::string> names;
        for (const ParameterStore::Entry& entry : fixture->store.parameters())
            if (entry.frozen)
                names.push_back(entry.name);
        return names;
    };
    fixture->router->onStepBegin(Step{6000}, 60'000);
    EXPECT_THAT(frozen(), ElementsAre());
    fixture->router->onStepBegin(Step{6001}, 60'000);
    EXPECT_THAT(frozen(), ElementsAre("router.student.embedding", "router.student.weight"));
}

// A run that is made longer does not go back into stage 1, nor does a router that takes up a checkpoint.
TEST(StableMoe, TheSecondStageIsForGood)
{
    const auto first = stableRouter(), resumed = stableRouter();
    first->router->onStepBegin(Step{11}, 100);
    first->router->onStepBegin(Step{12}, 10'000);
    const RouteContext context = withTokens(hiddenFor(1), tokenIds(), true);
    EXPECT_EQ(lossOf(*first, context, "distillation"), 0);

    for (std::size_t i = 0; i < resumed->store.buffers().size(); ++i)
        resumed->store.buffers()[i].value.copy_(first->store.buffers()[i].value);
    EXPECT_GT(lossOf(*resumed, context, "distillation"), 0);
    resumed->router->onStepBegin(Step{12}, 10'000);
    EXPECT_EQ(lossOf(*resumed, context, "distillation"), 0);
    EXPECT_EQ(planText(resumed->router->route(context)), planText(first->router->route(context)));
}

// field 4.1 (h4)
TEST(StableMoe, DistillationMovesTheStudentAlone)
{
    const auto fixture = stableRouter();
    const at::Tensor hidden = hiddenFor(1).set_requires_grad(true);
    const RouteContext context = withTokens(hidden, tokenIds(), true);
    for (const AuxLoss& loss : lossesOf(*fixture->router, context, fixture->router->route(context)))
        if (loss.name == "distillation")
            loss.value.backward();
    EXPECT_FALSE(hidden.grad().defined());
    for (const ParameterStore::Entry& entry : fixture->store.parameters()) {
        const bool student = entry.name.starts_with("router.student.");
        EXPECT_EQ(entry.value.grad().abs().sum().item<double>() > 1e-6, student) << entry.name;
        if (!student) {
            EXPECT_EQ(entry.value.grad().abs().sum().item<double>(), 0) << entry.name;
        }
    }
}

TEST(StableMoe, DistillationIsTheStudentsSurpriseAtTheTeachersChoice)
{
    RouterFixture fixture(recipeRouting("stablemoe"), 4, 4);
    fixture.makeLogitsOfHidden();
    {
        const c10::NoGradGuard noGrad;
        fixture.parameter("router.student.embedding").zero_();
        const at::Tensor& embedding = fixture.parameter("router.student.embedding");
        embedding[7][0] = std::log(3.0);
        const at::Tensor& student = fixture.parameter("router.student.weight");
        student.zero_();
        student[2][0] = 1;
    }
    // Token 7: the student gives expert 2 three of six parts; the teacher chooses 2, then 0. Token 9: all alike.
    const at::Tensor hidden =
        at::tensor({0.0, 0.0, 5.0, 0.0, 5.0, 0.0, 0.0, 0.0, 0.0, 5.0, 0.0, 0.0}, at::kDouble).view({3, 4});
    const RouteContext context = withTokens(hidden, at::tensor({7, 7, 9}, at::kLong), true);
    EXPECT_NEAR(lossOf(fixture, context, "distillation"), (std::log(2.0) + std::log(6.0) + std::log(4.0)) / 3, 1e-6);
}

// field 4.1 (h3); sigma(2) = 0.880797, sigma(1) = 0.731059, sigma(0.5) = 0.622459
TEST(StableMoe, SignedBalanceLowersTheOverloadedAndRaisesTheUnderloaded)
{
    RouterFixture fixture(recipeRouting("stablemoe"), 2, 2);
    fixture.makeLogitsOfHidden();
    const at::Tensor hidden = at::tensor({2.0, 0.0, 1.0, 0.0, 0.5, 0.0, 0.0, 1.0}, at::kDouble).view({4, 2});
    hidden.set_requires_grad(true);
    const RouteContext context = withTokens(hidden, at::zeros({4}, at::kLong), true);
    const RoutePlan plan = fixture.router->route(context);
    for (const AuxLoss& loss : lossesOf(*fixture.router, context, plan))
        if (loss.name == "balance") {
            EXPECT_NEAR(loss.value.item<double>(), (0.5 * (0.880797 + 0.731059 + 0.622459) - 0.5 * 0.731059) / 4, 1e-6);
            loss.value.backward();
        }
    // dL/dz = (1/T) (n_i - mean) / mean * sigma'(z), for a token's own expert alone; the weights are the unit matrix.
    const auto gradient = numbersOf<double>(hidden.grad());
    const auto slope = [](double z) { return 1 / (2 + std::exp(z) + std::exp(-z)); };
    const std::vector<double> expected = {slope(2) / 8, 0, slope(1) / 8, 0, slope(0.5) / 8, 0, 0, -slope(1) / 8};
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_NEAR(gradient[i], expected[i], 1e-9) << i;
}

TEST(StableMoe, SignedBalanceIsNothingAtEqualLoadsAndThreeMeanGatesAtFullCollapse)
{
    RouterFixture fixture(recipeRouting("stablemoe"), 4, 4);
    fixture.makeLogitsOfHidden();
    const at::Tensor even = at::eye(4, at::kDouble).repeat({2, 1}).mul(3).set_requires_grad(true);
    const RouteContext balanced = withTokens(even, at::zeros({8}, at::kLong), true);
    for (const AuxLoss& loss : lossesOf(*fixture.router, balanced, fixture.router->route(balanced)))
        if (loss.name == "balance") {
            EXPECT_EQ(loss.value.item<double>(), 0);
            loss.value.backward();
        }
    EXPECT_EQ(even.grad().abs().max().item<double>(), 0);

    const at::Tensor collapsed = at::eye(4, at::kDouble).slice(0, 0, 1).expand({8, 4}).contiguous();
    EXPECT_NEAR(lossOf(fixture, withTokens(collapsed, at::zeros({8}, at::kLong), true), "balance"),
        3 / (1 + std::exp(-1.0)), 1e-6)
        << "E - 1 times sigma(1)";
}

TEST(StableMoe, LossesEndWithTheFirstStage)
{
    const auto fixture = stableRouter();
    const RouteContext context = withTokens(hiddenFor(1), tokenIds(), true);
    EXPECT_NE(lossOf(*fixture, context, "balance"), 0);
    EXPECT_GT(lossOf(*fixture, context, "distillation"), 0);
    fixture->router->onStepBegin(Step{11}, 100);
    for (const AuxLoss& loss : lossesOf(*fixture->router, context, fixture->router->route(context))) {
        EXPECT_EQ(loss.value.item<double>(), 0) << loss.name;
        EXPECT_FALSE(loss.value.requires_grad()) << loss.name;
    }
}

TEST(InitialOrthogonal, RowsOrColumnsAreOrthogonalAndOfOneLength)
{
    for (const auto& [rows, columns] : {std::pair{8, 50}, std::pair{50, 50}, std::pair{64, 50}}) {
        const at::Tensor weight = initialOrthogonal(1, "w", rows, columns, 0.1).to(at::kDouble);
        EXPECT_EQ(weight.sizes().vec(), (Ints{rows, columns}));
        const at::Tensor products = rows <= columns ? weight.matmul(weight.t()) : weight.t().matmul(weight);
        EXPECT_LT((products - at::eye(products.size(0), at::kDouble) * 0.01).abs().max().item<double>(), 1e-8);
    }
    EXPECT_FALSE(at::equal(initialOrthogonal(1, "w", 4, 8, 1), initialOrthogonal(2, "w", 4, 8, 1)));
}

// field 4.1, last paragraph: z = h . e / |e|; softmax over the two chosen logits; balance of mode A at temperature 0.3.
TEST(StableMoeCompat, IsADotProductWithUnitVectorsInOneStage)
{
    RouterFixture fixture(recipeRouting("stablemoe-compat"), 2, 2);
    {
        const c10::NoGradGuard noGrad;
        fixture.parameter("router.weight").copy_(at::tensor({3.0, 4.0, 0.0, 0.5}).view({2, 2}));
    }
    const at::Tensor hidden = at::tensor({1.0, 2.0, 2.0, 0.0}, at::kDouble).view({2, 2});
    const RouteContext context = contextOf(hidden, 2, true);
    const RoutePlan plan = fixture.router->route(context);
    // Rows (0.6, 0.8) and (0, 1): z = (2.2, 2), (1.2, 0).
    const std::vector<double> expected = {2.2, 2.0, 1.2, 0.0};
    const auto logits = numbersOf<double>(plan.logits_TE), weights = numbersOf<double>(plan.weight_M);
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_NEAR(logits[i], expected[i], 1e-6);
    EXPECT_NEAR(weights[0], 1 / (1 + std::exp(-0.2)), 1e-6) << "no temperature in the weights";
    EXPECT_NEAR(weights[2], 1 / (1 + std::exp(-1.2)), 1e-6);

    // (E/k) sum f P with f = (1/2, 1/2): 1/2, whatever P.
    EXPECT_NEAR(lossOf(fixture, context, "balance"), 0.5, 1e-6);
    EXPECT_NEAR(numbersOf<double>(plan.probs_TE)[2], 1 / (1 + std::exp(-4.0)), 1e-6) << "1.2 / 0.3";

    const std::vector<std::string> before = planText(plan);
    fixture.router->onStepBegin(Step{100}, 100);
    EXPECT_EQ(planText(fixture.router->route(context)), before);
    EXPECT_EQ(fixture.store.liveRanges().size(), 1U) << "nothing is ever frozen";
}

std::unique_ptr<RouterFixture> evoRouter()
{
    auto fixture = std::make_unique<RouterFixture>(recipeRouting("evomoe"), 8, 16);
    fixture->spreadWeights(1.0);
    return fixture;
}

// field 5.7: on fixed logits, with fixed noise.
TEST(EvoMoe, FewerAndFewerExpertsAreActiveAsTheTemperatureFalls)
{
    const auto fixture = evoRouter();
    const RouteContext context = contextOf(hiddenFor(1, 256), 256, true);
    Ints before(256, 8);
    std::int64_t first = 0, last = 0;
    for (const std::int64_t step : {1, 10, 20, 30, 40, 50}) {
        fixture->router->onStepBegin(Step{step}, 100);
        Ints active(256);
        for (const std::int64_t token : numbersOf<std::int64_t>(fixture->router->route(context).token_M))
            ++active[static_cast<std::size_t>(token)];
        for (std::size_t t = 0; t < 256; ++t) {
            EXPECT_LE(active[t], before[t]);
            EXPECT_GE(active[t], 1);
        }
        before = active;
        last = std::accumulate(active.begin(), active.end(), std::int64_t{0});
        first = first == 0 ? last : first;
    }
    EXPECT_LT(last, first);
}

TEST(EvoMoe, AfterTheSwitchTrainingIsTopOneWithoutNoise)
{
    const auto fixture = evoRouter();
    const RouteContext training = contextOf(hiddenFor(1), 64, true), evaluation = contextOf(hiddenFor(1), 64, false);
    fixture->router->onStepBegin(Step{50}, 100);
    EXPECT_GT(fixture->router->route(training).token_M.numel(), 64);
    fixture->router->onStepBegin(Step{51}, 100);
    const RoutePlan plan = fixture->router->route(training);
    EXPECT_EQ(plan.choices, 1);
    EXPECT_EQ(numbersOf<std::int64_t>(plan.expert_M), numbersOf<std::int64_t>(plan.logits_TE.argmax(1)));
    EXPECT_EQ(planText(plan), planText(fixture->router->route(evaluation)));
}

TEST(EvoMoe, EveryExpertAboveTheThresholdIsActiveAndWeighsItsScore)
{
    const auto fixture = evoRouter();
    const RoutePlan plan = fixture->router->route(contextOf(hiddenFor(1), 64, true));
    const at::Tensor weight_TE =
        at::zeros({64 * 8}).index_add(0, plan.token_M * 8 + plan.expert_M, plan.weight_M).view({64, 8});
    const at::Tensor expected_TE = plan.probs_TE.where(plan.probs_TE > 1e-3, 0);
    EXPECT_TRUE(at::equal(weight_TE, expected_TE));
    EXPECT_LT(plan.token_M.numel(), 64 * 8) << "some are below";
}

TEST(TemperatureHook, GoesFromOneEndToTheOtherAndStaysThere)
{
    for (const std::string mode : {"exponential", "linear"}) {
        RoutingConfig routing = recipeRouting("switch");
        routing.hooks["temperature"] = {"temperature", {{"mode", mode}, {"from", 4.0}, {"to", 1.0}, {"share", 0.5}}};
        RouterFixture fixture(routing, 2, 2);
        fixture.makeLogitsOfHidden();
        const RouteContext context = contextOf(at::tensor({1.0, 0.0}, at::kDouble).view({1, 2}), 1, false);
        const auto temperatureAt = [&](std::int64_t step) {
            fixture.router->onStepBegin(Step{step}, 100);
            const auto p = numbersOf<double>(fixture.router->route(context).probs_TE);
            return 1 / std::log(p[0] / p[1]);
        };
        EXPECT_NEAR(temperatureAt(0), 4, 1e-9);
        EXPECT_NEAR(temperatureAt(25), mode == "linear" ? 2.5 : 2, 1e-9);
        EXPECT_NEAR(temperatureAt(50), 1, 1e-9);
        EXPECT_NEAR(temperatureAt(100), 1, 1e-9);
    }
}

}  // namespace
}  // namespace moescope
