// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The inner loops of gemm for one kind of processor. Raw pointers only: the files behind it are compiled for
// instructions that another processor may lack, so nothing inline from a library may come out of them.
#pragma once

#include <cstdint>

namespace moescope {

inline constexpr std::int64_t kPanelColumns = 32;  ///< of b in one packed panel

/// bf16 as its bits, so that kernels need no header of LibTorch.
using Bf16Bits = std::uint16_t;

struct GemmKernels {
    /// c[rows, columns <= 32] = or += a * panel; a(i, p) = a[i * rowStep + p * columnStep], one of the steps is 1;
    /// panel is [depth][32]. Exactly one of c and cBf16 is given.
    void (*multiply)(std::int64_t rows, std::int64_t columns, std::int64_t depth, const float* a, std::int64_t rowStep,
        std::int64_t columnStep, const float* panel, float* c, Bf16Bits* cBf16, std::int64_t strideC, bool accumulate);
    /// [depth][32] out of rows of memory: b(p, j) = from[p * stride + j], or from[j * stride + p] when transposed;
    /// zeros beyond `columns`.
    void (*packFloat)(const float* from, std::int64_t stride, bool transposed, std::int64_t depth, std::int64_t columns,
        float* panel);
    void (*packBf16)(const Bf16Bits* from, std::int64_t stride, bool transposed, std::int64_t depth,
        std::int64_t columns, float* panel);
    /// rows of bf16 as fp32, row by row without a gap.
    void (*expand)(const Bf16Bits* from, std::int64_t stride, std::int64_t rows, std::int64_t columns, float* to);
};

extern const GemmKernels kPortableGemm;
extern const GemmKernels kAvx512Gemm;  ///< needs avx512f, avx512bw, avx512vl and avx512dq
bool hasAvx512();

}  // namespace moescope
