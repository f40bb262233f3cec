// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Banks of experts that are not all alike, against a loop in fp64 (spec/routing-field.md 5.4, 5.13, 5.15).
#include <map>
#include <string>

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "engine/config/routed_experts.h"
#include "engine/model/initial_weights.h"
#include "engine/model/moe_layer.h"
#include "tests/support/naive_experts.h"
#include "tests/support/transformer_fixture.h"

namespace moescope {
namespace {

struct Bank {
    const char* name;
    std::int64_t experts;
    std::map<std::string, Value> fields;
    Activation activation = Activation::Gelu;
    int dropEvery = 0;
};

std::ostream& operator<<(std::ostream& out, const Bank& bank) { return out << bank.name; }

constexpr std::int64_t kTokens = 29, kWidth = 12;

/// The layer under test with its inputs, and what it gave.
struct Mixture {
    ModelConfig model;
    ParameterStore store;
    std::unique_ptr<ExpertBank> bank;
    std::vector<test::Pair> pairs;
    at::Tensor x_TD, weight_M, upstream_TD, y_TD;

    Mixture(const Bank& shape, Precision precision)
        : model(modelWith(shape.experts, kWidth, shape.fields))
    {
        model.activation = shape.activation;
        model.expertSize = 10;
        bank = std::make_unique<ExpertBank>(model, 1, store, "experts");
        store.pack(precision);
        pairs = test::mixedPairs(kTokens, bank->numExperts(), 2, shape.dropEvery);
        x_TD = initialNormal(2, "x", {kTokens, kWidth}, 1).set_requires_grad(true);
        weight_M = initialNormal(2, "g", {static_cast<std::int64_t>(pairs.size())}, 1).set_requires_grad(true);
        upstream_TD = initialNormal(2, "u", {kTokens, kWidth}, 1);
    }

    void run()
    {
        y_TD = bank->forward(x_TD, test::planOf(pairs, weight_M, bank->numExperts()));
        y_TD.backward(upstream_TD);
    }
};

/// The same by a textbook, in fp64, with a leaf of its own for each parameter.
struct Textbook {
    std::map<std::string, at::Tensor> leaves;
    at::Tensor x_TD, weight_M, y_TD;

    explicit Textbook(const Mixture& m)
        : x_TD(leafOf(m.x_TD))
        , weight_M(leafOf(m.weight_M))
    {
        for (const ParameterStore::Entry& entry : m.store.parameters())
            leaves[entry.name] = leafOf(entry.value);
        const std::vector<RoutedExpert> experts = routedExperts(m.model);
        std::vector<at::Tensor> rows(kTokens, at::zeros({kWidth}, at::kDouble));
        for (std::size_t i = 0; i < m.pairs.size(); ++i) {
            const test::Pair& pair = m.pairs[i];
            if (!pair.kept)
                continue;
            const at::Tensor weight = weight_M[static_cast<std::int64_t>(i)];
            rows[pair.token] =
                rows[pair.token] + weight * answer(m.model, experts[pair.expert], x_TD.narrow(0, pair.token, 1))[0];
        }
        y_TD = at::stack(rows);
        y_TD.backward(m.upstream_TD.to(at::kDouble));
    }

    static at::Tensor leafOf(const at::Tensor& t) { return t.detach().to(at::kDouble).clone().set_requires_grad(true); }

