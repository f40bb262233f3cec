// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// CompeteSMoE in its two versions. "seeds" is spec/routing-seeds.md.
#include <cmath>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/full.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/data/counter_random.h"
#include "engine/model/moe_layer.h"
#include "engine/routing/competition_table.h"
#include "tests/support/plan_text.h"
#include "tests/support/router_fixture.h"
#include "tests/support/transformer_fixture.h"

namespace moescope {
namespace {

using testing::ElementsAre;
using Ints = std::vector<std::int64_t>;

/// One token, whose logits are its hidden state, and experts with these answers.
struct Competition {
    RouterFixture fixture;
    GivenAnswers answers;
    RouteContext context;
    RoutePlan plan;

    Competition(RoutingConfig routing, const std::vector<std::vector<double>>& answerOfExpert, std::int64_t k,
        const std::vector<double>& logits = {})
        : fixture(withK(std::move(routing), k), static_cast<std::int64_t>(answerOfExpert.size()),
            static_cast<std::int64_t>(answerOfExpert.size()))
        , answers(answersOf(answerOfExpert))
    {
        const auto experts = static_cast<std::int64_t>(answerOfExpert.size());
        fixture.makeLogitsOfHidden();
        const at::Tensor hidden =
            logits.empty() ? at::zeros({1, experts}, at::kDouble) : at::tensor(logits, at::kDouble).view({1, experts});
        context = contextOf(hidden, 1, true);
        context.experts = &answers;
        plan = fixture.router->route(context);
    }

    static RoutingConfig withK(RoutingConfig routing, std::int64_t k)
    {
        routing.selector.settings["k"] = k;
        routing.hooks.clear();  // compete in every step
        return routing;
    }

    static at::Tensor answersOf(const std::vector<std::vector<double>>& answerOfExpert)
    {
        std::vector<at::Tensor> rows;
        for (const auto& answer : answerOfExpert)
            rows.push_back(at::tensor(answer, at::kDouble).unsqueeze(0));
        return at::stack(rows).set_requires_grad(true);
    }

    double loss(const std::string& name)
    {
        for (const AuxLoss& loss : lossesOf(*fixture.router, context, plan))
            if (loss.name == name)
                return loss.value.item<double>();
        ADD_FAILURE() << "no loss " << name;
        return 0;
    }

