// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Golden cases 26 to 31 of spec diagnostics 8.2 (their unbiased numbers), and the invariances of section 8.
#include "engine/probe/similarity_sums.h"

#include <cmath>
#include <vector>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

using namespace moescope;

namespace {

at::Tensor matrix(std::int64_t rows, std::vector<double> values)
{
    return at::tensor(at::ArrayRef<double>(values), at::kDouble).view({rows, -1});
}

double at2(const at::Tensor& m, std::int64_t i, std::int64_t j) { return m[i][j].item<double>(); }

const std::vector<double> kSquare{1, 0, 0, 1, -1, 0, 0, -1};
const std::vector<double> kFirstColumn{1, 0, 0, 0, -1, 0, 0, 0};  // padded with a column of zeros: the Gram is the same

/// The long form of Song et al., for one pair.
double hsicLongForm(const at::Tensor& x, const at::Tensor& y)
{
    const auto n = static_cast<double>(x.size(0));
    at::Tensor k = at::mm(x, x.t());
    at::Tensor l = at::mm(y, y.t());
    k.diagonal().zero_();
    l.diagonal().zero_();
    const at::Tensor kl = at::mm(k, l);
    const double sum = kl.diagonal().sum().item<double>()
        + k.sum().item<double>() * l.sum().item<double>() / ((n - 1) * (n - 2)) - 2 / (n - 2) * kl.sum().item<double>();
    return sum / (n * (n - 3));
}

at::Tensor noise(std::uint64_t seed, at::IntArrayRef shape)
{
    return at::randn(shape, at::detail::createCPUGenerator(seed), at::kDouble);
}

}  // namespace

TEST(Hsic, GivesGoldenCase28)
{
    at::Tensor x = at::cat({matrix(4, kSquare), at::zeros({2, 2}, at::kDouble)});
    at::Tensor y = at::cat({matrix(4, kFirstColumn), at::zeros({2, 2}, at::kDouble)});
    const at::Tensor hsic = hsicMatrix(at::stack({x, y}));
    EXPECT_NEAR(at2(hsic, 0, 0), 0.155556, 1e-6);
    EXPECT_NEAR(at2(hsic, 1, 1), 0.066667, 1e-6);
    EXPECT_NEAR(at2(hsic, 0, 1), 0.077778, 1e-6);
    EXPECT_NEAR(at2(ckaFromHsic(hsic), 0, 1), 0.763763, 1e-6);
}

TEST(Hsic, OneProductEqualsTheLongForm)
{
    const at::Tensor y = noise(7, {3, 40, 5});
    const at::Tensor hsic = hsicMatrix(y);
    for (int i = 0; i < 3; ++i)
        for (int j = 0; j < 3; ++j)
            EXPECT_NEAR(at2(hsic, i, j), hsicLongForm(y[i], y[j]), 1e-12);
}

TEST(Cka, GivesGoldenCases26And27)
{
    const at::Tensor square = matrix(4, kSquare);
    EXPECT_NEAR(at2(ckaFromHsic(hsicMatrix(at::stack({square, matrix(4, kFirstColumn)}))), 0, 1), 1, 1e-6);
    const at::Tensor x = noise(3, {30, 2});
    const at::Tensor rotated = at::mm(x, matrix(2, {0.6, -0.8, 0.8, 0.6}));
    const at::Tensor cka = ckaFromHsic(hsicMatrix(at::stack({x, rotated, -x})));
    EXPECT_NEAR(at2(cka, 0, 1), 1, 1e-6);
    EXPECT_NEAR(at2(cka, 0, 2), 1, 1e-6);
}

TEST(Cka, SumsBatchesBeforeItDividesAsInGoldenCase29)
{
    const at::Tensor first = matrix(2, {1, 1, 1, 4});
    const at::Tensor second = matrix(2, {9, 3, 3, 1});
    EXPECT_NEAR(at2(ckaFromHsic(first + second), 0, 1), 0.565685, 1e-6);
}

TEST(Cka, HasNoNumberWhereASelfTermIsNotPositive)
{
    const at::Tensor cka = ckaFromHsic(matrix(2, {-1e-3, 0.1, 0.1, 2}));
    EXPECT_TRUE(std::isnan(at2(cka, 0, 0)));
    EXPECT_TRUE(std::isnan(at2(cka, 0, 1)));
    EXPECT_EQ(at2(cka, 1, 1), 1);
}

TEST(CkaExcess, GivesGoldenCase31)
{
    EXPECT_NEAR(ckaExcess(matrix(1, {0.9}), 0.6).item<double>(), 0.75, 1e-6);
    EXPECT_NEAR(ckaExcess(matrix(1, {0.6}), 0.6).item<double>(), 0, 1e-6);
    EXPECT_NEAR(ckaExcess(matrix(1, {0.2}), 0.6).item<double>(), -1, 1e-6);
}

TEST(SimilaritySums, OppositeExpertsHaveCosineMinusOneAndCkaOne)
{
    const at::Tensor y = noise(1, {128, 16});
    SimilaritySums sums;
    sums.add(at::stack({y, -y, y * 50}));
    EXPECT_NEAR(at2(sums.cosine(), 0, 1), -1, 1e-9);
    EXPECT_NEAR(at2(sums.cosine(), 0, 2), 1, 1e-9);
    EXPECT_NEAR(at2(sums.cka(), 0, 1), 1, 1e-9);
}

TEST(SimilaritySums, OutputsAreCentredOverTokens)
{
    // Mean square 1 per token: the normalisation changes nothing. Both experts share a constant part.
    at::Tensor signs = noise(5, {2, 64, 8}).sign();
    signs.narrow(2, 0, 4).fill_(1);
    SimilaritySums sums;
    sums.add(signs);
    const at::Tensor centred = (signs - signs.mean(1, true)).view({2, -1});
    const at::Tensor products = at::mm(centred, centred.t());
    const double expected = at2(products, 0, 1) / std::sqrt(at2(products, 0, 0) * at2(products, 1, 1));
    EXPECT_NEAR(at2(sums.cosine(), 0, 1), expected, 1e-12);
    EXPECT_LT(std::abs(expected), 0.2);
}

TEST(SimilaritySums, ScaleAndOrderOfExpertsChangeNothingButTheOrder)
{
    const at::Tensor y = noise(11, {3, 256, 12});
    SimilaritySums one, other;
    for (int batch = 0; batch < 2; ++batch) {
        const at::Tensor part = y.narrow(1, batch * 128, 128);
        one.add(part);
        other.add(at::stack({part[2] * 3, part[0], part[1] * 0.5}));
    }
    EXPECT_NEAR(at2(one.cosine(), 0, 2), at2(other.cosine(), 1, 0), 1e-12);
    EXPECT_NEAR(at2(one.cka(), 0, 2), at2(other.cka(), 1, 0), 1e-12);
    EXPECT_NEAR(at2(one.cka(), 0, 1), at2(other.cka(), 1, 2), 1e-12);
}

TEST(SimilaritySums, SilentExpertAndFewTokensGiveNoInfinity)
{
    SimilaritySums sums;
    sums.add(at::stack({noise(2, {3, 4}), at::zeros({3, 4}, at::kDouble)}));
    EXPECT_EQ(at2(sums.cosine(), 0, 1), 0);
    EXPECT_EQ(at2(sums.cosine(), 1, 1), 1);
    EXPECT_TRUE(std::isnan(at2(sums.cka(), 0, 1)));
}
