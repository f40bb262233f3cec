// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Launches of the GPU kernels that move rows between tokens and experts. The border between nvcc and LibTorch: this
// header sees neither ATen nor c10.
#pragma once

#include <cstdint>

#include <cuda_runtime.h>

namespace moescope {

enum class RowNumber { Fp32, Bf16 };

/// rows[n, :] = hidden[token[n], :]; all pointers on the device, rows are `width` numbers. Returns the launch's error.
cudaError_t launchGatherRows(const void* hidden, const std::int32_t* token, void* rows, std::int64_t numRows,
    std::int64_t width, RowNumber number, cudaStream_t stream);

/// combined[t, :] = sum over pairs m of t in order of weight[m] * rows[slot[m], :], in fp32; slots below 0 are left
/// out.
cudaError_t launchCombineRows(const void* rows, const float* weight, const std::int32_t* slot,
    const std::int32_t* firstPair, void* combined, std::int64_t numTokens, std::int64_t width, RowNumber number,
    cudaStream_t stream);

}  // namespace moescope
