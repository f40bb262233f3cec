// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/gemm.h"

#include <algorithm>
#include <type_traits>

#include "engine/model/gemm_kernels.h"
#include "engine/model/scratch.h"

namespace moescope {

namespace {

constexpr std::int64_t kDepthBlock = 256;  // a panel of 256 x 32 fp32 fills two thirds of a first-level cache

const GemmKernels& kernels()
{
    static const GemmKernels& chosen = hasAvx512() ? kAvx512Gemm : kPortableGemm;
    return chosen;
}

struct LeftSide {
    const float* data;
    std::int64_t rowStep, columnStep;
};

LeftSide leftSide(std::int64_t, std::int64_t, Operand<float> a)
{
    return {a.data, a.transposed ? 1 : a.stride, a.transposed ? a.stride : 1};
}

LeftSide leftSide(std::int64_t m, std::int64_t k, Operand<c10::BFloat16> a)
{
    thread_local Scratch<float> memory;
    float* expanded = memory.get(m * k);
    const std::int64_t rows = a.transposed ? k : m, columns = a.transposed ? m : k;
    kernels().expand(reinterpret_cast<const Bf16Bits*>(a.data), a.stride, rows, columns, expanded);
    return {expanded, a.transposed ? 1 : k, a.transposed ? m : 1};
}

void packPanel(Operand<float> b, std::int64_t firstRow, std::int64_t firstColumn, std::int64_t depth,
    std::int64_t columns, float* panel)
{
    const float* from = b.data + (b.transposed ? firstColumn * b.stride + firstRow : firstRow * b.stride + firstColumn);
    kernels().packFloat(from, b.stride, b.transposed, depth, columns, panel);
}

void packPanel(Operand<c10::BFloat16> b, std::int64_t firstRow, std::int64_t firstColumn, std::int64_t depth,
    std::int64_t columns, float* panel)
{
    const std::int64_t at = b.transposed ? firstColumn * b.stride + firstRow : firstRow * b.stride + firstColumn;
    kernels().packBf16(reinterpret_cast<const Bf16Bits*>(b.data) + at, b.stride, b.transposed, depth, columns, panel);
}

float* asFloat(float* c) { return c; }
float* asFloat(c10::BFloat16*) { return nullptr; }
Bf16Bits* asBf16(float*) { return nullptr; }
Bf16Bits* asBf16(c10::BFloat16* c) { return reinterpret_cast<Bf16Bits*>(c); }

template <class T, class C>
void blockedGemm(std::int64_t m, std::int64_t n, std::int64_t k, Operand<T> a, Operand<T> b, C* c, std::int64_t strideC,
    bool accumulate)
{
    thread_local Scratch<float> memory;
    const std::int64_t depthBlock = std::is_same_v<C, float> ? kDepthBlock : k;  // bf16 sums must not be rounded twice
    float* panel = memory.get(std::min(k, depthBlock) * kPanelColumns);
    const LeftSide left = leftSide(m, k, a);
    for (std::int64_t j = 0; j < n; j += kPanelColumns) {
        const std::int64_t columns = std::min(kPanelColumns, n - j);
        std::int64_t p = 0;
        do {  // once also for k = 0, which writes zeros
            const std::int64_t depth = std::min(depthBlock, k - p);
            packPanel(b, p, j, depth, columns, panel);
            C* into = c + j;
            kernels().multiply(m, columns, depth, left.data + p * left.columnStep, left.rowStep, left.columnStep, panel,
                asFloat(into), asBf16(into), strideC, accumulate || p > 0);
            p += depth;
        } while (p < k);
    }
}

}  // namespace

void gemm(std::int64_t m, std::int64_t n, std::int64_t k, Operand<float> a, Operand<float> b, float* c,
    std::int64_t strideC, bool accumulate)
{
    blockedGemm(m, n, k, a, b, c, strideC, accumulate);
}

void gemm(std::int64_t m, std::int64_t n, std::int64_t k, Operand<c10::BFloat16> a, Operand<c10::BFloat16> b, float* c,
    std::int64_t strideC, bool accumulate)
{
    blockedGemm(m, n, k, a, b, c, strideC, accumulate);
}

void gemm(std::int64_t m, std::int64_t n, std::int64_t k, Operand<c10::BFloat16> a, Operand<c10::BFloat16> b,
    c10::BFloat16* c, std::int64_t strideC, bool accumulate)
{
    blockedGemm(m, n, k, a, b, c, strideC, accumulate);
}

}  // namespace moescope
