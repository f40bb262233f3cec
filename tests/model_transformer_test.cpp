// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>
#include <vector>

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include "engine/model/attention_choice.h"
#include "engine/model/dropout.h"
#include "engine/model/moe_layer.h"
#include "tests/support/fake_group.h"
#include "tests/support/transformer_fixture.h"

namespace moescope {
namespace {

using test::FakeGroup;
using test::gradientOf;
using test::recipe;
using test::relativeDifference;
using test::slopeAlongGradient;
using test::smallModel;
using test::someBatch;
using test::trainingContext;

struct Shape {
    const char* name;
    ModelConfig model;
    const char* recipe = "smoe";
};

std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << shape.name; }

Shape shape(const char* name, void (*change)(ModelConfig&), const char* recipeId = "smoe")
{
    Shape result{name, smallModel(), recipeId};
    change(result.model);
    return result;
}

const Shape kShapes[] = {
    shape("Plain", [](ModelConfig&) {}),
    shape("Fused", [](ModelConfig& m) { m.attention = AttentionKernel::Fused; }),
    shape("GroupedQueries", [](ModelConfig& m) { m.numKvHeads = 2; }),
    shape("GroupedQueriesFused",
        [](ModelConfig& m) {
            m.numKvHeads = 1;
            m.attention = AttentionKernel::Fused;
        }),
    shape("PostNormLayerNorm",
        [](ModelConfig& m) {
            m.normPlace = NormPlace::After;
            m.norm = Norm::LayerNorm;
        }),
    shape("LearnedPositions", [](ModelConfig& m) { m.positions = Positions::Learned; }),
    shape("UntiedSwiGluShared",
        [](ModelConfig& m) {
            m.tiedHead = false;
            m.activation = Activation::SwiGlu;
            m.numSharedExperts = 2;
        }),
    shape("Brainformer",
        [](ModelConfig& m) {
            m.blockPattern = "sgfgfg";
            m.numLayers = 1;
            m.activation = Activation::Relu;
        }),
    shape("Dropout", [](ModelConfig& m) { m.dropout = 0.2; }),
    shape(
        "OneExpert", [](ModelConfig& m) { m.numExperts = 1; }, "dense"),
};

// All experts chosen: a choice that tips over is a step in the loss, which has no slope.
RoutingConfig smoothRouting(const Shape& tested)
{
    RoutingConfig routing = recipe(tested.recipe);
    routing.selector.settings["k"] = tested.model.numExperts;
    return routing;
}

class TransformerShape : public testing::TestWithParam<Shape> { };

TEST_P(TransformerShape, GradientMatchesFiniteDifferences)
{
    Transformer model(GetParam().model, smoothRouting(GetParam()), Precision::Fp32, 3);
    EXPECT_NEAR(slopeAlongGradient(model, someBatch(3, 16, 50)), 1, 2e-2);
}

TEST_P(TransformerShape, SeesNothingOfTheFuture)
{
    Transformer model(GetParam().model, recipe(GetParam().recipe), Precision::Fp32, 3);
    const TokenBatch batch = someBatch(2, 16, 50);
    TokenBatch changed = batch;
    changed.tokens_BS = batch.tokens_BS.clone();
    changed.tokens_BS.narrow(1, 9, 7).copy_((batch.tokens_BS.narrow(1, 9, 7) + 5).remainder(50));
    const at::Tensor before = model.forward(batch, {}).nats_BS, after = model.forward(changed, {}).nats_BS;
    EXPECT_TRUE(at::allclose(before.narrow(1, 0, 9), after.narrow(1, 0, 9), 0, 1e-6));
    EXPECT_FALSE(at::allclose(before.narrow(1, 9, 7), after.narrow(1, 9, 7), 0, 1e-3));
}

TEST_P(TransformerShape, HasTheSameBitsForAnyNumberOfThreads)
{
    const int before = at::get_num_threads();
    std::vector<at::Tensor> gradients;
    for (const int threads : {1, 3}) {
        at::set_num_threads(threads);
        Transformer model(GetParam().model, recipe(GetParam().recipe), Precision::Fp32, 3);
        gradients.push_back(gradientOf(model, someBatch(3, 16, 50), trainingContext()));
    }
    at::set_num_threads(before);
    EXPECT_LT(relativeDifference(gradients[1], gradients[0]), 1e-6);
}

// bf16 rounds to 2^-9 at every product; the gradient of a small model is then right to a few per cent.
TEST_P(TransformerShape, TrainsInBf16AsInFp32)
{
    Transformer fine(GetParam().model, smoothRouting(GetParam()), Precision::Fp32, 3);
    Transformer coarse(GetParam().model, smoothRouting(GetParam()), Precision::Bf16, 3);
    const TokenBatch batch = someBatch(3, 16, 50);
    const at::Tensor wanted = gradientOf(fine, batch, trainingContext());
    EXPECT_LT(relativeDifference(gradientOf(coarse, batch, trainingContext()), wanted), 0.05);
    EXPECT_NEAR(coarse.forward(batch, {}).languageModel.item<double>(),
        fine.forward(batch, {}).languageModel.item<double>(), 0.01);
}

INSTANTIATE_TEST_SUITE_P(Model, TransformerShape, testing::ValuesIn(kShapes),
    [](const auto& tested) { return std::string(tested.param.name); });

TEST(Transformer, TwoRanksTogetherGiveTheLossAndGradientOfOne)
{
    ModelConfig config = smallModel();
    config.dropout = 0.1;
    Transformer model(config, recipe("smoe"), Precision::Fp32, 3);
    const TokenBatch whole = someBatch(4, 16, 50);
    TokenBatch half[2];
    for (int rank = 0; rank < 2; ++rank)
        half[rank] = {whole.tokens_BS.narrow(0, 2 * rank, 2), whole.targets_BS.narrow(0, 2 * rank, 2), 2 * rank};
    const double wantedLoss = model.forward(whole, trainingContext()).total.item<double>();
    const at::Tensor wanted = gradientOf(model, whole, trainingContext());

    std::vector<at::Tensor> sums(2);
    FakeGroup left(0, sums), right(1, sums);
    FakeGroup* groups[2] = {&left, &right};
    for (int rank = 0; rank < 2; ++rank)  // records each rank's counts
        model.forward(half[rank], trainingContext(groups[rank]));
    double loss = 0;
    at::Tensor gradient = at::zeros_like(wanted);
    for (int rank = 0; rank < 2; ++rank) {
        loss += model.forward(half[rank], trainingContext(groups[rank])).total.item<double>() / 2;
        gradient += gradientOf(model, half[rank], trainingContext(groups[rank])) / 2;
    }
    EXPECT_NEAR(loss, wantedLoss, 1e-6 * wantedLoss);
    EXPECT_LT(relativeDifference(gradient, wanted), 1e-5);
}

TEST(Transformer, StartsFromTheSameWeightsForTheSameSeedOnly)
{
    const RoutingConfig routing = recipe("smoe");
    Transformer a(smallModel(), routing, Precision::Fp32, 3), b(smallModel(), routing, Precision::Bf16, 3);
    Transformer c(smallModel(), routing, Precision::Fp32, 4);
    EXPECT_TRUE(at::equal(a.parameters().master(), b.parameters().master()));
    EXPECT_FALSE(at::equal(a.parameters().master(), c.parameters().master()));
}

TEST(Transformer, StartsNearTheLossOfGuessing)
{
    ModelConfig config = smallModel();
    config.tiedHead = false;
    Transformer model(config, recipe("smoe"), Precision::Fp32, 3);
    EXPECT_NEAR(model.forward(someBatch(8, 16, 50), {}).languageModel.item<double>(), std::log(50), 0.1);
}

TEST(Transformer, ShowsWhatItsMoeLayersDecideWithoutATrace)
{
    ModelConfig config = smallModel();
    config.dropout = 0.1;
    Transformer probed(config, recipe("smoe"), Precision::Bf16, 3), alone(config, recipe("smoe"), Precision::Bf16, 3);
    const TokenBatch batch = someBatch(3, 16, 50);
    for (int step = 0; step < 3; ++step) {
        const std::vector<MoePass> passes = probed.moePasses(batch);
        ASSERT_EQ(passes.size(), 2u);
        EXPECT_EQ(passes[0].input_TD.sizes(), (std::vector<std::int64_t>{48, 32}));
        EXPECT_FALSE(passes[0].input_TD.requires_grad());
        EXPECT_EQ(passes[1].plan.assigned_E.sum().item<std::int64_t>(), 48 * 2);
        EXPECT_TRUE(
            at::equal(gradientOf(probed, batch, trainingContext()), gradientOf(alone, batch, trainingContext())));
        for (Transformer* model : {&probed, &alone}) {
            model->parameters()
                .master()
                .detach()
                .narrow(0, 0, model->parameters().numTrained())
                .sub_(model->parameters().gradient(), 0.1);
            model->parameters().refreshCompute();
        }
    }
}

TEST(Transformer, CountsWhatItsRoutersDid)
{
    Transformer model(smallModel(), recipe("smoe"), Precision::Fp32, 3);
    const ForwardResult result = model.forward(someBatch(3, 16, 50), trainingContext());
    EXPECT_EQ(result.stats.assigned_LE.sizes(), (std::vector<std::int64_t>{2, 4}));
    EXPECT_EQ(result.stats.assigned_LE[0].sum().item<std::int64_t>(), 2 * 48);
    EXPECT_EQ(result.stats.tokens, 48);
    EXPECT_NEAR(result.stats.probabilitySum_LE[1].sum().item<double>(), 48, 1e-3);
    EXPECT_GT(result.stats.entropySum_L[0].item<double>(), 0);
    ASSERT_EQ(result.losses.size(), 1u);
    EXPECT_EQ(result.losses[0].name, "balance");
    const double balance = result.losses[0].value.item<double>() * result.losses[0].coefficient;
    EXPECT_NEAR(result.total.item<double>(), result.languageModel.item<double>() + balance, 1e-6);
    EXPECT_EQ(model.moeBlocks(), (std::vector<int>{1, 3}));
}

TEST(Transformer, ReadsASingleTokenOfASingleSequence)
{
    Transformer model(smallModel(), recipe("smoe"), Precision::Fp32, 3);
    const ForwardResult result = model.forward(someBatch(1, 1, 50), trainingContext());
    EXPECT_EQ(result.nats_BS.sizes(), (std::vector<std::int64_t>{1, 1}));
    result.total.backward();
    EXPECT_TRUE(std::isfinite(model.parameters().gradient().norm().item<double>()));
}

TEST(Transformer, EvaluatesWithoutGraphAndWithoutAuxiliaryLosses)
{
    Transformer model(smallModel(), recipe("smoe"), Precision::Fp32, 3);
    const ForwardResult result = model.forward(someBatch(2, 16, 50), {});
    EXPECT_FALSE(result.nats_BS.requires_grad());
    EXPECT_FALSE(result.total.requires_grad());
    EXPECT_TRUE(result.losses.empty());
    EXPECT_EQ(result.total.item<double>(), result.languageModel.item<double>());
}

// Grouped queries are ordinary attention whose key and value rows are repeated for each group.
TEST(Transformer, SharesKeysAndValuesAsIfTheyWereRepeated)
{
    ModelConfig grouped = smallModel(), ordinary = smallModel();
    grouped.numKvHeads = 2;
    Transformer a(grouped, recipe("smoe"), Precision::Fp32, 3), b(ordinary, recipe("smoe"), Precision::Fp32, 3);
    const auto named = [](Transformer& model, const std::string& name) {
        for (const ParameterStore::Entry& entry : model.parameters().parameters())
            if (entry.name == name)
                return entry.value.detach();
        return at::Tensor();
    };
    for (const ParameterStore::Entry& entry : a.parameters().parameters()) {
        at::Tensor into = named(b, entry.name);
        const at::Tensor from = entry.value.detach();
        if (into.sizes() == from.sizes()) {
            into.copy_(from);
            continue;
        }
        const auto parts = from.view({8, 8, 32}).split_with_sizes({4, 2, 2});  // head size 8: q | k | v
        into.copy_(
            at::cat({parts[0], parts[1].repeat_interleave(2, 0), parts[2].repeat_interleave(2, 0)}).view({96, 32}));
    }
    const TokenBatch batch = someBatch(2, 16, 50);
    EXPECT_TRUE(at::allclose(a.forward(batch, {}).nats_BS, b.forward(batch, {}).nats_BS, 0, 1e-5));
}

TEST(Dropout, FallsOnTheSameElementsHoweverTheBatchIsDivided)
{
    const at::Tensor ones = at::ones({6, 10});
    const DropoutPlace place{5, 7, 2, 100}, later{5, 7, 2, 104}, otherStep{5, 8, 2, 100};
    const at::Tensor whole = dropout(ones, 0.4, place);
    EXPECT_TRUE(at::equal(whole.narrow(0, 4, 2), dropout(ones.narrow(0, 0, 2), 0.4, later)));
    EXPECT_FALSE(at::equal(whole, dropout(ones, 0.4, otherStep)));
    // 60 000 draws at 0.4: deviation 0.002; the mean of what is left is 1.
    const at::Tensor many = dropout(at::ones({1000, 60}), 0.4, place);
    EXPECT_NEAR(many.eq(0).sum().item<double>() / 60000, 0.4, 0.01);
    EXPECT_NEAR(many.mean().item<double>(), 1, 0.02);
}

TEST(AttentionChoice, IsMeasuredOnlyWhereItWasLeftOpen)
{
    ModelConfig model = smallModel();
    model.attention = AttentionKernel::Fused;
    EXPECT_EQ(chooseAttention(model, Precision::Fp32), AttentionKernel::Fused);
    model.attention = AttentionKernel::Auto;
    EXPECT_NE(chooseAttention(model, Precision::Bf16), AttentionKernel::Auto);
}

}  // namespace
}  // namespace moescope
