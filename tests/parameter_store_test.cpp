// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/parameters.h"

#include <vector>

#include <gtest/gtest.h>

#include <ATen/ops/equal.h>
#include <ATen/ops/full.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

using namespace moescope;

TEST(ParameterStore, DecayedComeFirstFrozenLastEachOnItsOwnCacheLine)
{
    ParameterStore store;
    store.add("frozen", at::full({3}, 1.0), {.decay = true, .trained = false});
    store.add("norm", at::full({5}, 2.0), {.decay = false});
    store.add("matrix", at::full({7, 5}, 3.0));
    store.pack(Precision::Fp32);

    EXPECT_EQ(store.numDecayed(), 64);
    EXPECT_EQ(store.numTrained(), 96);
    EXPECT_EQ(store.numElements(), 128);
    EXPECT_EQ(store.parameters()[0].offset, 96);
    EXPECT_EQ(store.parameters()[1].offset, 64);
    EXPECT_EQ(store.parameters()[2].offset, 0);
    EXPECT_EQ(store.master().sum().item<float>(), 3 * 1.0F + 5 * 2.0F + 35 * 3.0F);
}

TEST(ParameterStore, ValuesAreViewsOfTheMaster)
{
    ParameterStore store;
    const Weight weight = store.add("w", at::ones({2, 3}));
    store.pack(Precision::Fp32);
    {
        const c10::NoGradGuard noGrad;
        store.master().narrow(0, 0, store.numTrained()).fill_(4.0);
    }
    EXPECT_TRUE(at::equal(weight.value(), at::full({2, 3}, 4.0)));
    EXPECT_TRUE(at::equal(weight.compute(), weight.value()));
}

TEST(ParameterStore, BackwardAddsIntoTheGradientBufferInPlace)
{
    ParameterStore store;
    const Weight weight = store.add("w", at::ones({2, 3}));
    const Weight frozen = store.add("f", at::ones({2, 3}), {.trained = false});
    store.pack(Precision::Fp32);
    const void* before = weight.value().grad().data_ptr();

    for (int microBatch = 0; microBatch < 2; ++microBatch)
        weight.value().mul(frozen.value()).mul(5.0).sum().backward();

    EXPECT_EQ(weight.value().grad().data_ptr(), before);
    EXPECT_EQ(before, store.gradient().data_ptr());
    EXPECT_TRUE(at::equal(store.gradient().narrow(0, 0, 6), at::full({6}, 10.0)));
    EXPECT_FALSE(frozen.value().requires_grad());
    EXPECT_EQ(store.gradient().numel(), store.numTrained());
}

TEST(ParameterStore, Bf16CopiesGiveTheirGradientToTheSameFp32Buffer)
{
    ParameterStore store;
    const Weight weight = store.add("w", at::full({2, 2}, 1.0 + 1.0 / 512));
    store.pack(Precision::Bf16);
    EXPECT_EQ(weight.compute().scalar_type(), at::kBFloat16);
    EXPECT_EQ(weight.compute().sum().item<float>(), 4.0F) << "1 + 2^-9 is 1 in bf16";

    // 256 + 1 is 256 in bf16: the sum over micro-batches must not be kept there.
    at::mm(at::full({2, 2}, 128.0, at::kBFloat16), weight.compute()).sum().backward();
    at::mm(at::full({2, 2}, 0.5, at::kBFloat16), weight.compute()).sum().backward();
    weight.value().mul(0.25).sum().backward();

    EXPECT_EQ(weight.compute().grad().scalar_type(), at::kFloat);
    EXPECT_TRUE(at::equal(store.gradient().narrow(0, 0, 4), at::full({4}, 257.25)));

    {
        const c10::NoGradGuard noGrad;
        store.master().fill_(2.0);
    }
    store.refreshCompute();
    EXPECT_EQ(weight.compute().sum().item<float>(), 8.0F);
}

TEST(ParameterStore, BuffersAreCopiesThatKeepTheirNames)
{
    ParameterStore store;
    const at::Tensor initial = at::zeros({4}, at::kLong);
    const at::Tensor counts = store.addBuffer("layers.0.moe.router.counts", initial);
    counts.fill_(7);
    EXPECT_EQ(initial.sum().item<std::int64_t>(), 0);
    EXPECT_EQ(store.buffers().at(0).value.sum().item<std::int64_t>(), 28);
    EXPECT_EQ(store.buffers().at(0).name, "layers.0.moe.router.counts");
}

TEST(ParameterStoreDeathTest, ATakenNameStopsTheProgram)
{
    ParameterStore store;
    store.add("w", at::ones({1}));
    EXPECT_DEATH(store.add("w", at::ones({1})), "a name belongs to one parameter");
}

TEST(ParameterStore, AFrozenParameterKeepsItsNumbersAndGetsNoGradient)
{
    for (const Precision precision : {Precision::Fp32, Precision::Bf16}) {
        ParameterStore store;
        const Weight first = store.add("a", at::ones({2, 3})), second = store.add("b", at::full({2, 3}, 2.0));
        store.add("n", at::ones({3}), {.decay = false});
        store.pack(precision);
        EXPECT_EQ(store.liveRanges(), (std::vector<ElementRange>{{0, 96}}));
        second.compute().to(at::kFloat).mul(3.0).sum().backward();

        second.freeze();
        second.freeze();
        EXPECT_EQ(store.liveRanges(), (std::vector<ElementRange>{{0, 32}, {64, 96}}));
        EXPECT_TRUE(store.parameters()[1].frozen);
        EXPECT_FALSE(second.value().requires_grad() || second.compute().requires_grad());
        EXPECT_EQ(store.gradient().abs().sum().item<float>(), 0) << "what it had got is gone";

        first.compute().mul(second.compute()).to(at::kFloat).sum().backward();
        EXPECT_EQ(store.gradient().narrow(0, 0, 6).sum().item<float>(), 12.0F);
        EXPECT_EQ(store.gradient().narrow(0, 32, 32).abs().sum().item<float>(), 0);

        store.freeze("a");
        store.freeze("n");
        EXPECT_TRUE(store.liveRanges().empty());
    }
}

TEST(ParameterStoreDeathTest, OnlyWhatIsTrainedCanBeFrozen)
{
    ParameterStore store;
    const Weight early = store.add("w", at::ones({1}));
    const Weight random = store.add("random", at::ones({1}), {.trained = false});
    EXPECT_DEATH(early.freeze(), "only what is trained can be frozen: w");
    store.pack(Precision::Fp32);
    EXPECT_DEATH(random.freeze(), "only what is trained can be frozen: random");
    EXPECT_DEATH(store.freeze("unknown"), "no such parameter to freeze: unknown");
}
