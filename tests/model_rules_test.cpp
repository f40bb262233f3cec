// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Methods that change the block (MomentumSMoE) or the optimiser (OMoE): spec/routing-field.md 5.10 and 5.12.
#include <cmath>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "engine/routing/layer_rules.h"
#include "tests/support/fake_group.h"
#include "tests/support/transformer_fixture.h"

namespace moescope {
namespace {

using test::recipe;

RoutingConfig momentum(const std::string& rule, double mu, double gamma)
{
    RoutingConfig routing = recipe("momentum-smoe");
    routing.hooks["momentum"].settings = {{"rule", rule}, {"mu", mu}, {"gamma", gamma}};
    return routing;
}

at::Tensor number(double value) { return at::full({1, 1}, value, at::kDouble); }

// m1 = 1, m2 = 0.7 + 2 * 1: h goes 0, 1, 3.7.
TEST(MomentumSmoe, AddsTheRunningSumOfAllAnswers)
{
    const RouterFixture fixture(momentum("momentum", 0.7, 1), 4, 8);
    const ResidualRule* rule = fixture.router->residualRule();
    ASSERT_NE(rule, nullptr);
    std::vector<at::Tensor> carried;
    const at::Tensor once = rule->update(number(0), number(1), carried);
    EXPECT_DOUBLE_EQ(once.item<double>(), 1);
    EXPECT_DOUBLE_EQ(rule->update(once, number(2), carried).item<double>(), 3.7);
}

// p = 0.1, v = 0.001: 0.1 / sqrt(0.001 + 1e-8); then p = 0.09 + 0.2, v = 0.000999 + 0.004.
TEST(MomentumSmoe, AdamDividesByTheRootOfTheSecondMoment)
{
    const RouterFixture fixture(momentum("adam", 0.7, 1), 4, 8);
    std::vector<at::Tensor> carried;
    const ResidualRule& rule = *fixture.router->residualRule();
    const at::Tensor once = rule.update(number(0), number(1), carried);
    EXPECT_NEAR(once.item<double>(), 0.1 / std::sqrt(0.001 + 1e-8), 1e-12);
    const double second = rule.update(number(0), number(2), carried).item<double>();
    EXPECT_NEAR(second, 0.29 / std::sqrt(0.000999 + 0.004 + 1e-8), 1e-12);
}

TEST(MomentumSmoe, WithoutMomentumIsTheOrdinaryBlock)
{
    const TokenBatch batch = test::someBatch(3, 16, 50);
    Transformer plain(test::smallModel(), recipe("smoe"), Precision::Fp32, 7);
    Transformer still(test::smallModel(), momentum("momentum", 0, 1), Precision::Fp32, 7);
    const at::Tensor wanted = test::gradientOf(plain, batch, test::trainingContext());
    EXPECT_TRUE(at::equal(test::gradientOf(still, batch, test::trainingContext()), wanted));
    Transformer moved(test::smallModel(), momentum("momentum", 0.7, 1), Precision::Fp32, 7);
    EXPECT_FALSE(at::equal(test::gradientOf(moved, batch, test::trainingContext()), wanted));
}

// Three layers in a row in fp64: y_l = tanh(h_l W_l).
TEST(MomentumSmoe, GradientThroughTheSumMatchesFiniteDifferences)
{
    for (const char* name : {"momentum", "adam"}) {
        const RouterFixture fixture(momentum(name, 0.7, 1), 4, 8);
        const ResidualRule& rule = *fixture.router->residualRule();
        const at::Tensor weights = initialNormal(3, "weights", {3, 6, 6}, 0.4).to(at::kDouble);
        const auto objective = [&](const at::Tensor& start) {
            std::vector<at::Tensor> carried;
            at::Tensor h = start;
            for (std::int64_t layer = 0; layer < 3; ++layer)
                h = rule.update(h, at::matmul(h, weights[layer]).tanh(), carried);
            return (h * initialNormal(4, "factor", {5, 6}, 1).to(at::kDouble)).sum();
        };
        const at::Tensor start = initialNormal(5, "start", {5, 6}, 1).to(at::kDouble).set_requires_grad(true);
        objective(start).backward();
        const c10::NoGradGuard noGrad;
        const at::Tensor direction = initialNormal(6, "direction", {5, 6}, 1).to(at::kDouble), at0 = start.detach();
        const double step = 1e-7, slope = (start.grad() * direction).sum().item<double>();
        const at::Tensor difference = objective(at0 + direction * step) - objective(at0 - direction * step);
        EXPECT_NEAR(difference.item<double>() / (2 * step), slope, 1e-4 * std::abs(slope)) << name;
    }
}

TEST(MomentumSmoe, AModelsGradientMatchesFiniteDifferences)
{
    RoutingConfig routing = momentum("momentum", 0.7, 1);
    routing.selector.settings["k"] = std::int64_t{4};  // all experts: no decision can change
    Transformer model(test::smallModel(), routing, Precision::Fp32, 7);
    EXPECT_NEAR(test::slopeAlongGradient(model, test::someBatch(3, 16, 50)), 1, 2e-2);
}

constexpr std::int64_t kWide = 16, kNumExperts = 4, kPhase = 3;

RoutingConfig orthogonal(const std::string& others)
{
    RoutingConfig routing = recipe("omoe");
    routing.hooks["orthogonal"].settings = {{"others", others}, {"lambda", 1e-9}, {"interval", kPhase}};
    return routing;
}

/// A router with its rule, and one step of it.
struct Omoe {
    RouterFixture fixture;
    ExpertGradientRule& rule;

