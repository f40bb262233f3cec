// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "engine/model/activation.h"
#include "engine/model/expert_function.h"
#include "engine/model/initial_weights.h"
#include "engine/model/moe_layer.h"
#include "tests/support/naive_experts.h"

namespace moescope {
namespace {

struct Case {
    const char* name;
    std::int64_t T, D, H, E, choices;
    int dropEvery;
    Activation activation;
};

std::ostream& operator<<(std::ostream& out, const Case& c) { return out << c.name; }

// The layer under test with its inputs, and what it gave.
struct Mixture {
    ParameterStore store;
    Weight w1, w2;
    at::Tensor x_TD, weight_M, upstream_TD, y_TD;
    std::vector<test::Pair> pairs;
};

void runMixture(Mixture& m, const Case& c, Precision precision)
{
    const std::int64_t H1 = preActivationSize(c.activation, c.H);
    m.w1 = m.store.add("w1", initialNormal(1, "w1", {c.E, c.D, H1}, std::pow(c.D, -0.5)));
    m.w2 = m.store.add("w2", initialNormal(1, "w2", {c.E, c.H, c.D}, std::pow(c.H, -0.5)));
    m.store.pack(precision);
    m.pairs = test::mixedPairs(c.T, c.E, c.choices, c.dropEvery);
    m.x_TD = initialNormal(2, "x", {c.T, c.D}, 1).set_requires_grad(true);
    m.weight_M = initialNormal(2, "g", {static_cast<std::int64_t>(m.pairs.size())}, 1).set_requires_grad(true);
    m.upstream_TD = initialNormal(2, "u", {c.T, c.D}, 1);
    m.y_TD = expertMixture(m.x_TD, test::planOf(m.pairs, m.weight_M, c.E), c.activation, m.w1, m.w2);
    m.y_TD.backward(m.upstream_TD);
}

double relativeError(const at::Tensor& got, const at::Tensor& wanted)
{
    const double scale = wanted.norm().item<double>();
    return (got.to(at::kDouble) - wanted).norm().item<double>() / (scale > 0 ? scale : 1);
}

void expectNearNaive(Mixture& m, const Case& c, double tolerance)
{
    const auto leaf = [](const at::Tensor& t) { return t.detach().to(at::kDouble).set_requires_grad(true); };
    const at::Tensor x = leaf(m.x_TD), g = leaf(m.weight_M), w1 = leaf(m.w1.value()), w2 = leaf(m.w2.value());
    const at::Tensor y = test::naiveMixture(c.activation, x, m.pairs, g, w1, w2);
    y.backward(m.upstream_TD.to(at::kDouble));
    EXPECT_LT(relativeError(m.y_TD, y.detach()), tolerance);
    EXPECT_LT(relativeError(m.x_TD.grad(), x.grad()), tolerance);
    EXPECT_LT(relativeError(m.weight_M.grad(), g.grad()), tolerance);
    EXPECT_LT(relativeError(m.w1.value().grad(), w1.grad()), tolerance);
    EXPECT_LT(relativeError(m.w2.value().grad(), w2.grad()), tolerance);
}

class ExpertMixture : public testing::TestWithParam<Case> { };

// fp32 sums of up to 64 terms: relative error near 64 * 2^-24 / sqrt(64) = 5e-7; 2e-6 leaves room for three in a row.
TEST_P(ExpertMixture, AgreesWithTheNaiveLoopInFp64)
{
    Mixture m;
    runMixture(m, GetParam(), Precision::Fp32);
    expectNearNaive(m, GetParam(), 2e-6);
}

// bf16 keeps 8 bits: every stored number is off by up to 2^-9 = 0.002 of itself; inputs, weights, pre-activations,
// activations and gradients are rounded in a row, about sqrt(5) * 0.002 / sqrt(3) on average, and 0.01 is twice that.
TEST_P(ExpertMixture, AgreesWithTheNaiveLoopInBf16)
{
    Mixture m;
    runMixture(m, GetParam(), Precision::Bf16);
    expectNearNaive(m, GetParam(), 0.01);
}

TEST_P(ExpertMixture, HasTheSameBitsForAnyNumberOfThreads)
{
    const int before = at::get_num_threads();
    Mixture one, three;
    at::set_num_threads(1);
    runMixture(one, GetParam(), Precision::Fp32);
    at::set_num_threads(3);
    runMixture(three, GetParam(), Precision::Fp32);
    at::set_num_threads(before);
    EXPECT_TRUE(at::equal(one.y_TD, three.y_TD));
    EXPECT_TRUE(at::equal(one.x_TD.grad(), three.x_TD.grad()));
    EXPECT_TRUE(at::equal(one.store.gradient(), three.store.gradient()));
}

INSTANTIATE_TEST_SUITE_P(Shapes, ExpertMixture,
    testing::Values(Case{"OneTokenOneExpert", 1, 4, 4, 1, 1, 0, Activation::Gelu},
        Case{"TwoOfFour", 33, 16, 24, 4, 2, 0, Activation::Gelu},
        Case{"WithDrops", 50, 16, 32, 8, 2, 3, Activation::Relu},
        Case{"SwiGlu", 40, 32, 48, 5, 3, 0, Activation::SwiGlu},
        Case{"MostExpertsEmpty", 6, 8, 16, 64, 1, 0, Activation::SwiGlu},
        Case{"OddSizes", 37, 19, 21, 3, 2, 4, Activation::Gelu},
        Case{"ManyRows", 300, 64, 64, 2, 2, 0, Activation::Gelu}),
    [](const auto& shape) { return std::string(shape.param.name); });

TEST(ExpertMixtureRows, AddUpWhenATokenMeetsAnExpertTwiceOrNever)
{
    ParameterStore store;
    const Weight w1 = store.add("w1", initialNormal(1, "w1", {2, 8, 8}, 0.3));
    const Weight w2 = store.add("w2", initialNormal(1, "w2", {2, 8, 8}, 0.3));
    store.pack(Precision::Fp32);
    const at::Tensor x = initialNormal(2, "x", {3, 8}, 1);
    const std::vector<test::Pair> pairs{
        {0, 1}, {0, 1}, {0, 0}, {2, 1, false}};  // token 1 has none, token 2 lost its only one
    const at::Tensor weights = at::tensor({0.25, 0.5, -1.0, 3.0}, at::kFloat);
    const at::Tensor y = expertMixture(x, test::planOf(pairs, weights, 2), Activation::Gelu, w1, w2);
    const at::Tensor wanted = test::naiveMixture(Activation::Gelu, x.to(at::kDouble), pairs, weights.to(at::kDouble),
        w1.value().detach().to(at::kDouble), w2.value().detach().to(at::kDouble));
    EXPECT_LT(relativeError(y, wanted), 1e-6);
    EXPECT_TRUE(at::equal(y[1], at::zeros({8})));
    EXPECT_TRUE(at::equal(y[2], at::zeros({8})));
}

TEST(ExpertMixtureGradient, LeavesAnEmptyExpertsSliceUntouched)
{
    Mixture m;
    const Case c{"", 6, 8, 16, 4, 1, 0, Activation::Gelu};
    m.w1 = m.store.add("w1", initialNormal(1, "w1", {c.E, c.D, c.H}, 0.3));
    m.w2 = m.store.add("w2", initialNormal(1, "w2", {c.E, c.H, c.D}, 0.3));
    m.store.pack(Precision::Fp32);
    m.store.gradient().fill_(7);
    const std::vector<test::Pair> pairs{{0, 0}, {1, 3}, {2, 0}};
    const at::Tensor y = expertMixture(initialNormal(2, "x", {3, 8}, 1).set_requires_grad(true),
        test::planOf(pairs, at::ones({3}), 4), Activation::Gelu, m.w1, m.w2);
    y.sum().backward();
    for (const Weight* weight : {&m.w1, &m.w2}) {
        const at::Tensor gradient = weight->value().grad();
        EXPECT_TRUE(at::equal(gradient.narrow(0, 1, 2), at::full_like(gradient.narrow(0, 1, 2), 7)));
        EXPECT_FALSE(at::equal(gradient[0], at::full_like(gradient[0], 7)));
    }
}

// Central differences along random directions; fp32 evaluations differ by about 1e-7 * |y| / (2 * step) = 1e-4.
TEST(ExpertMixtureGradient, MatchesFiniteDifferences)
{
    const Case c{"", 24, 12, 20, 3, 2, 5, Activation::SwiGlu};
    Mixture m;
    runMixture(m, c, Precision::Fp32);
    const auto objective = [&](const at::Tensor& x, const at::Tensor& weights) {
        const at::Tensor y = expertMixture(x, test::planOf(m.pairs, weights, c.E), c.activation, m.w1, m.w2);
        return (y * m.upstream_TD).sum(at::kDouble).item<double>();
    };
    const c10::NoGradGuard noGraph;
    const double step = 1e-3;
    const at::Tensor dx = initialNormal(3, "dx", {c.T, c.D}, 1), dg = initialNormal(3, "dg", m.weight_M.sizes(), 1);
    const at::Tensor x = m.x_TD.detach(), g = m.weight_M.detach();
    const double alongX = (objective(x + step * dx, g) - objective(x - step * dx, g)) / (2 * step);
    const double alongG = (objective(x, g + step * dg) - objective(x, g - step * dg)) / (2 * step);
    EXPECT_NEAR(alongX, (m.x_TD.grad() * dx).sum().item<double>(), 1e-3 * std::abs(alongX));
    EXPECT_NEAR(alongG, (m.weight_M.grad() * dg).sum().item<double>(), 1e-3 * std::abs(alongG));
}

TEST(ExpertBank, AnswersForAllExpertsAsForEachAlone)
{
    ModelConfig model;
    model.hiddenSize = 16;
    ParameterStore store;
    const ExpertBank bank(model, 3, 24, 1, store, "experts");
    store.pack(Precision::Fp32);
    const at::Tensor x = initialNormal(2, "x", {5, 16}, 1).set_requires_grad(true);
    const at::Tensor all = bank.all(x);
    EXPECT_EQ(all.sizes(), (std::vector<std::int64_t>{3, 5, 16}));
    for (int expert = 0; expert < 3; ++expert)
        EXPECT_TRUE(at::equal(all[expert], bank.one(ExpertId{expert}, x)));
    all.sum().backward();
    EXPECT_TRUE(x.grad().defined());
}

// routing-seeds 1.1: each slice on its own, N(0, 1/D) and N(0, 1/H) over the depth. The sample deviation of n numbers
// is off by 1/sqrt(2n) = 0.4 % here; 2 % is five of those.
TEST(ExpertBank, StartsEverySliceWithTheSameSpread)
{
    ModelConfig model;
    model.hiddenSize = 128;
    model.blockPattern = "sg";
    model.numLayers = 4;
    ParameterStore store;
    const ExpertBank bank(model, 8, 256, 5, store, "experts");
    store.pack(Precision::Fp32);
    const at::Tensor w1 = store.parameters()[0].value.detach(), w2 = store.parameters()[1].value.detach();
    for (int expert = 0; expert < 8; ++expert) {
        EXPECT_NEAR(w1[expert].std().item<double>(), std::pow(128, -0.5), 0.02 * std::pow(128, -0.5));
        EXPECT_NEAR(w2[expert].std().item<double>(), std::pow(256, -0.5) / std::sqrt(8), 0.02 / 16 / std::sqrt(8));
        EXPECT_NEAR(w1[expert].mean().item<double>(), 0, 5 * std::pow(128, -0.5) / std::sqrt(128 * 256));
    }
    EXPECT_FALSE(at::equal(w1[0], w1[1]));
}

}  // namespace
}  // namespace moescope