    at::Tensor answer(const ModelConfig& model, const RoutedExpert& expert, const at::Tensor& x_1D)
    {
        if (expert.kind == ExpertKind::Zero)
            return at::zeros_like(x_1D);
        if (expert.kind == ExpertKind::Copy)
            return x_1D;
        if (expert.kind == ExpertKind::Constant) {
            const std::string name = "experts.constant_" + std::to_string(expert.slice);
            const at::Tensor share = at::softmax(x_1D.matmul(leaves.at(name + ".mix").t()), 1);
            return share.select(1, 0) * x_1D + share.select(1, 1) * leaves.at(name + ".vector");
        }
        // Among the experts of its width, in the order of their numbers.
        std::int64_t index = 0, widths = 0;
        for (std::int64_t slice = 0; slice < model.numExperts; ++slice) {
            index += slice < expert.slice && expertWidth(model, slice) == expert.width;
            widths += expertWidth(model, slice) != expert.width;
        }
        const std::string name = widths == 0 ? "experts" : "experts.width_" + std::to_string(expert.width);
        const at::Tensor one = at::ones({1}, at::kDouble) * expert.sign;
        return test::naiveMixture(
            model.activation, x_1D, {{0, index}}, one, leaves.at(name + ".w1"), leaves.at(name + ".w2"));
    }
};

double relativeTo(const at::Tensor& got, const at::Tensor& wanted)
{
    const double scale = wanted.norm().item<double>();
    return (got.to(at::kDouble) - wanted).norm().item<double>() / (scale > 0 ? scale : 1);
}

void expectNearTextbook(const Mixture& m, double tolerance)
{
    const Textbook wanted(m);
    EXPECT_LT(relativeTo(m.y_TD.detach(), wanted.y_TD.detach()), tolerance);
    EXPECT_LT(relativeTo(m.x_TD.grad(), wanted.x_TD.grad()), tolerance);
    EXPECT_LT(relativeTo(m.weight_M.grad(), wanted.weight_M.grad()), tolerance);
    for (const ParameterStore::Entry& entry : m.store.parameters()) {
        const at::Tensor& leaf = wanted.leaves.at(entry.name);
        const at::Tensor gradient = leaf.grad().defined() ? leaf.grad() : at::zeros_like(leaf);  // no token met it
        EXPECT_LT(relativeTo(entry.value.grad(), gradient.detach()), tolerance) << entry.name;
    }
}

class MixedBank : public testing::TestWithParam<Bank> { };

// Sums of at most 29 terms in fp32, see ExpertMixture.
TEST_P(MixedBank, AgreesWithTheTextbookInFp64)
{
    Mixture m(GetParam(), Precision::Fp32);
    m.run();
    expectNearTextbook(m, 2e-6);
}

TEST_P(MixedBank, AgreesWithTheTextbookInBf16)
{
    Mixture m(GetParam(), Precision::Bf16);
    m.run();
    expectNearTextbook(m, 0.01);
}

// Central differences along random directions of tokens, weights and every parameter. fp32 evaluations differ by about
// 1e-6 of |y|, so 1e-3 of the sum at a step of 1e-3.
TEST_P(MixedBank, MatchesFiniteDifferences)
{
    Mixture m(GetParam(), Precision::Fp32);
    m.run();
    const c10::NoGradGuard noGraph;
    const auto objective = [&] {
        const at::Tensor y = m.bank->forward(m.x_TD, test::planOf(m.pairs, m.weight_M, m.bank->numExperts()));
        return (y * m.upstream_TD).sum(at::kDouble).item<double>();
    };
    const auto expectAlong = [&](const std::string& name, const at::Tensor& variable) {
        const at::Tensor direction = initialNormal(3, name, variable.sizes(), 1), before = variable.detach().clone();
        const double step = 1e-3;
        variable.detach().copy_(before + step * direction);
        const double up = objective();
        variable.detach().copy_(before - step * direction);
        const double down = objective();
        variable.detach().copy_(before);
        const double found = (variable.grad() * direction).sum().item<double>();
        EXPECT_NEAR((up - down) / (2 * step), found, 2e-3 * std::max(1.0, std::abs(found))) << name;
    };
    expectAlong("x", m.x_TD);
    expectAlong("weights", m.weight_M);
    for (const ParameterStore::Entry& entry : m.store.parameters())
        expectAlong(entry.name, entry.value);
}

TEST_P(MixedBank, AnswersForAllExpertsAsForEachAlone)
{
    const Mixture m(GetParam(), Precision::Fp32);
    const at::Tensor all = m.bank->all(m.x_TD);
    ASSERT_EQ(all.size(0), numRoutedExperts(m.model));
    const std::vector<RoutedExpert> experts = routedExperts(m.model);
    for (int expert = 0; expert < m.bank->numExperts(); ++expert) {
        EXPECT_TRUE(at::equal(all[expert], m.bank->one(ExpertId{expert}, m.x_TD)));
        if (experts[static_cast<std::size_t>(expert)].kind == ExpertKind::Zero) {
            EXPECT_EQ(all[expert].abs().max().item<float>(), 0);
        }
        if (experts[static_cast<std::size_t>(expert)].kind == ExpertKind::Copy) {
            EXPECT_TRUE(at::equal(all[expert], m.x_TD));
        }
        if (experts[static_cast<std::size_t>(expert)].sign < 0) {
            EXPECT_TRUE(at::equal(all[expert], -all[expert - m.model.numExperts]));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Kinds, MixedBank,
    testing::Values(Bank{"MoePlusPlus", 3,
                        {{"zero_experts", std::int64_t{1}}, {"copy_experts", std::int64_t{1}},
                            {"constant_experts", std::int64_t{2}}}},
        Bank{"Ternary", 3, {{"negative_experts", true}, {"zero_experts", std::int64_t{2}}}, Activation::SwiGlu},
        Bank{"UnequalWidths", 8, {{"expert_widths", std::string("paired")}}},
        Bank{"AllAtOnceWithDrops", 5,
            {{"expert_widths", std::string("paired")}, {"negative_experts", true}, {"zero_experts", std::int64_t{1}},
                {"copy_experts", std::int64_t{2}}, {"constant_experts", std::int64_t{1}}},
            Activation::Gelu, 3}),
    [](const auto& bank) { return std::string(bank.param.name); });

TEST(ExpertBankOfAModel, IsThePlainBankWhereAllExpertsAreEqual)
{
    ModelConfig model;
    model.numExperts = 3;
    model.hiddenSize = 16;
    model.expertSize = 24;
    ParameterStore one, other;
    const ExpertBank byModel(model, 1, one, "experts"), plain(model, 3, 24, 1, other, "experts");
    one.pack(Precision::Fp32);
    other.pack(Precision::Fp32);
    EXPECT_TRUE(at::equal(one.master(), other.master()));
    const at::Tensor x = initialNormal(2, "x", {5, 16}, 1);
    EXPECT_TRUE(at::equal(byModel.all(x), plain.all(x)));
}

// spec/routing-field.md 5.4: what the shared experts answer is a dense network of their joint width, whatever the
// router does.
TEST(DeepSeekMoE, SharedExpertsAreADenseNetworkBesideTheRouter)
{
    ModelConfig model = test::smallModel();
    model.numSharedExperts = 2;
    ParameterStore store;
    MoeLayer layer(model, test::recipe("deepseek-moe"), LayerId{0}, 1, store, "moe");
    store.pack(Precision::Fp32);
    std::map<std::string, at::Tensor> weights;
    for (const ParameterStore::Entry& entry : store.parameters())
        weights[entry.name] = entry.value.detach();
    weights.at("moe.experts.w2").zero_();
    ASSERT_EQ(weights.at("moe.shared.w2").size(1), 2 * model.expertSize);

    const c10::NoGradGuard noGraph;
    RouteContext context = contextOf(initialNormal(2, "x", {16, model.hiddenSize}, 1), 16, true);
    RoutePlan plan;
    const at::Tensor y = layer.forward(context, plan);
    std::vector<test::Pair> pairs;
    for (std::int64_t token = 0; token < 16; ++token)
        pairs.push_back({token, 0});
    const at::Tensor wanted =
        test::naiveMixture(model.activation, context.hidden_TD.to(at::kDouble), pairs, at::ones({16}, at::kDouble),
            weights.at("moe.shared.w1").to(at::kDouble), weights.at("moe.shared.w2").to(at::kDouble));
    EXPECT_LT(relativeTo(y, wanted), 2e-6);
}

// Every recipe of this kind in a whole model: losses are finite and every trained number gets a gradient.
TEST(MixedExpertsInAModel, LearnThroughAllTheirParts)
{
    const Catalog catalog = testCatalog();
    for (const char* id : {"moe-plus-plus", "tc-moe", "modse", "rmoe", "acmoe", "remoe", "deepseek-moe"}) {
        SCOPED_TRACE(id);
        const RecipeInfo& recipe = *catalog.recipe(id);
        RunConfig config;
        config.model = test::smallModel();
        for (const auto& [field, value] : recipe.modelDefaults)
            if (field != "num_experts")
                findBoundField("model." + field)->set(config, value);
        Transformer model(config.model, routingOf(recipe), Precision::Fp32, 5);
        const TokenBatch batch = test::someBatch(4, 16, config.model.vocabulary);
        model.parameters().gradient().zero_();
        const ForwardResult result = model.forward(batch, test::trainingContext());
        ASSERT_TRUE(std::isfinite(result.total.item<double>()));
        EXPECT_EQ(result.stats.assigned_LE.size(1), numRoutedExperts(config.model));
        result.total.backward();
        EXPECT_TRUE(model.parameters().gradient().isfinite().all().item<bool>());
        for (const ParameterStore::Entry& entry : model.parameters().parameters()) {
            const bool firstHasNothingBelow = entry.name == "layers.1.moe.router.residual";
            if (entry.traits.trained && !firstHasNothingBelow) {
                EXPECT_GT(entry.value.grad().abs().sum().item<double>(), 0) << entry.name;
            }
        }
    }
}

}  // namespace
}  // namespace moescope
