// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Routers that hand something on to the next MoE layer: RMoE, ACMoE and the gate of MoE++ (spec/routing-field.md 5.9,
// 5.11, 5.15).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/equal.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/zeros.h>

#include "tests/support/plan_text.h"
#include "tests/support/routing_decisions.h"

namespace moescope {
namespace {

constexpr std::int64_t kExperts = 4, kWidth = 6;

RoutingConfig withScorer(PartChoice scorer)
{
    RoutingConfig routing = plainRouting(2);
    routing.scorer = std::move(scorer);
    return routing;
}

/// Two MoE layers on one store, each with a router of its own.
struct TwoLayers {
    ModelConfig model;
    ParameterStore store;
    std::unique_ptr<Router> first, second;

    explicit TwoLayers(const RoutingConfig& routing)
    {
        model.numExperts = kExperts;
        model.hiddenSize = kWidth;
        first = makeRouter(routing, model, LayerId{0}, 1, store, "layers.1.moe.router");
        second = makeRouter(routing, model, LayerId{1}, 1, store, "layers.3.moe.router");
        store.pack(Precision::Fp32);
    }

    at::Tensor parameter(const std::string& name) const
    {
        for (const ParameterStore::Entry& entry : store.parameters())
            if (entry.name == name)
                return entry.value;
        MOESCOPE_CHECK(false, "no parameter " + name);
    }
    void set(const std::string& name, const at::Tensor& value) const
    {
        const c10::NoGradGuard noGrad;
        parameter(name).copy_(value);
    }

