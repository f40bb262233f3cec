// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "engine/model/gemm.h"
#include "engine/model/gemm_kernels.h"
#include "engine/model/initial_weights.h"

namespace moescope {
namespace {

struct Product {
    std::int64_t m, n, k;
    bool transposedA, transposedB;
};

const Product kProducts[] = {{1, 1, 1, false, false}, {12, 32, 16, false, false}, {13, 33, 17, false, true},
    {25, 70, 300, true, false}, {40, 31, 5, true, true}, {128, 48, 600, false, false}, {7, 5, 0, false, false}};

at::Tensor stored(const at::Tensor& matrix, bool transposed) { return transposed ? matrix.t().contiguous() : matrix; }

template <class T> Operand<T> operandOf(const at::Tensor& memory, bool transposed)
{
    return {memory.const_data_ptr<T>(), memory.size(1), transposed};
}

template <class T> void expectProduct(const Product& p, double tolerance)
{
    const at::ScalarType type = c10::CppTypeToScalarType<T>::value;
    const at::Tensor a = initialNormal(1, "a", {p.m, p.k}, 1).to(type),
                     b = initialNormal(1, "b", {p.k, p.n}, 1).to(type);
    const at::Tensor memoryA = stored(a, p.transposedA), memoryB = stored(b, p.transposedB);
    const at::Tensor wanted = at::matmul(a.to(at::kDouble), b.to(at::kDouble));
    at::Tensor c = at::full({p.m, p.n + 3}, 5.0, at::kFloat);  // wider rows: the rest must stay
    for (const bool accumulate : {false, true}) {
        gemm(p.m, p.n, p.k, operandOf<T>(memoryA, p.transposedA), operandOf<T>(memoryB, p.transposedB),
            c.mutable_data_ptr<float>(), p.n + 3, accumulate);
        const at::Tensor got = c.narrow(1, 0, p.n).to(at::kDouble);
        EXPECT_TRUE(at::allclose(got, wanted * (accumulate ? 2 : 1), 0, tolerance)) << p.m << ' ' << p.n << ' ' << p.k;
        EXPECT_TRUE(at::equal(c.narrow(1, p.n, 3), at::full({p.m, 3}, 5.0)));
    }
}

// Sums of k <= 600 products of unit numbers: error near sqrt(600) * 2^-24 * 25 = 4e-5.
TEST(Gemm, AgreesWithFp64)
{
    for (const Product& product : kProducts) {
        expectProduct<float>(product, 1e-4);
        expectProduct<c10::BFloat16>(product, 1e-4);
    }
}

TEST(Gemm, RoundsToBf16OnceAndToNearest)
{
    const Product p{20, 40, 600, false, false};
    const at::Tensor a = initialNormal(1, "a", {p.m, p.k}, 1).to(at::kBFloat16);
    const at::Tensor b = initialNormal(1, "b", {p.k, p.n}, 1).to(at::kBFloat16);
    at::Tensor fine = at::empty({p.m, p.n}, at::kFloat), coarse = at::empty({p.m, p.n}, at::kBFloat16);
    gemm(p.m, p.n, p.k, operandOf<c10::BFloat16>(a, false), operandOf<c10::BFloat16>(b, false),
        coarse.mutable_data_ptr<c10::BFloat16>(), p.n);
    fine.copy_(at::matmul(a.to(at::kDouble), b.to(at::kDouble)));
    EXPECT_TRUE(at::allclose(coarse.to(at::kFloat), fine, 1.0 / 256, 1e-3));
}

// Every kernel of every processor that this one can run gives the sums that plain loops give.
TEST(GemmKernels, AgreeWithEachOther)
{
    if (!hasAvx512())
        GTEST_SKIP() << "this processor has no AVX-512: only the portable kernels ran";
    const std::int64_t depth = 37;
    for (const bool transposed : {false, true}) {
        const at::Tensor b =
            initialNormal(1, "b", transposed ? at::IntArrayRef{29, depth} : at::IntArrayRef{depth, 29}, 1);
        const at::Tensor b16 = b.to(at::kBFloat16);
        std::vector<float> one(depth * 32, -1), two(depth * 32, -2);
        kPortableGemm.packFloat(b.const_data_ptr<float>(), b.size(1), transposed, depth, 29, one.data());
        kAvx512Gemm.packFloat(b.const_data_ptr<float>(), b.size(1), transposed, depth, 29, two.data());
        EXPECT_EQ(one, two);
        const auto* bits = reinterpret_cast<const Bf16Bits*>(b16.const_data_ptr<c10::BFloat16>());
        kPortableGemm.packBf16(bits, b.size(1), transposed, depth, 29, one.data());
        kAvx512Gemm.packBf16(bits, b.size(1), transposed, depth, 29, two.data());
        EXPECT_EQ(one, two);
        const at::Tensor a = initialNormal(1, "a", {31, depth}, 1);
        std::vector<float> c1(31 * 29), c2(31 * 29);
        kPortableGemm.multiply(
            31, 29, depth, a.const_data_ptr<float>(), depth, 1, one.data(), c1.data(), nullptr, 29, false);
        kAvx512Gemm.multiply(
            31, 29, depth, a.const_data_ptr<float>(), depth, 1, one.data(), c2.data(), nullptr, 29, false);
        for (std::size_t i = 0; i < c1.size(); ++i)
            EXPECT_NEAR(c1[i], c2[i], 1e-4);
    }
}

}  // namespace
}  // namespace moescope
