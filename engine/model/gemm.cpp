// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/gemm.h"

#include <ATen/native/CPUBlas.h>

namespace moescope {

namespace {

// The library is column-major: c' = b' * a', where a row-major matrix already is its own transpose.
template <class T, class C>
void columnMajorGemm(std::int64_t m, std::int64_t n, std::int64_t k, Operand<T> a, Operand<T> b, C* c,
    std::int64_t strideC, bool accumulate)
{
    using at::native::TransposeType;
    if (m == 0 || n == 0)
        return;
    const auto kind = [](bool transposed) {
        return transposed ? TransposeType::Transpose : TransposeType::NoTranspose;
    };
    at::native::cpublas::gemm(kind(b.transposed), kind(a.transposed), n, m, k, 1.0f, b.data, b.stride, a.data, a.stride,
        accumulate ? 1.0f : 0.0f, c, strideC);
}

}  // namespace

void gemm(std::int64_t m, std::int64_t n, std::int64_t k, Operand<float> a, Operand<float> b, float* c,
    std::int64_t strideC, bool accumulate)
{
    columnMajorGemm(m, n, k, a, b, c, strideC, accumulate);
}

void gemm(std::int64_t m, std::int64_t n, std::int64_t k, Operand<c10::BFloat16> a, Operand<c10::BFloat16> b, float* c,
    std::int64_t strideC, bool accumulate)
{
    columnMajorGemm(m, n, k, a, b, c, strideC, accumulate);
}

void gemm(std::int64_t m, std::int64_t n, std::int64_t k, Operand<c10::BFloat16> a, Operand<c10::BFloat16> b,
    c10::BFloat16* c, std::int64_t strideC, bool accumulate)
{
    columnMajorGemm(m, n, k, a, b, c, strideC, accumulate);
}

}  // namespace moescope
