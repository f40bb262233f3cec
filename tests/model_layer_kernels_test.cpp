// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Every kernel that this processor can run, against the same formula in fp64.
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "engine/model/gemm_kernels.h"
#include "engine/model/initial_weights.h"
#include "engine/model/layer_kernels.h"

namespace moescope {
namespace {

constexpr std::int64_t kColumns = 37;  // no multiple of a register

std::vector<float> randomRow(const char* name, std::int64_t size, double spread = 1)
{
    const at::Tensor row = initialNormal(1, name, {size}, spread);
    return {row.const_data_ptr<float>(), row.const_data_ptr<float>() + size};
}

struct Kernels {
    const char* name;
    const LayerKernels* kernels;
};

std::ostream& operator<<(std::ostream& out, const Kernels& tested) { return out << tested.name; }

class LayerKernelSet : public testing::TestWithParam<Kernels> {
protected:
    void SetUp() override
    {
        if (GetParam().kernels == &kAvx512LayerKernels && !hasAvx512())
            GTEST_SKIP() << "this processor has no AVX-512: its kernels did not run";
    }
    const LayerKernels& kernels() const { return *GetParam().kernels; }
};

double activated(ActivationKind kind, double x, double up)
{
    if (kind == ActivationKind::Relu)
        return std::max(x, 0.0);
    if (kind == ActivationKind::SwiGlu)
        return x / (1 + std::exp(-x)) * up;
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
}

// Rows of fp32: 3e-7 of the number, and of the largest term where terms cancel.
TEST_P(LayerKernelSet, ActivatesAndDifferentiates)
{
    for (const ActivationKind kind : {ActivationKind::Relu, ActivationKind::Gelu, ActivationKind::SwiGlu}) {
        const bool gated = kind == ActivationKind::SwiGlu;
        std::vector<float> z = randomRow("z", 2 * kColumns, 3), da = randomRow("da", kColumns);
        z[0] = 90;  // far out on both sides
        z[1] = -90;
        std::vector<float> a(kColumns), dz(2 * kColumns), weighted(kColumns);
        const float weight = 0.7f;
        float dWeight = 0;
        kernels().fp32.activate(kind, z.data(), a.data(), 1, kColumns);
        kernels().fp32.activateBackward(
            kind, z.data(), da.data(), &weight, dz.data(), weighted.data(), &dWeight, 1, kColumns);
        double wantedDWeight = 0;
        for (std::int64_t i = 0; i < kColumns; ++i) {
            const double x = z[i], up = gated ? z[kColumns + i] : 1, h = 1e-5;
            const double value = activated(kind, x, up);
            const double slope = (activated(kind, x + h, up) - activated(kind, x - h, up)) / (2 * h);
            EXPECT_NEAR(a[i], value, 1e-6 * (1 + std::abs(x * up)));
            EXPECT_NEAR(weighted[i], 0.7 * value, 1e-6 * (1 + std::abs(x * up)));
            EXPECT_NEAR(dz[i], 0.7 * da[i] * slope, 4e-6 * (1 + std::abs(da[i] * up * x)));
            if (gated) {
                EXPECT_NEAR(dz[kColumns + i], 0.7 * da[i] * activated(kind, x, 1), 4e-6 * (1 + std::abs(da[i] * x)));
            }
            wantedDWeight += da[i] * value;
        }
        EXPECT_NEAR(dWeight, wantedDWeight, 1e-4);
    }
}

TEST_P(LayerKernelSet, SoftmaxSeesNoLaterColumn)
{
    const std::int64_t rows = 3, first = 20, columns = first + rows - 1;
    std::vector<float> scores = randomRow("s", rows * columns, 4), again = scores;
    const std::vector<float> raw = scores;
    float logSum[rows];
    kernels().softmaxCausal(scores.data(), columns, rows, first, 0.5f, logSum);
    kernels().softmaxCausalAgain(again.data(), columns, rows, first, 0.5f, logSum);
    for (std::int64_t r = 0; r < rows; ++r) {
        double sum = 0;
        for (std::int64_t i = 0; i < first + r; ++i)
            sum += std::exp(0.5 * raw[r * columns + i]);
        EXPECT_NEAR(logSum[r], std::log(sum), 2e-6);
        for (std::int64_t i = 0; i < columns; ++i) {
            const double wanted = i < first + r ? std::exp(0.5 * raw[r * columns + i]) / sum : 0;
            EXPECT_NEAR(scores[r * columns + i], wanted, 1e-6);
            EXPECT_NEAR(again[r * columns + i], wanted, 1e-6);
        }
    }
}

TEST_P(LayerKernelSet, CrossEntropyAndItsSlope)
{
    std::vector<float> logits = randomRow("l", kColumns, 3);
    const std::vector<float> raw = logits;
    double sum = 0;
    for (const float logit : raw)
        sum += std::exp(static_cast<double>(logit));
    const float nats = kernels().crossEntropy(logits.data(), kColumns, 5);
    EXPECT_NEAR(nats, std::log(sum) - raw[5], 2e-6);
    for (std::int64_t i = 0; i < kColumns; ++i)
        EXPECT_NEAR(logits[i], std::exp(static_cast<double>(raw[i])) / sum - (i == 5), 1e-6);
}

TEST_P(LayerKernelSet, NotANumberStaysNotANumber)
{
    std::vector<float> logits(kColumns, 1.0f), z(kColumns, NAN), a(kColumns);
    logits[3] = NAN;
    EXPECT_TRUE(std::isnan(kernels().crossEntropy(logits.data(), kColumns, 5)));
    kernels().fp32.activate(ActivationKind::Gelu, z.data(), a.data(), 1, kColumns);
    EXPECT_TRUE(std::isnan(a[0]));
    std::vector<Bf16Bits> rounded(kColumns);
    kernels().bf16.fromFloat(z.data(), rounded.data(), kColumns);
    EXPECT_EQ(rounded[0], 0x7FC0);
}

TEST_P(LayerKernelSet, RoundsToTheNearestEvenBf16)
{
    const std::vector<float> numbers{1.0f, 1.00390625f, 1.01171875f, -3.14159f, 0.0f, INFINITY};
    std::vector<Bf16Bits> rounded(numbers.size());
    kernels().bf16.fromFloat(numbers.data(), rounded.data(), static_cast<std::int64_t>(numbers.size()));
    EXPECT_EQ(rounded, (std::vector<Bf16Bits>{0x3F80, 0x3F80, 0x3F82, 0xC049, 0x0000, 0x7F80}));
}

TEST_P(LayerKernelSet, RotatesBackToWhereItCameFrom)
{
    const std::int64_t half = 19;
    std::vector<float> head = randomRow("h", 2 * half), cosines(half), sines(half);
    const std::vector<float> before = head;
    for (std::int64_t i = 0; i < half; ++i) {
        cosines[i] = std::cos(0.3f * i);
        sines[i] = std::sin(0.3f * i);
    }
    kernels().rotate(head.data(), cosines.data(), sines.data(), half, 1);
    EXPECT_NEAR(head[1], before[1] * cosines[1] - before[half + 1] * sines[1], 1e-6);
    kernels().rotate(head.data(), cosines.data(), sines.data(), half, -1);
    for (std::size_t i = 0; i < head.size(); ++i)
        EXPECT_NEAR(head[i], before[i], 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Processors, LayerKernelSet,
    testing::Values(Kernels{"Portable", &kPortableLayerKernels}, Kernels{"Avx512", &kAvx512LayerKernels}),
    [](const auto& tested) { return std::string(tested.param.name); });

}  // namespace
}  // namespace moescope
