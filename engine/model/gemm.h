// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Matrix products on raw row-major memory, for use inside parallel loops.
#pragma once

#include <cstdint>

#include <c10/util/BFloat16.h>

namespace moescope {

/// A row-major matrix; `transposed` reads [rows, columns] out of memory that holds [columns, rows].
template <class T> struct Operand {
    const T* data = nullptr;
    std::int64_t stride = 0;  ///< elements between the rows of the memory
    bool transposed = false;
};

/// c[m, n] = a[m, k] * b[k, n], added to c when `accumulate`. Sums are fp32. Runs on the calling thread when that is
/// inside a parallel region. The sizes may be 0.
void gemm(std::int64_t m, std::int64_t n, std::int64_t k, Operand<float> a, Operand<float> b, float* c,
    std::int64_t strideC, bool accumulate = false);
void gemm(std::int64_t m, std::int64_t n, std::int64_t k, Operand<c10::BFloat16> a, Operand<c10::BFloat16> b, float* c,
    std::int64_t strideC, bool accumulate = false);
void gemm(std::int64_t m, std::int64_t n, std::int64_t k, Operand<c10::BFloat16> a, Operand<c10::BFloat16> b,
    c10::BFloat16* c, std::int64_t strideC, bool accumulate = false);

}  // namespace moescope
