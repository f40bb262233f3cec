// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Golden numbers of single parts. "seeds" is spec/routing-seeds.md, "field" spec/routing-field.md, "cases" the golden
// cases of spec/diagnostics.md 8.2.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "engine/routing/part_registry.h"
#include "tests/support/routing_decisions.h"

namespace moescope {
namespace {

using testing::ElementsAre;

RoutingConfig withBalance(RoutingConfig routing, const std::string& mode)
{
    routing.losses["balance"] = {"balance", {{"mode", mode}}};
    return routing;
}

TEST(GoldenVector, CountsFirstChoicesAndMeanProbability)
{
    const RoutePlan plan = decide(plainRouting(2), goldenLogits()).plan;
    EXPECT_EQ(numbersOf<std::int64_t>(plan.assigned_E), (Ints{3, 3, 1, 1}));
    EXPECT_EQ(numbersOf<std::int64_t>(plan.first_E), (Ints{3, 0, 0, 1}));
    expectNear(plan.probabilitySum_E / 4, {0.371927, 0.225619, 0.169268, 0.233187}, 1e-6);
    EXPECT_EQ(plan.numTokens, 4);
}

TEST(GoldenVector, AllSixBalanceModesAndZ)
{
    const std::map<std::string, double> expected = {
        {"A", 0.548773}, {"B", 1.348967}, {"C", 1.348967}, {"D", 1.097545}, {"F", -1.343949}};
    for (const auto& [mode, value] : expected)
        EXPECT_NEAR(decide(withBalance(plainRouting(2), mode), goldenLogits()).losses.at("balance"), value, 1e-6)
            << mode;

    RoutingConfig z = plainRouting(2);
    z.losses["z"] = {"z", {}};
    EXPECT_NEAR(decide(z, goldenLogits()).losses.at("z"), 4.805238, 1e-6);
}

TEST(GoldenVector, ModeEIsTheSquaredVariationOfWeightsAndCounts)
{
    RoutingConfig routing = withBalance(plainRouting(2), "E");
    routing.weigher = {"softmax-chosen", {}};
    const Decided decision = decide(routing, goldenLogits());
    const at::Tensor importance = lossSums(decision.plan).narrow(0, 12, 4);
    expectNear(importance, {1.878497, 1.121503, 0.268942, 0.731058}, 2e-6);
    // CV² of importance is 0.464432; of the counts [3, 3, 1, 1]: mean 2, unbiased variance 4/3, so 1/3.
    EXPECT_NEAR(decision.losses.at("balance"), 0.464432 + 1.0 / 3, 2e-6);
}

TEST(GoldenVector, WeightsOfASoftmaxOverTheChosen)
{
    RoutingConfig routing = plainRouting(2);
    routing.weigher = {"softmax-chosen", {}};
    expectNear(decide(routing, goldenLogits()).plan.weight_M,
        {0.731059, 0.268941, 0.622459, 0.377541, 0.731059, 0.268941, 0.524979, 0.475021}, 1e-6);
}

// seeds 2 (h1): FastMoE's naive gate and LibMoE's base give the same weights.
TEST(Weighers, SoftmaxOverChosenIsRenormalisedSoftmax)
{
    RoutingConfig chosen = plainRouting(3), renormalised = plainRouting(3);
    chosen.weigher = {"softmax-chosen", {}};
    renormalised.weigher = {"renormalised", {}};
    const at::Tensor logits = initialNormal(2, "logits", {64, 8}, 2.0).to(at::kDouble);
    expectNear(
        decide(chosen, logits).plan.weight_M, numbersOf<double>(decide(renormalised, logits).plan.weight_M), 1e-12);
}

TEST(Weighers, SigmoidAsIsAndOne)
{
    const at::Tensor logits = logitsOf({{0, 1}});
    RoutingConfig routing = plainRouting(2);
    expectNear(decide(routing, logits).plan.weight_M, {0.731059, 0.268941}, 1e-6);
    routing.weigher = {"sigmoid", {}};
    expectNear(decide(routing, logits).plan.weight_M, {0.731059, 0.5}, 1e-6);
    routing.weigher = {"one", {}};
    expectNear(decide(routing, logits).plan.weight_M, {1, 1}, 0);
}

// Two tokens prefer experts 0 and 1; one place each: token 1 keeps nothing of expert 0.
TEST(Weighers, RenormalisingBeforeOrAfterTheDrop)
{
    const at::Tensor logits = logitsOf({{2, 1, 0, -9}, {2, 0, 1, -9}});
    RoutingConfig routing = plainRouting(2);
    routing.capacity = {"position", {{"factor", 1.0}}};
    routing.weigher = {"renormalised", {{"normalise", std::string("before-drop")}}};
    const RoutePlan before = decide(routing, logits, true).plan;
    EXPECT_THAT(numbersOf<bool>(before.kept_M), ElementsAre(true, true, false, true));
    expectNear(before.weight_M, {0.731059, 0.268941, 0.731059, 0.268941}, 1e-6);
    routing.weigher.settings["normalise"] = std::string("after-drop");
    expectNear(decide(routing, logits, true).plan.weight_M, {0.731059, 0.268941, 0, 1}, 1e-6);
}

// seeds 2 (h3), field 4.2 (h3)
TEST(BalanceLoss, UniformRoutingHasItsDocumentedValue)
{
    const at::Tensor cyclic = logitsOf({{3, 2, 1, 0}, {0, 3, 2, 1}, {1, 0, 3, 2}, {2, 1, 0, 3}});
    const std::map<std::string, double> expected = {
        {"A", 0.5}, {"B", 1}, {"C", 1}, {"D", 1}, {"E", 0}, {"F", -std::log(4.0)}};
    for (const auto& [mode, value] : expected)
        EXPECT_NEAR(decide(withBalance(plainRouting(2), mode), cyclic).losses.at("balance"), value, 1e-6) << mode;
    EXPECT_NEAR(
        decide(withBalance(plainRouting(2), "B"), at::zeros({5, 4}, at::kDouble)).losses.at("balance"), 1, 1e-12);
}

// seeds 1.3, column "all tokens use the same k experts with p = 1/k each"
TEST(BalanceLoss, FullCollapseHasItsDocumentedValue)
{
    const at::Tensor same = logitsOf({{50, 50, 0, 0}, {50, 50, 0, 0}, {50, 50, 0, 0}});
    const at::Tensor one = logitsOf({{50, 0, 0, 0}, {50, 0, 0, 0}});
    EXPECT_NEAR(decide(withBalance(plainRouting(2), "A"), same).losses.at("balance"), 1, 1e-9) << "E / k²";
    EXPECT_NEAR(decide(withBalance(plainRouting(2), "D"), same).losses.at("balance"), 2, 1e-9) << "E / k";
    EXPECT_NEAR(decide(withBalance(plainRouting(2), "F"), same).losses.at("balance"), -std::log(2.0), 1e-9);
    EXPECT_NEAR(decide(withBalance(plainRouting(1), "B"), one).losses.at("balance"), 4, 1e-9) << "E";
    EXPECT_NEAR(decide(withBalance(plainRouting(1), "C"), one).losses.at("balance"), 4, 1e-9) << "E";
}

TEST(BalanceLoss, ModesCAndDAreMeansOverSequences)
{
    // Each sequence alone is collapsed, both together are balanced.
    const at::Tensor logits = logitsOf({{50, 0}, {50, 0}, {0, 50}, {0, 50}});
    EXPECT_NEAR(decide(withBalance(plainRouting(1), "B"), logits, true, 2).losses.at("balance"), 1, 1e-9);
    EXPECT_NEAR(decide(withBalance(plainRouting(1), "C"), logits, true, 2).losses.at("balance"), 2, 1e-9);
    EXPECT_NEAR(decide(withBalance(plainRouting(1), "D"), logits, true, 2).losses.at("balance"), 2, 1e-9);
}

// seeds 1.3: CV²([4,0,0,0]) = 4 and CV²([1,2,3,2]) = 1/6, here with weights of 1 so that importance = load.
TEST(BalanceLoss, SquaredVariationIsUnbiased)
{
    RoutingConfig routing = withBalance(plainRouting(1), "E");
    routing.weigher = {"one", {}};
    const at::Tensor all = logitsOf({{9, 0, 0, 0}, {9, 0, 0, 0}, {9, 0, 0, 0}, {9, 0, 0, 0}});
    EXPECT_NEAR(decide(routing, all).losses.at("balance"), 2 * 4, 1e-6);
    const at::Tensor mixed = logitsOf({{9, 0, 0, 0}, {0, 9, 0, 0}, {0, 9, 0, 0}, {0, 0, 9, 0}, {0, 0, 9, 0},
        {0, 0, 9, 0}, {0, 0, 0, 9}, {0, 0, 0, 9}});
    EXPECT_NEAR(decide(routing, mixed).losses.at("balance"), 2.0 / 6, 1e-6);
}

// field 3.1 (i): dB/dz_{t,j} = (E/T) p_{t,j} (f_j - sum_i f_i p_{t,i}), f of all choices at k = 1.
TEST(BalanceLoss, GradientIsThePrintedOne)
{
    RouterFixture fixture(withBalance(plainRouting(1), "B"), 4, 4);
    fixture.makeLogitsOfHidden();
    const at::Tensor hidden = goldenLogits().set_requires_grad(true);
    const RouteContext context = contextOf(hidden, 4, true);
    const RoutePlan plan = fixture.router->route(context);
    lossesOf(*fixture.router, context, plan).at(0).value.backward();
    const at::Tensor share_E = plan.first_E.to(at::kDouble) / 4;
    const at::Tensor probs_TE = plan.probs_TE.detach();
    const at::Tensor expected = probs_TE * (share_E - (probs_TE * share_E).sum(1, true));
    expectNear(hidden.grad(), numbersOf<double>(expected), 1e-12);
}

// cases 6 and 7
TEST(RouterNumbers, ProbabilityEntropyAndZOfAKnownRow)
{
    RoutingConfig routing = plainRouting(2);
    routing.losses["z"] = {"z", {}};
    const at::Tensor row = logitsOf({{std::log(4.0), std::log(2.0), 0, 0}});
    for (const double shift : {0.0, 10.0}) {
        const Decided decision = decide(routing, row + shift);
        expectNear(decision.plan.probs_TE, {0.5, 0.25, 0.125, 0.125}, 1e-12);
        EXPECT_NEAR(decision.plan.entropySum.item<double>(), 1.75 * std::log(2.0), 1e-12);
        EXPECT_NEAR(decision.losses.at("z"), shift == 0 ? 4.324077 : 145.912908, 1e-6);
    }
}

// case 8: f = P = [.5, .25, .125, .125]
TEST(RouterNumbers, BalanceOfAKnownLoad)
{
    const at::Tensor p = logitsOf({{std::log(4.0), std::log(2.0), 0, 0}});
    RouterFixture fixture(withBalance(plainRouting(1), "B"), 4, 4);
    fixture.makeLogitsOfHidden();
    const RouteContext context = contextOf(p, 1, true);
    const RoutePlan plan = fixture.router->route(context);
    at::Tensor sums = lossSums(plan);
    sums.narrow(0, 4, 4).copy_(at::tensor({0.5, 0.25, 0.125, 0.125}, at::kDouble));
    const auto losses = fixture.router->losses(makeLossContext(context, plan, sums, 1));
    EXPECT_NEAR(losses.at(0).value.item<double>(), 1.375, 1e-12);
}

// field 4.2 (h4)
TEST(RouterNumbers, AShiftOfAllLogitsChangesNothingButZ)
{
    RoutingConfig routing = withBalance(plainRouting(2), "B");
    routing.losses["z"] = {"z", {}};
    const Decided before = decide(routing, goldenLogits()), after = decide(routing, goldenLogits() + 3);
    EXPECT_EQ(numbersOf<std::int64_t>(before.plan.expert_M), numbersOf<std::int64_t>(after.plan.expert_M));
    expectNear(after.plan.weight_M, numbersOf<double>(before.plan.weight_M), 1e-12);
    EXPECT_NEAR(after.losses.at("balance"), before.losses.at("balance"), 1e-12);
    EXPECT_GT(after.losses.at("z") - before.losses.at("z"), 1);
}

TEST(RouterNumbers, SigmoidProbabilitiesAreNormalisedScores)
{
    RoutingConfig routing = plainRouting(1);
    routing.scoreMap = {"sigmoid", {}};
    const RoutePlan plan = decide(routing, logitsOf({{0, std::log(3.0)}})).plan;
    expectNear(plan.scores_TE, {0.5, 0.75}, 1e-12);
    expectNear(plan.probs_TE, {0.4, 0.6}, 1e-12);
    EXPECT_NEAR(plan.entropySum.item<double>(), -0.4 * std::log(0.4) - 0.6 * std::log(0.6), 1e-12);
}

TEST(RouterNumbers, TemperatureDividesTheLogits)
{
    RoutingConfig routing = plainRouting(1);
    routing.scoreMap = {"softmax", {{"temperature", 2.0}}};
    expectNear(decide(routing, logitsOf({{0, std::log(9.0)}})).plan.probs_TE, {0.25, 0.75}, 1e-12);
}

TEST(TopK, EqualScoresGoToTheLowestNumber)
{
    const RoutePlan plan = decide(plainRouting(3), logitsOf({{1, 2, 1, 2, 1}, {0, 0, 0, 0, 0}})).plan;
    EXPECT_EQ(numbersOf<std::int64_t>(plan.expert_M), (Ints{1, 3, 0, 0, 1, 2}));
}

// field 4.2 (h5): acceptance of the second expert with g2' = 0.2 is 0.4, within three standard errors.
TEST(Top2Random, SecondExpertIsUsedTwiceAsOftenAsItWeighs)
{
    RoutingConfig routing = plainRouting(2);
    routing.selector = {"top-2-random", {}};
    const std::int64_t draws = 100'000;
    const at::Tensor logits = logitsOf({{std::log(0.8), std::log(0.2), -40, -40}}).expand({draws, 4}).contiguous();
    const RoutePlan plan = decide(routing, logits, true).plan;
    const auto assigned = numbersOf<std::int64_t>(plan.assigned_E);
    EXPECT_EQ(assigned[0], draws);
    const double error = std::sqrt(0.4 * 0.6 / static_cast<double>(draws));
    EXPECT_NEAR(static_cast<double>(assigned[1]) / static_cast<double>(draws), 0.4, 3 * error);
    EXPECT_EQ(numbersOf<std::int64_t>(decide(routing, logits, false).plan.assigned_E)[1], draws)
        << "in evaluation always";
}

// case 4: c = [4, 2, 1, 1], capacity 2, so 2 of 8 are dropped: the last ones.
TEST(PositionCapacity, LaterTokensAreDropped)
{
    RoutingConfig routing = plainRouting(1);
    routing.capacity = {"position", {{"factor", 1.0}}};
    at::Tensor logits = at::zeros({8, 4}, at::kDouble);
    const Ints experts = {0, 1, 0, 0, 2, 0, 1, 3};
    for (std::size_t t = 0; t < experts.size(); ++t)
        logits[static_cast<std::int64_t>(t)][experts[t]] = 5;
    const RoutePlan plan = decide(routing, logits, true).plan;
    EXPECT_EQ(numbersOf<std::int64_t>(plan.assigned_E), (Ints{4, 2, 1, 1}));
    EXPECT_EQ(numbersOf<std::int64_t>(plan.kept_E), (Ints{2, 2, 1, 1}));
    EXPECT_THAT(numbersOf<bool>(plan.kept_M), ElementsAre(true, true, true, false, true, false, true, true));
}

// case 5: sets {0,1} {0,1} {0,2} {0,3}, capacity 2: two assignments dropped, no token without an expert.
TEST(PositionCapacity, FirstChoicesComeBeforeSecondOnes)
{
    RoutingConfig routing = plainRouting(2);
    routing.capacity = {"position", {{"factor", 1.0}}};
    const at::Tensor logits = logitsOf({{3, 2, 0, 0}, {3, 2, 0, 0}, {3, 0, 2, 0}, {3, 0, 0, 2}});
    EXPECT_THAT(numbersOf<bool>(decide(routing, logits, true).plan.kept_M),
        ElementsAre(true, true, true, true, false, true, false, true));

    // Token 0 wants expert 1 second, tokens 1 and 2 want it first: they come before.
    const at::Tensor second = logitsOf({{3, 2, 0, 0}, {0, 3, 2, 0}, {0, 3, 0, 2}, {0, 0, 3, 2}});
    EXPECT_THAT(numbersOf<bool>(decide(routing, second, true).plan.kept_M),
        ElementsAre(true, false, true, true, true, true, true, true));
}

TEST(ProbabilityCapacity, TheLowestScoresAreDropped)
{
    RoutingConfig routing = plainRouting(1);
    routing.capacity = {"probability", {{"factor", 1.0}}};
    const at::Tensor logits = logitsOf({{1, 0}, {3, 0}, {2, 0}, {0, 1}});
    EXPECT_THAT(numbersOf<bool>(decide(routing, logits, true).plan.kept_M), ElementsAre(false, true, true, true));
}

TEST(Capacity, PaddingTakesNoPlace)
{
    RoutingConfig routing = plainRouting(1);
    routing.capacity = {"position", {{"factor", 1.0}}};
    const at::Tensor logits = logitsOf({{5, 0}, {5, 0}, {5, 0}, {5, 0}});
    const at::Tensor valid = at::tensor({0, 1, 1, 0}, at::kLong).to(at::kBool);
    const RoutePlan plan = decide(routing, logits, true, 4, valid).plan;
    EXPECT_THAT(numbersOf<bool>(plan.kept_M), ElementsAre(false, true, false, false))
        << "one place for two valid tokens";
    EXPECT_EQ(numbersOf<std::int64_t>(plan.assigned_E), (Ints{2, 0}));
    EXPECT_EQ(plan.numTokens, 2);
}

TEST(Jitter, StaysInItsRangeAndIsOffInEvaluation)
{
    RoutingConfig routing = plainRouting(1);
    routing.scorer = {"linear", {{"jitter", 0.1}}};
    const at::Tensor ones = at::full({500, 9}, 1.0, at::kDouble);
    const auto noise = numbersOf<double>(decide(routing, ones, true).plan.logits_TE);
    const auto [low, high] = std::ranges::minmax_element(noise);
    double mean = 0;
    for (const double x : noise)
        mean += x / static_cast<double>(noise.size());
    EXPECT_GE(*low, 0.9);
    EXPECT_LT(*low, 0.901);
    EXPECT_LE(*high, 1.1);
    EXPECT_GT(*high, 1.099);
    EXPECT_NEAR(mean, 1, 3 * 0.2 / std::sqrt(12.0 * 4500));
    expectNear(decide(routing, ones, false).plan.logits_TE, std::vector<double>(4500, 1.0), 0);

    routing.scorer.settings["jitter_mode"] = std::string("add-logits");
    const auto added = numbersOf<double>(decide(routing, ones, true).plan.logits_TE);
    EXPECT_NEAR(*std::ranges::min_element(added), 1.9, 1e-3);
    EXPECT_NEAR(*std::ranges::max_element(added), 2.1, 1e-3);
}

TEST(PartTable, HoldsTheseParts)
{
    std::vector<std::string> names;
    for (const PartInfo& part : registeredParts())
        if (part.source != "tests")
            names.push_back(std::string(slotKey(part.slot)) + ' ' + part.name);
    EXPECT_THAT(names,
        ElementsAre("scorer adaptive-clusters", "scorer cosine", "scorer gating-residual", "scorer linear",
            "scorer none", "scorer recurrent", "scorer ternary", "score_map identity", "score_map learned-temperature",
            "score_map relu", "score_map sigmoid", "score_map softmax", "score_map softmax-bias",
            "selector balanced-assignment", "selector cluster-top-1", "selector expert-choice",
            "selector grouped-top-k", "selector positive", "selector race", "selector sinkhorn", "selector table",
            "selector top-2-random", "selector top-k", "capacity by-kind", "capacity dropless", "capacity position",
            "capacity probability", "weigher as-is", "weigher one", "weigher renormalised", "weigher sigmoid",
            "weigher softmax-chosen", "weigher softmax-of-scores", "weigher ternary", "losses balance",
            "losses base-balance", "losses cluster-variance", "losses group-balance", "losses l1-load",
            "losses router-similarity", "losses weighted-balance", "losses z", "losses zero-reward",
            "hooks bias-update"));
}

/// k is the number of the step.
class ChoicesOfStep final : public Hook {
public:
    explicit ChoicesOfStep(const PartArgs& args)
        : m_state(args.state)
    {
    }
    void onStepBegin(Step step, std::int64_t) override { m_state.choices = step.value; }
    static PartInfo info()
    {
        PartInfo info;
        info.slot = Slot::Hook;
        info.name = "choices-of-step";
        info.summary = info.formula = info.source = "tests";
        return info;
    }

private:
    RouterState& m_state;
};

TEST(Hooks, ChangeWhatOtherPartsDo)
{
    MOESCOPE_ROUTING_PART(ChoicesOfStep);
    RoutingConfig routing = plainRouting(2);
    routing.hooks["grow"] = {"choices-of-step", {}};
    RouterFixture fixture(routing, 4, 4);
    const RouteContext context = contextOf(at::zeros({5, 4}), 5, true);
    EXPECT_EQ(fixture.router->route(context).choices, 2);
    fixture.router->onStepBegin(Step{3}, 10);
    const RoutePlan plan = fixture.router->route(context);
    EXPECT_EQ(plan.choices, 3);
    EXPECT_EQ(plan.token_M.numel(), 15);
}

TEST(PartTableDeathTest, ATakenNameStopsTheProgram)
{
    RegisteredPart again = *findPart(Slot::Selector, "top-k");
    EXPECT_DEATH(registerPart(std::move(again)), "two routing parts are called selector top-k");
}

TEST(RouterDeathTest, RenormalisingASingleChoiceIsRefused)
{
    for (const char* weigher : {"renormalised", "softmax-chosen"}) {
        RoutingConfig routing = plainRouting(1);
        routing.weigher = {weigher, {}};
        EXPECT_DEATH(RouterFixture(routing, 4, 4), "needs k >= 2");
    }
}

}  // namespace
}  // namespace moescope
