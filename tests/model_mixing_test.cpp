// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The expert bank under dense plans, and whole models of the methods that mix tokens or parameters.
#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "engine/model/activation.h"
#include "engine/model/initial_weights.h"
#include "engine/model/moe_layer.h"
#include "engine/routing/dense_plan.h"
#include "tests/support/transformer_fixture.h"

namespace moescope {
namespace {

constexpr std::int64_t kTokens = 10, kFeatures = 12, kExperts = 3, kHidden = 20;

struct Bank {
    ParameterStore store;
    std::unique_ptr<ExpertBank> experts;

    explicit Bank(Activation activation, Precision precision = Precision::Fp32)
    {
        ModelConfig model;
        model.hiddenSize = kFeatures;
        model.activation = activation;
        experts = std::make_unique<ExpertBank>(model, kExperts, kHidden, 1, store, "experts");
        store.pack(precision);
    }
    const at::Tensor& w1() const { return store.parameters()[0].value; }
    const at::Tensor& w2() const { return store.parameters()[1].value; }
};

at::Tensor leaf(const at::Tensor& values) { return values.detach().to(at::kDouble).set_requires_grad(true); }

at::Tensor expertAnswer(Activation activation, const at::Tensor& x, const at::Tensor& w1, const at::Tensor& w2)
{
    const at::Tensor z = at::matmul(x, w1);
    if (activation == Activation::Relu)
        return at::matmul(at::relu(z), w2);
    if (activation == Activation::Gelu)
        return at::matmul(at::gelu(z, "tanh"), w2);
    return at::matmul(at::silu(z.chunk(2, -1)[0]) * z.chunk(2, -1)[1], w2);
}

/// Two groups of six places, two of which no token fills; two slots for each expert.
DensePlan slotsPlan()
{
    DensePlan plan;
    plan.numGroups = 2;
    plan.token_GN = at::tensor({4, 0, 2, 8, 6, 1, 9, 3, 5, 7, -1, -1}, at::kLong).view({2, 6});
    const at::Tensor filled = (plan.token_GN >= 0).unsqueeze(2);
    plan.combine_GNS = (initialNormal(2, "combine", {2, 6, 2 * kExperts}, 1) * filled).set_requires_grad(true);
    plan.dispatch_GSN = (initialNormal(2, "dispatch", {2, 6, 2 * kExperts}, 1) * filled).transpose(1, 2).contiguous();
    plan.dispatch_GSN.set_requires_grad(true);
    return plan;
}

/// One slot after the other, one token after the other.
at::Tensor naiveSlots(Activation activation, const at::Tensor& x, const DensePlan& plan, const at::Tensor& dispatch,
    const at::Tensor& combine, const at::Tensor& w1, const at::Tensor& w2)
{
    std::vector<at::Tensor> rows(kTokens, at::zeros({kFeatures}, at::kDouble));
    for (std::int64_t g = 0; g < 2; ++g)
        for (std::int64_t s = 0; s < 2 * kExperts; ++s) {
            at::Tensor input = at::zeros({kFeatures}, at::kDouble);
            for (std::int64_t n = 0; n < 6; ++n)
                if (const auto t = plan.token_GN[g][n].item<std::int64_t>(); t >= 0)
                    input = input + dispatch[g][s][n] * x[t];
            const at::Tensor answer = expertAnswer(activation, input, w1[s / 2], w2[s / 2]);
            for (std::int64_t n = 0; n < 6; ++n)
                if (const auto t = plan.token_GN[g][n].item<std::int64_t>(); t >= 0)
                    rows[static_cast<std::size_t>(t)] = rows[static_cast<std::size_t>(t)] + combine[g][n][s] * answer;
        }
    return at::stack(rows);
}

class DenseMixture : public testing::TestWithParam<Activation> { };
INSTANTIATE_TEST_SUITE_P(Every, DenseMixture, testing::Values(Activation::Relu, Activation::Gelu, Activation::SwiGlu));

// fp32 against fp64: sums of up to 20 terms, three products in a row.
TEST_P(DenseMixture, OfTokensAgreesWithTheNaiveLoopInFp64)
{
    Bank bank(GetParam());
    const DensePlan plan = slotsPlan();
    const at::Tensor x = initialNormal(2, "x", {kTokens, kFeatures}, 1).set_requires_grad(true);
    const at::Tensor upstream = initialNormal(2, "u", {kTokens, kFeatures}, 1);
    const at::Tensor y = bank.experts->forwardDense(x, plan);
    y.backward(upstream);

    const at::Tensor x64 = leaf(x), d64 = leaf(plan.dispatch_GSN), c64 = leaf(plan.combine_GNS), w1 = leaf(bank.w1()),
                     w2 = leaf(bank.w2());
    const at::Tensor wanted = naiveSlots(GetParam(), x64, plan, d64, c64, w1, w2);
    wanted.backward(upstream.to(at::kDouble));
    EXPECT_LT(test::relativeDifference(y.detach(), wanted.detach()), 2e-6);
    EXPECT_LT(test::relativeDifference(x.grad(), x64.grad()), 2e-6);
    const at::Tensor filled = plan.token_GN >= 0;
    EXPECT_LT(test::relativeDifference(plan.combine_GNS.grad() * filled.unsqueeze(2), c64.grad()), 2e-6);
    EXPECT_LT(test::relativeDifference(plan.dispatch_GSN.grad() * filled.unsqueeze(1), d64.grad()), 2e-6);
    EXPECT_LT(test::relativeDifference(bank.w1().grad(), w1.grad()), 2e-6);
    EXPECT_LT(test::relativeDifference(bank.w2().grad(), w2.grad()), 2e-6);
}

TEST_P(DenseMixture, OfParametersAgreesWithTheNaiveLoopInFp64)
{
    Bank bank(GetParam());
    DensePlan plan;
    plan.numGroups = 2;
    plan.mix_GE = at::softmax(initialNormal(2, "mix", {2, kExperts}, 1), 1).set_requires_grad(true);
    const at::Tensor x = initialNormal(2, "x", {kTokens, kFeatures}, 1).set_requires_grad(true);
    const at::Tensor upstream = initialNormal(2, "u", {kTokens, kFeatures}, 1);
    const at::Tensor y = bank.experts->forwardDense(x, plan);
    y.backward(upstream);

    const at::Tensor x64 = leaf(x), m64 = leaf(plan.mix_GE), w1 = leaf(bank.w1()), w2 = leaf(bank.w2());
    std::vector<at::Tensor> groups;
    for (std::int64_t g = 0; g < 2; ++g)
        groups.push_back(expertAnswer(GetParam(), x64.slice(0, 5 * g, 5 * g + 5), (m64[g].view({-1, 1, 1}) * w1).sum(0),
            (m64[g].view({-1, 1, 1}) * w2).sum(0)));
    const at::Tensor wanted = at::cat(groups);
    wanted.backward(upstream.to(at::kDouble));
    EXPECT_LT(test::relativeDifference(y.detach(), wanted.detach()), 2e-6);
    EXPECT_LT(test::relativeDifference(x.grad(), x64.grad()), 2e-6);
    EXPECT_LT(test::relativeDifference(plan.mix_GE.grad(), m64.grad()), 2e-6);
    EXPECT_LT(test::relativeDifference(bank.w1().grad(), w1.grad()), 2e-6);
    EXPECT_LT(test::relativeDifference(bank.w2().grad(), w2.grad()), 2e-6);
}

// spec/routing-field.md 5.5; two kernels, each within 2e-6 of the exact numbers
TEST(Smear, AOneHotMixtureIsTheSingleExpert)
{
    const Bank bank(Activation::Gelu);
    DensePlan plan;
    plan.numGroups = 2;
    plan.mix_GE = at::eye(kExperts).slice(0, 1, 3).contiguous();
    const c10::NoGradGuard noGraph;
    const at::Tensor x = initialNormal(2, "x", {kTokens, kFeatures}, 1);
    const at::Tensor y = bank.experts->forwardDense(x, plan);
    for (int group = 0; group < 2; ++group) {
        const at::Tensor alone = bank.experts->one(ExpertId{group + 1}, x).slice(0, 5 * group, 5 * group + 5);
        EXPECT_LT(test::relativeDifference(y.slice(0, 5 * group, 5 * group + 5), alone), 4e-6);
    }
}

// spec/routing-field.md 5.5: two matrices in a row make the merge bilinear, so the experts share the second one here;
// positive numbers keep the ReLU linear.
TEST(Smear, LinearExpertsMergeAsTheirAnswersAdd)
{
    const Bank bank(Activation::Relu);
    const c10::NoGradGuard noGraph;
    bank.w1().abs_();
    bank.w2().copy_(bank.w2()[0].expand_as(bank.w2()).clone());
    DensePlan plan;
    plan.numGroups = 1;
    plan.mix_GE = at::tensor({0.5, 0.3, 0.2}, at::kFloat).view({1, 3});
    const at::Tensor x = initialNormal(2, "x", {kTokens, kFeatures}, 1).abs();
    const at::Tensor added = (bank.experts->all(x) * plan.mix_GE.view({3, 1, 1})).sum(0);
    EXPECT_LT(test::relativeDifference(bank.experts->forwardDense(x, plan), added), 4e-6);
}

// spec/routing-field.md 5.14
TEST(MixtureOfTokens, OneSequenceGetsAllExpertsAdded)
{
    ParameterStore store;
    MoeLayer layer(test::smallModel(), test::recipe("mixture-of-tokens"), LayerId{0}, 1, store, "moe");
    store.pack(Precision::Fp32);
    const c10::NoGradGuard noGraph;
    RouteContext context = contextOf(initialNormal(2, "x", {16, 32}, 1), 16, false);
    RoutePlan plan;
    const at::Tensor y = layer.forward(context, plan);
    EXPECT_LT(test::relativeDifference(y, layer.experts().all(context.hidden_TD).sum(0)), 4e-6);
}

/// The largest change of the answers to the first tokens when the tokens behind them change.
double changeOfPrefix(const RoutingConfig& routing, bool training)
{
    ParameterStore store;
    MoeLayer layer(test::smallModel(), routing, LayerId{0}, 1, store, "moe");
    store.pack(Precision::Fp32);
    const c10::NoGradGuard noGraph;
    for (const ParameterStore::Entry& entry : store.parameters())
        if (entry.name == "moe.router.weight")
            entry.value.mul_(50);  // decided mixtures
    double largest = 0;
    const at::Tensor one = initialNormal(2, "one", {64, 32}, 1), other = initialNormal(2, "other", {64, 32}, 1);
    RouteContext context = contextOf(one, 64, training);
    RoutePlan plan;
    const at::Tensor y = layer.forward(context, plan);
    for (const std::int64_t prefix : {1, 3, 7, 15, 31, 32, 63}) {
        RouteContext changed = contextOf(at::cat({one.slice(0, 0, prefix), other.slice(0, prefix)}), 64, training);
        const at::Tensor difference = (layer.forward(changed, plan) - y).slice(0, 0, prefix);
        largest = std::max(largest, difference.abs().max().item<double>());
    }
    return largest;
}

// spec/routing-field.md 5.5, 5.6, 5.14: of the answers themselves, not of weights alone.
TEST(MixingMethods, SeeTheFutureOrNotAsTheySay)
{
    RoutingConfig lory = test::recipe("smear");
    lory.selector.settings = {{"pool", std::string("previous-segment")}, {"segment", std::int64_t{10}}};
    for (const bool training : {true, false}) {
        EXPECT_GT(changeOfPrefix(test::recipe("smear"), training), 1e-3);
        EXPECT_GT(changeOfPrefix(test::recipe("soft-moe"), training), 1e-3);
        EXPECT_LT(changeOfPrefix(lory, training), 1e-5);
        EXPECT_LT(changeOfPrefix(test::recipe("mixture-of-tokens"), training), 1e-5);
    }
}

class MixingModel : public testing::TestWithParam<const char*> { };
INSTANTIATE_TEST_SUITE_P(Every, MixingModel, testing::Values("smear", "soft-moe", "mixture-of-tokens"));

TEST_P(MixingModel, GradientMatchesFiniteDifferences)
{
    Transformer model(test::smallModel(), test::recipe(GetParam()), Precision::Fp32, 7);
    EXPECT_NEAR(test::slopeAlongGradient(model, test::someBatch(3, 16, 50)), 1, 2e-2);
}

TEST_P(MixingModel, EveryExpertLearnsAndTheCountsAreTokens)
{
    Transformer model(test::smallModel(), test::recipe(GetParam()), Precision::Fp32, 7);
    const TokenBatch batch = test::someBatch(4, 16, 50);
    model.parameters().gradient().zero_();
    const ForwardResult result = model.forward(batch, test::trainingContext());
    result.total.backward();
    for (const ParameterStore::Entry& entry : model.parameters().parameters()) {
        const bool ofExperts = entry.name.find("experts") != std::string::npos;
        for (std::int64_t expert = 0; ofExperts && expert < 4; ++expert)
            EXPECT_GT(entry.value.grad()[expert].norm().item<double>(), 0) << entry.name << ' ' << expert;
    }
    for (const std::int64_t layer : {0, 1})
        EXPECT_EQ(result.stats.assigned_LE[layer].sum().item<std::int64_t>(), 64);
}

TEST_P(MixingModel, TrainsInBf16AsInFp32)
{
    Transformer exact(test::smallModel(), test::recipe(GetParam()), Precision::Fp32, 7);
    Transformer rounded(test::smallModel(), test::recipe(GetParam()), Precision::Bf16, 7);
    const TokenBatch batch = test::someBatch(3, 16, 50);
    const at::Tensor gradient = test::gradientOf(exact, batch, test::trainingContext());
    EXPECT_LT(test::relativeDifference(test::gradientOf(rounded, batch, test::trainingContext()), gradient), 0.05);
}

}  // namespace
}  // namespace moescope
