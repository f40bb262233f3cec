// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The loops behind LayerKernels, written once and compiled for each kind of processor.
// Local to the file that includes it: no inline function may leak out of a file compiled for AVX-512.
#pragma once

#include "engine/model/activation_loops.h"
#include "engine/model/layer_kernels.h"
#include "engine/model/norm_loops.h"
#include "engine/model/number_loops.h"
#include "engine/model/softmax_loops.h"

namespace moescope {

namespace {

void rowDots(const float* a, std::int64_t strideA, const float* b, std::int64_t strideB, std::int64_t rows,
    std::int64_t columns, float* dots)
{
    for (std::int64_t r = 0; r < rows; ++r) {
        float sum = 0;
#pragma omp simd reduction(+ : sum)
        for (std::int64_t i = 0; i < columns; ++i)
            sum += a[r * strideA + i] * b[r * strideB + i];
        dots[r] = sum;
    }
}

void rotate(float* head, const float* cosines, const float* sines, std::int64_t half, float sign)
{
#pragma omp simd
    for (std::int64_t i = 0; i < half; ++i) {
        const float a = head[i], b = head[half + i], s = sign * sines[i];
        head[i] = a * cosines[i] - b * s;
        head[half + i] = b * cosines[i] + a * s;
    }
}

void addScaled(float factor, const float* from, float* __restrict to, std::int64_t count)
{
#pragma omp simd
    for (std::int64_t i = 0; i < count; ++i)
        to[i] += factor * from[i];
}

constexpr LayerKernels kLoops{{activate<float>, activateBackward<float>, fromFloat<float>},
    {activate<Bf16Bits>, activateBackward<Bf16Bits>, fromFloat<Bf16Bits>}, softmaxCausal, softmaxCausalAgain,
    softmaxCausalBackward, rowDots, rotate, crossEntropy, rmsNorm, layerNorm, normBackward, addScaled};

}  // namespace

}  // namespace moescope
