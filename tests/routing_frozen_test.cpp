// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Methods whose router is random and frozen, or made by a frozen network. "seeds" is spec/routing-seeds.md.
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ATen/ops/equal.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>

#include "tests/support/router_fixture.h"

namespace moescope {
namespace {

RoutingConfig frozenRouting(const char* id)
{
    static const Catalog catalog = testCatalog();
    return routingOf(*catalog.recipe(id));
}

/// Deviation over all elements.
double deviationOf(const at::Tensor& tensor) { return tensor.to(at::kDouble).std().item<double>(); }

// seeds 3 (h)
TEST(SmoeDropout, KGrowsFromHalfOfTheExpertsToAll)
{
    RouterFixture fixture(frozenRouting("smoe-dropout"), 16, 8);
    const RouteContext context = contextOf(initialNormal(1, "hidden", {12, 8}, 1), 12, true);
    std::int64_t before = 0;
    for (const std::int64_t step : {0, 25'000, 25'001, 74'999, 75'000, 200'000, 375'000, 400'000}) {
        fixture.router->onStepBegin(Step{step}, 400'000);
        const RoutePlan plan = fixture.router->route(context);
        EXPECT_GE(plan.choices, before);
        before = plan.choices;
        const std::int64_t expected = step <= 25'000 ? 8
            : step < 75'000                          ? 9
            : step < 200'000                         ? 10
            : step < 375'000                         ? 12
                                                     : 16;
        EXPECT_EQ(plan.choices, expected) << step;
        EXPECT_EQ(plan.assigned_E.sum().item<std::int64_t>(), 12 * expected);
    }
}

// seeds 3 (h): with k = E the output is the dense softmax mixture.
TEST(SmoeDropout, WithAllExpertsTheWeightsAreTheSoftmax)
{
    RouterFixture fixture(frozenRouting("smoe-dropout"), 8, 16);
    fixture.spreadWeights(0.5);
    fixture.router->onStepBegin(Step{10}, 10);
    const RoutePlan plan = fixture.router->route(contextOf(initialNormal(1, "hidden", {32, 16}, 1), 32, false));
    ASSERT_EQ(plan.choices, 8);
    const at::Tensor dense_TE =
        at::zeros({32 * 8}).index_add(0, plan.token_M * 8 + plan.expert_M, plan.weight_M).view({32, 8});
    EXPECT_LT((dense_TE - plan.probs_TE).abs().max().item<double>(), 1e-6);
}

TEST(SmoeDropout, NothingTrainsTheRouter)
{
    for (const char* id : {"smoe-dropout", "random-router"}) {
        const RouterFixture fixture(frozenRouting(id), 16, 256);
        for (const ParameterStore::Entry& entry : fixture.store.parameters())
            EXPECT_EQ(entry.traits.trained, !entry.name.starts_with("router.")) << entry.name;
        const at::Tensor& weight = fixture.parameter("router.weight");
        EXPECT_FALSE(weight.requires_grad());
        EXPECT_NEAR(deviationOf(weight), 0.02, 0.02 * 3 / std::sqrt(2.0 * 16 * 256)) << "N(0, 0.02^2)";
    }
}

TEST(RandomRouter, KeepsItsK)
{
    RouterFixture fixture(frozenRouting("random-router"), 16, 8);
    for (const std::int64_t step : {1, 100}) {
        fixture.router->onStepBegin(Step{step}, 100);
        EXPECT_EQ(fixture.router->route(contextOf(initialNormal(1, "hidden", {12, 8}, 1), 12, true)).choices, 2);
    }
}

/// A router of two experts for two features.
std::unique_ptr<RouterFixture> toyHyperRouter()
{
    RoutingConfig routing = frozenRouting("hyperrouter");
    routing.scorer.settings["size"] = std::int64_t{2};
    routing.hooks.clear();
    auto fixture = std::make_unique<RouterFixture>(routing, 2, 2);
    const c10::NoGradGuard noGrad;
    fixture->parameter("router.embedding").copy_(at::tensor({1.0, -1.0}));
    fixture->parameter("router.hypernetwork.w1").copy_(at::eye(2));
    const at::Tensor& out = fixture->parameter("router.hypernetwork.w2");
    out.fill_(9);  // of the feature that ReLU silences
    out.select(2, 0).copy_(at::tensor({0.1, 0.2, 0.3, 0.4, 0.5, 0.6}).view({2, 3}));
    return fixture;
}

// seeds 4 (h)
TEST(HyperRouter, ToyNetworkMakesTheWeightsOfTheSpec)
{
    const auto fixture = toyHyperRouter();
    const at::Tensor hidden = at::tensor({1.0, 2.0, 0.0, 0.0}, at::kDouble).view({2, 2});
    const auto logits = numbersOf<double>(fixture->router->route(contextOf(hidden, 2, true)).logits_TE);
    EXPECT_NEAR(logits[0], 0.8, 1e-6);
    EXPECT_NEAR(logits[1], 2.0, 1e-6);
    EXPECT_NEAR(logits[2], 0.3, 1e-6) << "the last column is the bias";
    EXPECT_NEAR(logits[3], 0.6, 1e-6);
}

TEST(HyperRouter, GradientReachesTheEmbeddingAndNothingFrozen)
{
    const auto fixture = toyHyperRouter();
    const at::Tensor hidden = at::tensor({1.0, 2.0}).view({1, 2});
    fixture->router->route(contextOf(hidden, 1, true)).logits_TE.select(1, 1).sum().backward();
    // d z_1 / d e = U1^T (active * U2^T [x, 1]) = [0.4 * 1 + 0.5 * 2 + 0.6, 0]
    const auto gradient = numbersOf<double>(fixture->parameter("router.embedding").grad());
    EXPECT_NEAR(gradient[0], 2.0, 1e-6);
    EXPECT_EQ(gradient[1], 0);
    for (const char* name : {"router.hypernetwork.w1", "router.hypernetwork.w2"}) {
        EXPECT_FALSE(fixture->parameter(name).requires_grad()) << name;
        EXPECT_FALSE(fixture->parameter(name).grad().defined()) << name;
    }
}

// seeds 4: 0.02 sqrt(m d 0.02^2 / 2) = 0.0724 for d = m = 256; (h) within 20 %.
TEST(HyperRouter, GeneratedWeightsStartAsSharpAsTheFormulaSays)
{
    RoutingConfig routing = frozenRouting("hyperrouter");
    routing.hooks.clear();
    RouterFixture fixture(routing, 16, 256);
    const at::Tensor bias = fixture.router->route(contextOf(at::zeros({1, 256}), 1, false)).logits_TE.detach();
    const at::Tensor weights = fixture.router->route(contextOf(at::eye(256), 256, false)).logits_TE.detach() - bias;
    EXPECT_NEAR(deviationOf(weights) / 0.0724, 1, 0.2);
    std::int64_t frozen = 0, trained = 0;
    for (const ParameterStore::Entry& entry : fixture.store.parameters())
        if (entry.name.starts_with("router."))
            (entry.traits.trained ? trained : frozen) += entry.value.numel();
    EXPECT_EQ(trained, 256);
    EXPECT_EQ(frozen, 1'122'576 - 256 - 16 * 257) << "seeds 4, whose count holds the frozen biases, which are 0";
}

TEST(HyperRouter, EachLayerHasAnEmbeddingOfItsOwn)
{
    RoutingConfig routing = frozenRouting("hyperrouter");
    ModelConfig model;
    model.numExperts = 4;
    model.hiddenSize = 8;
    ParameterStore store;
    const auto first = makeRouter(routing, model, LayerId{0}, 1, store, "layers.1.moe.router");
    const auto second = makeRouter(routing, model, LayerId{1}, 1, store, "layers.3.moe.router");
    store.pack(Precision::Fp32);
    const auto valueOf = [&](const std::string& name) {
        for (const ParameterStore::Entry& entry : store.parameters())
            if (entry.name == name)
                return entry.value.detach();
        return at::Tensor();
    };
    EXPECT_FALSE(at::equal(valueOf("layers.1.moe.router.embedding"), valueOf("layers.3.moe.router.embedding")));
}

}  // namespace
}  // namespace moescope