    explicit Omoe(const std::string& others = "joint")
        : fixture(orthogonal(others), kNumExperts, kWide)
        , rule(*fixture.router->gradientRule())
    {
        fixture.spreadWeights(0.5);
    }

    /// Tokens [firstToken, firstToken + T) of the step; returns the normalised mean input of each expert.
    at::Tensor see(const at::Tensor& hidden_TD)
    {
        const c10::NoGradGuard noGrad;
        const RouteContext context = contextOf(hidden_TD, hidden_TD.size(0), true);
        const RoutePlan plan = fixture.router->route(context);
        rule.observe(context, plan);
        at::Tensor sum_ED = at::zeros({kNumExperts, kWide}, at::kDouble);
        sum_ED.index_add_(0, plan.expert_M, hidden_TD.to(at::kDouble).index_select(0, plan.token_M));
        return sum_ED / sum_ED.norm(2, 1, true);
    }

    at::Tensor projector() const { return fixture.store.buffers()[0].value.to(at::kDouble); }
};

at::Tensor someHidden(std::uint64_t seed) { return initialNormal(seed, "hidden", {24, kWide}, 1); }

at::Tensor someGradient() { return initialNormal(5, "gradient", {kNumExperts, kWide, 10}, 0.1); }

TEST(Omoe, ProjectsAwayFromTheInputsOfTheOthersOnly)
{
    Omoe omoe;
    omoe.fixture.router->onStepBegin(Step{1}, 100);
    const at::Tensor seen_ED = omoe.see(someHidden(1));
    at::Tensor gradient = someGradient();
    EXPECT_FALSE(omoe.rule.apply(Step{1}, gradient, nullptr));
    EXPECT_TRUE(at::equal(gradient, someGradient())) << "an ordinary step";
    EXPECT_TRUE(omoe.rule.apply(Step{kPhase + 1}, gradient, nullptr));
    for (std::int64_t expert = 0; expert < kNumExperts; ++expert)
        for (std::int64_t other = 0; other < kNumExperts; ++other) {
            const at::Tensor along = at::matmul(seen_ED[other], gradient[expert].to(at::kDouble));
            if (other == expert)
                EXPECT_GT(along.abs().max().item<double>(), 1e-3) << "its own inputs stay";
            else
                EXPECT_LT(along.abs().max().item<double>(), 1e-6) << expert << " against " << other;
        }
}

TEST(Omoe, ProjectorsAreSymmetricWithEigenvaluesFromZeroToOne)
{
    for (const char* others : {"joint", "average"}) {
        Omoe omoe(others);
        for (std::int64_t step = 1; step <= kPhase; ++step) {
            omoe.fixture.router->onStepBegin(Step{step}, 100);
            omoe.see(someHidden(static_cast<std::uint64_t>(step)));
            at::Tensor gradient = someGradient();
            omoe.rule.apply(Step{step}, gradient, nullptr);
        }
        const at::Tensor projector = omoe.projector();
        EXPECT_LT((projector - projector.transpose(1, 2)).abs().max().item<double>(), 1e-7);
        const at::Tensor eigenvalues = at::linalg_eigvalsh(projector);
        EXPECT_GT(eigenvalues.min().item<double>(), -1e-6);
        EXPECT_LT(eigenvalues.max().item<double>(), 1 + 1e-6);
        EXPECT_LT(eigenvalues.min().item<double>(), 1e-6) << "what was seen is gone";
    }
}

TEST(Omoe, PhasesAlternateAndEachBeginsAnew)
{
    Omoe omoe;
    std::string changed;
    at::Tensor last;
    for (std::int64_t step = 1; step <= 2 * kPhase + 1; ++step) {
        omoe.fixture.router->onStepBegin(Step{step}, 100);
        last = someHidden(static_cast<std::uint64_t>(step));
        omoe.see(last);
        at::Tensor gradient = someGradient();
        changed += omoe.rule.apply(Step{step}, gradient, nullptr) ? 'p' : '.';
    }
    EXPECT_EQ(changed, "...ppp.");
    Omoe fresh;
    fresh.fixture.router->onStepBegin(Step{1}, 100);
    fresh.see(last);
    at::Tensor gradient = someGradient();
    fresh.rule.apply(Step{1}, gradient, nullptr);
    EXPECT_TRUE(at::equal(omoe.projector(), fresh.projector()));
}

// The mean of the others' own projectors is exact for two experts only.
TEST(Omoe, AverageTakesTheMeanOfTheOthersProjectors)
{
    Omoe omoe("average");
    omoe.fixture.router->onStepBegin(Step{1}, 100);
    const at::Tensor seen_ED = omoe.see(someHidden(1));
    at::Tensor gradient = someGradient();
    omoe.rule.apply(Step{1}, gradient, nullptr);
    omoe.rule.apply(Step{kPhase + 1}, gradient, nullptr);
    const at::Tensor all = at::eye(kWide, at::kDouble);
    for (std::int64_t expert = 0; expert < kNumExperts; ++expert) {
        at::Tensor mean = at::zeros({kWide, kWide}, at::kDouble);
        for (std::int64_t other = 0; other < kNumExperts; ++other)
            if (other != expert)
                mean += (all - at::outer(seen_ED[other], seen_ED[other])) / (kNumExperts - 1.0);
        const at::Tensor wanted = at::matmul(mean, someGradient()[expert].to(at::kDouble));
        EXPECT_LT((gradient[expert] - wanted).abs().max().item<double>(), 1e-5);
    }
}

TEST(Omoe, TwoMicroBatchesCountAsOne)
{
    Omoe whole, parts;
    at::Tensor gradient = someGradient();
    for (Omoe* omoe : {&whole, &parts})
        omoe->fixture.router->onStepBegin(Step{1}, 100);
    whole.see(someHidden(1));
    parts.see(someHidden(1).slice(0, 0, 8));
    parts.see(someHidden(1).slice(0, 8, 24));
    for (Omoe* omoe : {&whole, &parts})
        omoe->rule.apply(Step{1}, gradient, nullptr);
    EXPECT_LT((whole.projector() - parts.projector()).abs().max().item<double>(), 1e-6);
}

TEST(Omoe, TwoRanksHaveTheProjectorsOfOne)
{
    Omoe whole, left, right;
    at::Tensor gradient = someGradient();
    std::vector<at::Tensor> sums(2);
    test::FakeGroup groups[2] = {{0, sums}, {1, sums}};
    Omoe* ranks[2] = {&left, &right};
    for (int pass = 0; pass < 2; ++pass)  // the first one records what the other rank brings
        for (std::int64_t rank = 0; rank < 2; ++rank) {
            ranks[rank]->fixture.router->onStepBegin(Step{1}, 100);
            ranks[rank]->see(someHidden(1).slice(0, 12 * rank, 12 * rank + 12));
            ranks[rank]->rule.apply(Step{1 + 2 * kPhase * pass}, gradient, &groups[rank]);
        }
    whole.fixture.router->onStepBegin(Step{1}, 100);
    whole.see(someHidden(1));
    whole.rule.apply(Step{1}, gradient, nullptr);
    for (Omoe* rank : ranks)
        EXPECT_LT((rank->projector() - whole.projector()).abs().max().item<double>(), 1e-6);
}

// A model takes the rule up in every MoE layer, and nothing but the experts' first matrices changes.
TEST(Omoe, ChangesTheFirstMatricesOfTheExpertsAlone)
{
    RoutingConfig routing = orthogonal("joint");
    Transformer model(test::smallModel(), routing, Precision::Fp32, 7);
    const TokenBatch batch = test::someBatch(3, 16, 50);
    for (const std::int64_t step : {std::int64_t{1}, kPhase + 1}) {
        model.onStepBegin(Step{step}, 100);
        const at::Tensor before = test::gradientOf(model, batch, test::trainingContext());
        EXPECT_EQ(model.adjustGradients(Step{step}, nullptr), step > kPhase);
        for (const ParameterStore::Entry& entry : model.parameters().parameters()) {
            const at::Tensor old = before.narrow(0, entry.offset, entry.value.numel()).view(entry.value.sizes());
            const bool first = entry.name.ends_with(".moe.experts.w1");
            EXPECT_EQ(at::equal(entry.value.grad(), old), step <= kPhase || !first) << entry.name;
        }
    }
}

}  // namespace
}  // namespace moescope
