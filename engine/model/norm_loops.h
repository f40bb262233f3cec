// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// RMSNorm and LayerNorm of one row, forward and backward.
// Local to the file that includes it: no inline function may leak out of a file compiled for AVX-512.
#pragma once

#include <cstdint>

namespace moescope {

namespace {

float rmsNorm(const float* x, const float* scale, float epsilon, float* y, std::int64_t columns)
{
    float square = 0;
#pragma omp simd reduction(+ : square)
    for (std::int64_t i = 0; i < columns; ++i)
        square += x[i] * x[i];
    const float inverse = 1 / __builtin_sqrtf(square / static_cast<float>(columns) + epsilon);
#pragma omp simd
    for (std::int64_t i = 0; i < columns; ++i)
        y[i] = x[i] * inverse * scale[i];
    return inverse;
}

float layerNorm(
    const float* x, const float* scale, const float* shift, float epsilon, float* y, std::int64_t columns, float* mean)
{
    float sum = 0, square = 0;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < columns; ++i)
        sum += x[i];
    const float middle = sum / static_cast<float>(columns);
#pragma omp simd reduction(+ : square)
    for (std::int64_t i = 0; i < columns; ++i)
        square += (x[i] - middle) * (x[i] - middle);
    const float inverse = 1 / __builtin_sqrtf(square / static_cast<float>(columns) + epsilon);
#pragma omp simd
    for (std::int64_t i = 0; i < columns; ++i)
        y[i] = (x[i] - middle) * inverse * scale[i] + shift[i];
    *mean = middle;
    return inverse;
}

void normBackward(const float* x, const float* scale, const float* dy, float mean, float inverse, float* __restrict dx,
    float* __restrict dScale, float* __restrict dShift, std::int64_t columns)
{
    float along = 0, total = 0;
#pragma omp simd reduction(+ : along, total)
    for (std::int64_t i = 0; i < columns; ++i) {
        along += dy[i] * scale[i] * (x[i] - mean);
        total += dy[i] * scale[i];
    }
    const float share = 1 / static_cast<float>(columns);
    const float slope = along * inverse * inverse * share;
    const float level = dShift ? total * share : 0;  // only LayerNorm takes the mean away
#pragma omp simd
    for (std::int64_t i = 0; i < columns; ++i) {
        const float centred = x[i] - mean;
        dx[i] = inverse * (dy[i] * scale[i] - level - centred * slope);
        dScale[i] += dy[i] * centred * inverse;
    }
    if (dShift)
#pragma omp simd
        for (std::int64_t i = 0; i < columns; ++i)
            dShift[i] += dy[i];
}

}  // namespace

}  // namespace moescope
