// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One block per row, threads along its features: neighbours read neighbours, and every sum has one owner and one order.
#include "engine/cuda/row_movement.h"

namespace moescope {
namespace {

constexpr std::int64_t kMaxThreads = 256;

/// bf16 is the upper half of fp32.
__device__ float toFloat(std::uint16_t bits) { return __uint_as_float(static_cast<unsigned>(bits) << 16); }
__device__ float toFloat(float value) { return value; }

__device__ void store(float* target, float value) { *target = value; }
/// Rounds to nearest, ties to even; NaN stays NaN.
__device__ void store(std::uint16_t* target, float value)
{
    const unsigned bits = __float_as_uint(value);
    const unsigned rounded = (bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16;
    *target = static_cast<std::uint16_t>(value != value ? 0x7FC0u : rounded);
}

template <class Number>
__global__ void gatherRowsKernel(const Number* hidden, const std::int32_t* token, Number* rows, std::int64_t width)
{
    const std::int64_t row = blockIdx.x;
    const Number* source = hidden + token[row] * width;
    for (std::int64_t d = threadIdx.x; d < width; d += blockDim.x)
        rows[row * width + d] = source[d];
}

template <class Number>
__global__ void combineRowsKernel(const Number* rows, const float* weight, const std::int32_t* slot,
    const std::int32_t* firstPair, Number* combined, std::int64_t width)
{
    const std::int64_t token = blockIdx.x;
    const std::int32_t begin = firstPair[token], end = firstPair[token + 1];
    for (std::int64_t d = threadIdx.x; d < width; d += blockDim.x) {
        float sum = 0.0f;
        for (std::int32_t pair = begin; pair < end; ++pair) {
            if (slot[pair] >= 0)
                sum = __fadd_rn(sum, __fmul_rn(weight[pair], toFloat(rows[slot[pair] * width + d])));
        }
        store(combined + token * width + d, sum);
    }
}

unsigned threadsFor(std::int64_t width)
{
    const std::int64_t warps = (width + 31) / 32 * 32;
    return static_cast<unsigned>(warps < kMaxThreads ? warps : kMaxThreads);
}

}  // namespace

cudaError_t launchGatherRows(const void* hidden, const std::int32_t* token, void* rows, std::int64_t numRows,
    std::int64_t width, RowNumber number, cudaStream_t stream)
{
    if (numRows == 0 || width == 0)
        return cudaSuccess;
    const auto blocks = static_cast<unsigned>(numRows);
    if (number == RowNumber::Fp32)
        gatherRowsKernel<<<blocks, threadsFor(width), 0, stream>>>(
            static_cast<const float*>(hidden), token, static_cast<float*>(rows), width);
    else
        gatherRowsKernel<<<blocks, threadsFor(width), 0, stream>>>(
            static_cast<const std::uint16_t*>(hidden), token, static_cast<std::uint16_t*>(rows), width);
    return cudaGetLastError();
}

cudaError_t launchCombineRows(const void* rows, const float* weight, const std::int32_t* slot,
    const std::int32_t* firstPair, void* combined, std::int64_t numTokens, std::int64_t width, RowNumber number,
    cudaStream_t stream)
{
    if (numTokens == 0 || width == 0)
        return cudaSuccess;
    const auto blocks = static_cast<unsigned>(numTokens);
    if (number == RowNumber::Fp32)
        combineRowsKernel<<<blocks, threadsFor(width), 0, stream>>>(
            static_cast<const float*>(rows), weight, slot, firstPair, static_cast<float*>(combined), width);
    else
        combineRowsKernel<<<blocks, threadsFor(width), 0, stream>>>(static_cast<const std::uint16_t*>(rows), weight,
            slot, firstPair, static_cast<std::uint16_t*>(combined), width);
    return cudaGetLastError();
}

}  // namespace moescope