    RoutePlan route(const at::Tensor& below, const at::Tensor& above) const
    {
        RouteContext context = contextOf(above, above.size(0), true);
        context.carry = first->route(contextOf(below, below.size(0), true)).carry;
        return second->route(context);
    }
};

at::Tensor someHidden(std::uint64_t seed) { return initialNormal(seed, "hidden", {12, kWidth}, 1); }

TEST(RMoE, AllLayersShareOneGru)
{
    const TwoLayers layers(withScorer({"recurrent", {{"state_size", std::int64_t{5}}}}));
    std::vector<std::string> names;
    for (const ParameterStore::Entry& entry : layers.store.parameters())
        names.push_back(entry.name);
    EXPECT_THAT(names,
        testing::UnorderedElementsAre("layers.1.moe.router.projection", "layers.1.moe.router.weight",
            "router_gru.input", "router_gru.state", "router_gru.input_bias", "router_gru.state_bias",
            "layers.3.moe.router.projection", "layers.3.moe.router.weight"));
}

// With its gates open and small inputs the GRU passes its input on, tanh x = x: what is left is a linear router.
TEST(RMoE, WithoutCarryAndWithOpenGatesItIsAPlainRouter)
{
    const double small = 1e-4;  // tanh x = x (1 - 3e-8)
    RouterFixture recurrent(withScorer({"recurrent", {{"state_size", kWidth}}}), kExperts, kWidth);
    RouterFixture plain(withScorer({"linear", {}}), kExperts, kWidth);
    const c10::NoGradGuard noGrad;
    recurrent.parameter("router.projection").copy_(at::eye(kWidth) * small);
    recurrent.parameter("router_gru.input").zero_().slice(0, 2 * kWidth, 3 * kWidth).copy_(at::eye(kWidth));
    recurrent.parameter("router_gru.state").zero_();
    recurrent.parameter("router_gru.input_bias").slice(0, kWidth, 2 * kWidth).fill_(-50);  // keep nothing
    plain.parameter("router.weight").copy_(initialNormal(3, "w", {kExperts, kWidth}, 1));
    recurrent.parameter("router.weight").copy_(plain.parameter("router.weight") / small);
    const RouteContext context = contextOf(someHidden(2).to(at::kDouble), 12, false);
    const RoutePlan found = recurrent.router->route(context), wanted = plain.router->route(context);
    expectNear(found.logits_TE, numbersOf<double>(wanted.logits_TE), 1e-5);
    EXPECT_EQ(planText(found, 4), planText(wanted, 4));
}

// g' = (1 − u) n + u g with r = σ(1), u = σ(2), n = tanh(0.5 + r · 3 · 0.25) for P = 1, g = 0.25.
TEST(RMoE, FollowsTheEquationsOfTheGru)
{
    RouterFixture layer(withScorer({"recurrent", {{"state_size", std::int64_t{1}}}}), kExperts, 1);
    const c10::NoGradGuard noGrad;
    layer.parameter("router.projection").fill_(1);
    layer.parameter("router_gru.input").copy_(at::tensor({1.0, 2.0, 0.5}, at::kFloat).view({3, 1}));
    layer.parameter("router_gru.state").copy_(at::tensor({0.0, 0.0, 3.0}, at::kFloat).view({3, 1}));
    RouteContext context = contextOf(logitsOf({{1}}), 1, false);
    context.carry = logitsOf({{0.25}});
    const double r = 1 / (1 + std::exp(-1.0)), u = 1 / (1 + std::exp(-2.0)), n = std::tanh(0.5 + r * 0.75);
    expectNear(layer.router->route(context).carry, {(1 - u) * n + u * 0.25}, 1e-12);
}

TEST(RMoE, ATokensStateIsItsOwnAndTheOrderOfLayersMatters)
{
    const TwoLayers layers(withScorer({"recurrent", {{"state_size", std::int64_t{8}}}}));
    const at::Tensor below = someHidden(2), above = someHidden(3);
    const RoutePlan plan = layers.route(below, above);
    at::Tensor changed = below.clone();
    changed.slice(0, 6).add_(1);
    const RoutePlan other = layers.route(changed, above);
    EXPECT_TRUE(at::equal(other.logits_TE.slice(0, 0, 6), plan.logits_TE.slice(0, 0, 6)));
    EXPECT_FALSE(at::equal(other.logits_TE.slice(0, 6), plan.logits_TE.slice(0, 6)));
    EXPECT_FALSE(at::equal(layers.route(above, below).carry, plan.carry));
}

TEST(RMoE, TheGradientGoesThroughTheCarryUnlessItIsStopped)
{
    for (const bool stop : {false, true}) {
        const TwoLayers layers(withScorer({"recurrent", {{"state_size", std::int64_t{8}}, {"stop_gradient", stop}}}));
        const at::Tensor below = someHidden(2).set_requires_grad(true);
        layers.route(below, someHidden(3)).logits_TE.sum().backward();
        EXPECT_EQ(below.grad().defined(), !stop);
    }
}

// The first layer has nothing below; a cluster without spread has scales of 1. (The names of the parameters are equal,
// and so are the initial numbers.)
TEST(ACMoE, WithoutScalesItIsThePlainRouter)
{
    const TwoLayers adaptive(withScorer({"adaptive-clusters", {}})), plain(withScorer({"linear", {}}));
    const RouteContext context = contextOf(someHidden(2).to(at::kDouble), 12, true);
    EXPECT_EQ(planText(adaptive.first->route(context)), planText(plain.first->route(context)));
    const at::Tensor same = context.hidden_TD.slice(0, 0, 1).expand({12, kWidth}).contiguous();
    expectNear(adaptive.route(same, same).logits_TE, numbersOf<double>(plain.route(same, same).logits_TE), 1e-6);
}

// Tokens 0 … 3 were with expert 0, of two features: mean absolute deviations 1 and 0.25, so a is 1 : 4 with mean 1.
TEST(ACMoE, FeaturesOfATightClusterAreStretched)
{
    RouterFixture layer(withScorer({"adaptive-clusters", {{"epsilon", 1e-12}}}), 2, 2);
    layer.makeLogitsOfHidden();
    RouteContext context = contextOf(logitsOf({{1, 0.25}, {-1, -0.25}, {1, 0.25}, {-1, -0.25}, {7, 9}}), 5, true);
    context.carry = at::tensor({0L, 0L, 0L, 0L, 1L}, at::kLong);
    const at::Tensor logits_TE = layer.router->route(context).logits_TE;
    expectNear(logits_TE[0], {0.4, 0.4}, 1e-9);
    expectNear(logits_TE[4], {7, 9}, 1e-9);  // alone in its cluster: scales of 1
}

TEST(ACMoE, NoFeatureIsStretchedWithoutLimit)
{
    RouterFixture layer(withScorer({"adaptive-clusters", {{"epsilon", 1e-12}, {"largest", 1.5}}}), 2, 2);
    layer.makeLogitsOfHidden();
    RouteContext context = contextOf(logitsOf({{1, 3}, {-1, 3}}), 2, true);
    context.carry = at::tensor({0L, 0L}, at::kLong);
    // a = [1, 1e12]: the mean is 5e11, the limit 7.5e11, and the mean after it 3.75e11.
    expectNear(layer.router->route(context).logits_TE[0], {1 / 3.75e11, 2 * 3}, 1e-6);
}

TEST(ACMoE, RescalingAllFeaturesKeepsTheDecision)
{
    const TwoLayers layers(withScorer({"adaptive-clusters", {{"epsilon", 1e-12}}}));
    const at::Tensor hidden = someHidden(2).to(at::kDouble);
    EXPECT_EQ(planText(layers.route(hidden, hidden * 50), 0), planText(layers.route(hidden, hidden), 0));
    expectNear(layers.route(hidden, hidden * 50).logits_TE / 50,
        numbersOf<double>(layers.route(hidden, hidden).logits_TE), 1e-9);
}

TEST(GatingResidual, AddsTheLogitsOfTheLayerBelow)
{
    const TwoLayers layers(withScorer({"gating-residual", {}}));
    const at::Tensor below = someHidden(2), above = someHidden(3);
    const at::Tensor before = layers.first->route(contextOf(below, 12, true)).logits_TE;
    const at::Tensor plain = layers.second->route(contextOf(above, 12, true)).logits_TE;
    const at::Tensor residual = layers.parameter("layers.3.moe.router.residual");
    expectNear(layers.route(below, above).logits_TE, numbersOf<double>(plain + before.matmul(residual.t())), 1e-6);
    layers.set("layers.1.moe.router.weight", at::zeros({kExperts, kWidth}));
    expectNear(layers.route(below, above).logits_TE, numbersOf<double>(plain), 0);
}

}  // namespace
}  // namespace moescope