    std::vector<double> combined() const
    {
        const auto weight = numbersOf<double>(plan.weight_M);
        const auto expert = numbersOf<std::int64_t>(plan.expert_M);
        at::Tensor y = at::zeros({answers.answers_ETD.size(2)}, at::kDouble);
        for (std::size_t i = 0; i < weight.size(); ++i)
            y = y + answers.answers_ETD[expert[i]][0].detach() * weight[i];
        return numbersOf<double>(y);
    }
};

void expectNear(const std::vector<double>& found, const std::vector<double>& expected, double tolerance = 1e-6)
{
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i)
        EXPECT_NEAR(found[i], expected[i], tolerance) << "at " << i;
}

RoutingConfig recipe2024() { return test::recipe("competesmoe-2024"); }
RoutingConfig recipe2025() { return test::recipe("competesmoe-2025"); }

/// A number whose softplus is `s`.
double inverseSoftplus(double s) { return s == 0 ? -800 : std::log(std::expm1(s)); }

const std::vector<std::vector<double>> kToy = {{3, 4}, {1, 0}, {0, 2}};

// seeds 5 (h): s = [3, 1, 2, 0], z = 0, k = 2.
TEST(CompeteSmoe2024, GoldenChoiceWeightsTargetAndLoss)
{
    Competition competition(recipe2024(), {{3, 0}, {0, 1}, {-2, 0}, {0, 0}}, 2);
    EXPECT_EQ(numbersOf<std::int64_t>(competition.plan.expert_M), (Ints{0, 2}));
    expectNear(numbersOf<double>(competition.plan.weight_M), {0.731059, 0.268941});
    EXPECT_NEAR(competition.loss("imitation"), 0.0891940, 1e-7);
}

TEST(CompeteSmoe2024, GoldenToyExperts)
{
    Competition competition(recipe2024(), kToy, 2);
    expectNear(numbersOf<double>(competition.plan.responses_TE), {5, 1, 2});
    EXPECT_EQ(numbersOf<std::int64_t>(competition.plan.expert_M), (Ints{0, 2}));
    expectNear(numbersOf<double>(competition.plan.weight_M), {0.952574, 0.047426});
    expectNear(competition.combined(), {2.857722, 3.905148});
}

TEST(CompeteSmoe2024, PermutedExpertsHavePermutedWinners)
{
    Competition competition(recipe2024(), {{0, 2}, {3, 4}, {1, 0}}, 2);
    EXPECT_EQ(numbersOf<std::int64_t>(competition.plan.expert_M), (Ints{1, 0}));
    expectNear(competition.combined(), {2.857722, 3.905148});
}

TEST(CompeteSmoe2024, ALongerAnswerNeverLosesItsPlace)
{
    for (const double factor : {1.0, 1.5, 2.5, 6.0}) {
        Competition competition(recipe2024(), {{3, 4}, {factor, 0}, {0, 2}}, 2);
        const auto winners = numbersOf<std::int64_t>(competition.plan.expert_M);
        const bool wins = std::ranges::find(winners, 1) != winners.end();
        EXPECT_EQ(wins, factor > 2) << factor;
        EXPECT_EQ(winners.front(), factor > 5 ? 1 : 0) << factor;
    }
}

// The target is by expert, whatever the router says first, and moves no expert; the code did neither.
TEST(CompeteSmoe2024, TargetIsDetachedAndByExpert)
{
    const std::vector<std::vector<double>> answers = {{1, 0}, {0, 3}, {0, 0}, {2, 0}};
    const std::vector<double> logits = {-1, 2, 0, 1};  // softmax [.032059, .643914, .087144, .236883]
    Competition intent(recipe2024(), answers, 2, logits),
        code(test::recipe("competesmoe-2024-repo"), answers, 2, logits);
    const std::vector<double> router = {0.032059, 0.643914, 0.087144, 0.236883}, target = {0, 0.731059, 0, 0.268941},
                              sorted = {0.643914, 0.236883, 0.087144, 0.032059};
    double byExpert = 0, bySlot = 0;
    for (std::size_t e = 0; e < 4; ++e) {
        byExpert += std::pow(router[e] - target[e], 2) / 4;
        bySlot += std::pow(sorted[e] - target[e], 2) / 4;
    }
    EXPECT_NEAR(intent.loss("imitation"), byExpert, 1e-6);
    EXPECT_NEAR(code.loss("imitation"), bySlot, 1e-6);

    for (Competition* competition : {&intent, &code}) {
        const auto losses = lossesOf(*competition->fixture.router, competition->context, competition->plan);
        for (const AuxLoss& loss : losses)
            if (loss.name == "imitation")
                loss.value.backward({}, true);
    }
    EXPECT_FALSE(intent.answers.answers_ETD.grad().defined());
    EXPECT_GT(code.answers.answers_ETD.grad().abs().sum().item<double>(), 1e-6);
}

TEST(CompeteSmoe2024Repo, CompetesInEveryStepAndHasNoBalanceLoss)
{
    const RoutingConfig routing = test::recipe("competesmoe-2024-repo");
    EXPECT_TRUE(routing.hooks.empty());
    EXPECT_EQ(routing.losses.size(), 1U);
}

// Steps without a competition, and evaluation, ask no expert and are plain routing.
TEST(CompeteSmoe, WithoutACompetitionItIsPlainRoutingAtNoCost)
{
    for (const char* id : {"competesmoe-2024", "competesmoe-2025"}) {
        RoutingConfig routing = test::recipe(id), plain = routing;
        routing.hooks["competition-schedule"].settings["rate"] = 0.0;
        plain.selector = {"top-k", {{"k", std::int64_t{2}}}};
        plain.hooks.clear();
        RouterFixture fixture(routing, 8, 16), reference(plain, 8, 16);
        fixture.spreadWeights(0.5);
        reference.spreadWeights(0.5);
        fixture.router->onStepBegin(Step{3}, 10);
        for (const bool training : {true, false}) {
            const RouteContext context = contextOf(initialNormal(1, "x", {32, 16}, 1), 16, training);
            const RoutePlan plan = fixture.router->route(context), expected = reference.router->route(context);
            EXPECT_EQ(planText(plan), planText(expected));
            EXPECT_FALSE(plan.outputs_ETD.defined());
            for (const AuxLoss& loss : lossesOf(*fixture.router, context, plan))
                if (loss.name == "imitation" || loss.name == "diversity") {
                    EXPECT_EQ(loss.value.item<double>(), 0);
                }
        }
        EXPECT_EQ(fixture.linearExperts->rowsAsked, 0);
    }
}

TEST(CompeteSmoe, EvaluationNeverCompetes)
{
    RouterFixture fixture(test::recipe("competesmoe-2024-repo"), 8, 16);
    fixture.router->route(contextOf(initialNormal(1, "x", {32, 16}, 1), 16, false));
    EXPECT_EQ(fixture.linearExperts->rowsAsked, 0);
    fixture.router->route(contextOf(initialNormal(1, "x", {32, 16}, 1), 16, true));
    EXPECT_EQ(fixture.linearExperts->rowsAsked, 8 * 32);
}

// seeds 6 (h): s = [3, 1, 2, 0], k = 2, z = 0.
TEST(CompeteSmoe2025, GoldenWeightsTargetAndHybridLoss)
{
    std::vector<std::vector<double>> answers;
    for (const double s : {3.0, 1.0, 2.0, 0.0})
        answers.push_back({inverseSoftplus(s), inverseSoftplus(s)});
    for (const auto& [share, expected] : {std::pair{0.0, 0.0573402}, {0.1, 0.0651073}, {0.2, 0.0728743}}) {
        RoutingConfig routing = recipe2025();
        routing.losses["imitation"].settings["winners_share"] = share;
        Competition competition(routing, answers, 2);
        expectNear(numbersOf<double>(competition.plan.responses_TE), {3, 1, 2, 0});
        EXPECT_EQ(numbersOf<std::int64_t>(competition.plan.expert_M), (Ints{0, 2}));
        expectNear(numbersOf<double>(competition.plan.weight_M), {0.6, 0.4});
        expectNear(numbersOf<double>(competition.plan.probs_TE), {0.643914, 0.087144, 0.236883, 0.032059});
        EXPECT_NEAR(competition.loss("imitation"), expected, 1e-7) << share;
    }
}

TEST(CompeteSmoe2025, GoldenResponsesAndToyExperts)
{
    Competition plain(recipe2025(), {{0, 0}, {1, -1}, {-3, -4}}, 2);
    expectNear(numbersOf<double>(plain.plan.responses_TE), {0.693147, 0.813262, 0.0334}, 5e-5);
    Competition competition(recipe2025(), kToy, 2);
    expectNear(numbersOf<double>(competition.plan.responses_TE), {3.533369, 1.003204, 1.410038});
    EXPECT_EQ(numbersOf<std::int64_t>(competition.plan.expert_M), (Ints{0, 2}));
    expectNear(numbersOf<double>(competition.plan.weight_M), {0.714764, 0.285236});
    expectNear(competition.combined(), {2.144292, 3.429528});
}

TEST(CompeteSmoe2025, GoldenDiversity)
{
    EXPECT_NEAR(Competition(recipe2025(), {{1, 0}, {1, 1}, {-9, -9}}, 2).loss("diversity"), 0.353553, 1e-6);
    EXPECT_NEAR(Competition(recipe2025(), {{2, -2}, {-2, 2}, {-9, -9}}, 2).loss("diversity"), -0.5, 1e-6);
    EXPECT_NEAR(Competition(recipe2025(), {{1, 2}, {1, 2}, {-9, -9}}, 2).loss("diversity"), 0.5, 1e-6);
    const std::vector<std::vector<double>> alike(8, {1, 2});
    EXPECT_NEAR(Competition(recipe2025(), alike, 8).loss("diversity"), 0.875, 1e-6);
}

Ints drawn(const CompetitionDraw& draw, std::int64_t layer, std::int64_t first, std::int64_t last)
{
    Ints steps;
    for (std::int64_t step = first + 1; step <= last; ++step)
        if (CounterRandom{draw.seed, 'T', static_cast<std::uint64_t>(layer), static_cast<std::uint64_t>(step)}.unit()
            < draw.rate)
            steps.push_back(step);
    return steps;
}

// seeds 6 (h): never more than the cap, none is lost, none before the warm-up; 16 layers at 0.07 exceed 3 in 2 % of
// steps.
TEST(CompetitionTable, KeepsTheCapAndEveryCompetition)
{
    const CompetitionDraw draw{5, 16, 0.07, 3};
    std::map<std::int64_t, std::int64_t> layersOfStep;
    std::size_t placed = 0, wanted = 0, moved = 0;
    for (std::int64_t layer = 0; layer < draw.numLayers; ++layer) {
        const Ints steps = competitionSteps(draw, layer, 50, 1050), own = drawn(draw, layer, 50, 1050);
        EXPECT_TRUE(std::ranges::is_sorted(steps));
        EXPECT_EQ(std::set<std::int64_t>(steps.begin(), steps.end()).size(), steps.size());
        EXPECT_GT(steps.front(), 50);
        EXPECT_LE(steps.back(), 1050);
        placed += steps.size();
        wanted += own.size();
        moved += steps != own;
        for (const std::int64_t step : steps)
            ++layersOfStep[step];
    }
    for (const auto& [step, layers] : layersOfStep)
        EXPECT_LE(layers, 3) << step;
    EXPECT_EQ(placed, wanted);
    EXPECT_NEAR(static_cast<double>(wanted), 1120, 3 * std::sqrt(1120.0));
    EXPECT_GT(moved, 0U) << "some step was full";
}

TEST(CompetitionTable, AFullTableLeavesOutTheRest)
{
    const CompetitionDraw draw{1, 4, 1.0, 2};
    std::int64_t placed = 0;
    for (std::int64_t layer = 0; layer < 4; ++layer)
        placed += static_cast<std::int64_t>(competitionSteps(draw, layer, 0, 100).size());
    EXPECT_EQ(placed, 200);
}

/// Steps out of 1..total in which a layer with this schedule competes.
Ints competitionsOf(const std::map<std::string, Value>& schedule, std::int64_t total, int layer = 0)
{
    RoutingConfig routing = recipe2024();
    routing.hooks["competition-schedule"].settings = schedule;
    ModelConfig model;
    model.numExperts = 4;
    model.hiddenSize = 4;
    ParameterStore store;
    const LinearExperts experts(store.add("experts.w1", initialNormal(1, "w", {4, 4, 4}, 1)));
    const auto router = makeRouter(routing, model, LayerId{layer}, 9, store, "router");
    store.pack(Precision::Fp32);
    Ints steps;
    for (std::int64_t step = 1; step <= total; ++step) {
        router->onStepBegin(Step{step}, total);
        RouteContext context = contextOf(at::zeros({1, 4}), 1, true);
        context.experts = &experts;
        if (router->route(context).outputs_ETD.defined())
            steps.push_back(step);
    }
    return steps;
}

TEST(CompetitionSchedule, WarmsUpAndIsThatOfTheTable)
{
    const std::string capped = "capped";
    const Ints steps = competitionsOf({{"shape", capped}, {"rate", 0.2}, {"warmup", 0.25}}, 200);
    ASSERT_FALSE(steps.empty());
    EXPECT_GT(steps.front(), 50);
    Ints table = competitionSteps({9, 4, 0.2, 3}, 0, 50, 50 + 16384);
    std::erase_if(table, [](std::int64_t step) { return step > 200; });
    EXPECT_EQ(steps, table);
}

TEST(CompetitionSchedule, LayersDrawOnTheirOwn)
{
    const Ints first = competitionsOf({{"rate", 0.1}}, 1000), second = competitionsOf({{"rate", 0.1}}, 1000, 1);
    EXPECT_NE(first, second);
    for (const Ints& steps : {first, second})
        EXPECT_NEAR(static_cast<double>(steps.size()), 100, 3 * std::sqrt(90.0));
    EXPECT_EQ(competitionsOf({{"rate", 1.0}}, 20).size(), 20U);
    EXPECT_TRUE(competitionsOf({{"rate", 0.0}}, 20).empty());
}

// seeds 5 (d): the chance is 0.667 for the first interval and 0.333 for the sixteenth; an interval is one draw.
TEST(CompetitionSchedule, DecaysByInterval)
{
    const std::string decaying = "decaying";
    const Ints steps = competitionsOf({{"shape", decaying}, {"interval", std::int64_t{2}}}, 4000);
    const auto inRange = [&](std::int64_t first, std::int64_t last) {
        return std::ranges::count_if(steps, [&](std::int64_t step) { return step > first && step <= last; });
    };
    for (const std::int64_t step : steps)
        EXPECT_TRUE(std::ranges::binary_search(steps, step % 2 == 1 ? step + 1 : step - 1)) << step;
    double expected = 0;
    for (int interval = 0; interval < 100; ++interval)
        expected += 2 / (2 + std::sqrt(interval + 1.0));
    EXPECT_NEAR(static_cast<double>(inRange(0, 200)) / 2, expected, 3 * std::sqrt(100 * 0.25));
    EXPECT_LT(inRange(3800, 4000), inRange(0, 200));
}

// What the layer gives in a competition is the weighted sum of the winners' answers, and gradients reach the experts.
TEST(CompeteSmoe, LayerCombinesTheAnswersOfTheCompetition)
{
    const ModelConfig model = test::smallModel();
    ParameterStore store;
    MoeLayer layer(model, test::recipe("competesmoe-2024-repo"), LayerId{0}, 1, store, "moe");
    store.pack(Precision::Fp32);
    const at::Tensor x_TD = initialNormal(1, "x", {10, model.hiddenSize}, 1);
    RouteContext context = contextOf(x_TD, 10, true);
    RoutePlan plan;
    const at::Tensor y_TD = layer.forward(context, plan);
    ASSERT_TRUE(plan.outputs_ETD.defined());
    const at::Tensor separately_TD = layer.experts().forward(x_TD, plan);
    EXPECT_LT((y_TD - separately_TD).abs().max().item<double>(), 1e-6);
    y_TD.sum().backward();
    const at::Tensor gradient = store.gradient().clone();
    EXPECT_GT(gradient.abs().sum().item<double>(), 0);
    EXPECT_TRUE(gradient.isfinite().all().item<bool>());
}

TEST(CompeteSmoe, TrainsInAModel)
{
    for (const char* id : {"competesmoe-2024", "competesmoe-2024-repo", "competesmoe-2025"}) {
        RoutingConfig routing = test::recipe(id);
        for (auto& [name, hook] : routing.hooks)
            hook.settings["rate"] = 1.0;
        Transformer model(test::smallModel(), routing, Precision::Fp32, 3);
        model.onStepBegin(Step{50}, 100);
        const ForwardResult result = model.forward(test::someBatch(2, 16, 50), test::trainingContext());
        result.total.backward();
        EXPECT_TRUE(model.parameters().gradient().isfinite().all().item<bool>()) << id;
        bool imitated = false;
        for (const AuxLoss& loss : result.losses)
            imitated = imitated || (loss.name == "imitation" && loss.value.item<double>() > 0);
        EXPECT_TRUE(imitated) << id;
    }
}

}  // namespace
}  // namespace moescope
