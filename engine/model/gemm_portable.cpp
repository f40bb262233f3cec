// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/gemm_kernels.h"

#include <bit>

namespace moescope {

namespace {

float floatOf(Bf16Bits bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }
float floatOf(float number) { return number; }

// Round to nearest, ties to even; NaN stays NaN.
Bf16Bits bf16Of(float number)
{
    const auto bits = std::bit_cast<std::uint32_t>(number);
    if (number != number)
        return 0x7FC0;
    return static_cast<Bf16Bits>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

template <class T>
void packPanel(
    const T* from, std::int64_t stride, bool transposed, std::int64_t depth, std::int64_t columns, float* panel)
{
    for (std::int64_t p = 0; p < depth; ++p)
        for (std::int64_t j = 0; j < kPanelColumns; ++j)
            panel[p * kPanelColumns + j] =
                j < columns ? floatOf(transposed ? from[j * stride + p] : from[p * stride + j]) : 0.0f;
}

// The compiler makes an AVX2 version too and picks when the program starts.
__attribute__((target_clones("avx2,fma", "default"))) void addRow(
    std::int64_t depth, const float* a, std::int64_t columnStep, const float* panel, float* sums)
{
    for (std::int64_t p = 0; p < depth; ++p) {
        const float factor = a[p * columnStep];
#pragma omp simd
        for (std::int64_t j = 0; j < kPanelColumns; ++j)
            sums[j] += factor * panel[p * kPanelColumns + j];
    }
}

void multiplyPanel(std::int64_t rows, std::int64_t columns, std::int64_t depth, const float* a, std::int64_t rowStep,
    std::int64_t columnStep, const float* panel, float* c, Bf16Bits* cBf16, std::int64_t strideC, bool accumulate)
{
    for (std::int64_t i = 0; i < rows; ++i) {
        float sums[kPanelColumns] = {};
        addRow(depth, a + i * rowStep, columnStep, panel, sums);
        for (std::int64_t j = 0; j < columns; ++j) {
            const std::int64_t at = i * strideC + j;
            if (cBf16)
                cBf16[at] = bf16Of(accumulate ? floatOf(cBf16[at]) + sums[j] : sums[j]);
            else
                c[at] = accumulate ? c[at] + sums[j] : sums[j];
        }
    }
}

void expandRows(const Bf16Bits* from, std::int64_t stride, std::int64_t rows, std::int64_t columns, float* to)
{
    for (std::int64_t i = 0; i < rows; ++i)
        for (std::int64_t j = 0; j < columns; ++j)
            to[i * columns + j] = floatOf(from[i * stride + j]);
}

}  // namespace

const GemmKernels kPortableGemm{multiplyPanel, packPanel<float>, packPanel<Bf16Bits>, expandRows};

bool hasAvx512()
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")
        && __builtin_cpu_supports("avx512dq");
}

}  // namespace moescope
