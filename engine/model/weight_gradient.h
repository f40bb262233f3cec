// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The product that every layer's backward ends with: dW += dY' * X over all tokens.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/model/gemm.h"
#include "engine/model/parallel_tasks.h"
#include "engine/model/parameters.h"

namespace moescope {

/// Gradient of a weight [rows, columns]: += left[tokens, rows]' * right[tokens, columns], in parallel over rows.
/// Nothing for a frozen weight. Each element's sum runs over the tokens in order, whatever the number of threads.
template <class T> void addWeightGradient(const Weight& weight, std::int64_t tokens, Operand<T> left, Operand<T> right)
{
    const at::Tensor& into = weight.value().grad();
    if (!into.defined())
        return;
    constexpr std::int64_t kRows = 48;  // four strips of the kernel
    const std::int64_t rows = into.size(0), columns = into.size(1);
    float* gradient = into.mutable_data_ptr<float>();
    parallelTasks((rows + kRows - 1) / kRows, [&](std::int64_t task) {
        const std::int64_t first = task * kRows;
        gemm(std::min(kRows, rows - first), columns, tokens, Operand<T>{left.data + first, left.stride, true}, right,
            gradient + first * columns, columns, true);
    });
}

}  // namespace moescope
