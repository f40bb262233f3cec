// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Causal softmax of attention and the softmax of the loss, forward and backward.
// Local to the file that includes it: no inline function may leak out of a file compiled for AVX-512.
#pragma once

#include "engine/model/number_loops.h"

namespace moescope {

namespace {

void softmaxCausal(
    float* scores, std::int64_t stride, std::int64_t rows, std::int64_t firstLength, float scale, float* logSum)
{
    for (std::int64_t r = 0; r < rows; ++r, scores += stride) {
        const std::int64_t length = firstLength + r;
        float largest = scores[0], sum = 0;
#pragma omp simd reduction(max : largest)
        for (std::int64_t i = 0; i < length; ++i)
            largest = scores[i] > largest ? scores[i] : largest;
        largest *= scale;
#pragma omp simd reduction(+ : sum)
        for (std::int64_t i = 0; i < length; ++i) {
            scores[i] = fastExp(scores[i] * scale - largest);
            sum += scores[i];
        }
        const float inverse = 1 / sum;
#pragma omp simd
        for (std::int64_t i = 0; i < length; ++i)
            scores[i] *= inverse;
        for (std::int64_t i = length; i < firstLength + rows - 1; ++i)
            scores[i] = 0;
        logSum[r] = largest + __builtin_logf(sum);
    }
}

void softmaxCausalAgain(
    float* scores, std::int64_t stride, std::int64_t rows, std::int64_t firstLength, float scale, const float* logSum)
{
    for (std::int64_t r = 0; r < rows; ++r, scores += stride) {
        const std::int64_t length = firstLength + r;
#pragma omp simd
        for (std::int64_t i = 0; i < length; ++i)
            scores[i] = fastExp(scores[i] * scale - logSum[r]);
        for (std::int64_t i = length; i < firstLength + rows - 1; ++i)
            scores[i] = 0;
    }
}

void softmaxCausalBackward(const float* probs, float* dProbs, std::int64_t stride, std::int64_t rows,
    std::int64_t columns, float scale, const float* delta)
{
    for (std::int64_t r = 0; r < rows; ++r) {
        const float* p = probs + r * stride;
        float* d = dProbs + r * stride;
#pragma omp simd
        for (std::int64_t i = 0; i < columns; ++i)
            d[i] = p[i] * (d[i] - delta[r]) * scale;
    }
}

float crossEntropy(float* logits, std::int64_t columns, std::int64_t target)
{
    float largest = logits[0], sum = 0;
#pragma omp simd reduction(max : largest)
    for (std::int64_t i = 0; i < columns; ++i)
        largest = logits[i] > largest ? logits[i] : largest;
    const float wanted = logits[target] - largest;
#pragma omp simd reduction(+ : sum)
    for (std::int64_t i = 0; i < columns; ++i) {
        logits[i] = fastExp(logits[i] - largest);
        sum += logits[i];
    }
    const float inverse = 1 / sum;
#pragma omp simd
    for (std::int64_t i = 0; i < columns; ++i)
        logits[i] *= inverse;
    logits[target] -= 1;
    return __builtin_logf(sum) - wanted;
}

}  // namespace

}  // namespace moescope
