// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The loops behind LayerKernels, written once and compiled for each kind of processor. Everything here is local to the
// file that includes it: no inline function may leak out of a file compiled for AVX-512.
#pragma once

#include "engine/model/layer_kernels.h"

namespace moescope {

namespace {

inline float load(float number) { return number; }
inline float load(Bf16Bits bits) { return __builtin_bit_cast(float, static_cast<std::uint32_t>(bits) << 16); }

inline void store(float number, float& to) { to = number; }
inline void store(float number, Bf16Bits& to)  // to nearest, ties to even; NaN quiet
{
    const auto bits = __builtin_bit_cast(std::uint32_t, number);
    const std::uint32_t rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
    to = static_cast<Bf16Bits>(number != number ? 0x7FC0u : rounded);
}

// exp to 2 units in the last place, without a branch: 2^n * polynomial of the rest (Cephes' coefficients).
inline float fastExp(float x)
{
    x = x < -87.0f ? -87.0f : x;
    x = x > 88.0f ? 88.0f : x;
    constexpr float kShift = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
    const float shifted = x * 1.44269504088896341f + kShift;
    const std::int32_t n = __builtin_bit_cast(std::int32_t, shifted) - 0x4B400000;
    const float whole = shifted - kShift;
    const float r = (x - whole * 0.693359375f) - whole * -2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    return p * __builtin_bit_cast(float, (n + 127) << 23);
}

inline float sigmoid(float x) { return 1.0f / (1.0f + fastExp(-x)); }

struct ValueAndSlope {
    float value, slope;
};

template <ActivationKind Kind> inline ValueAndSlope activation(float x)
{
    if constexpr (Kind == ActivationKind::Relu)
        return {x > 0 ? x : 0.0f, x > 0 ? 1.0f : 0.0f};
    if constexpr (Kind == ActivationKind::SwiGlu) {  // SiLU, its gate
        const float s = sigmoid(x);
        return {x * s, s * (1 + x * (1 - s))};
    }
    // GELU by tanh (Hendrycks & Gimpel 2016): 0.5 (1 + tanh u) = sigmoid(2u), u = sqrt(2/pi) (x + 0.044715 x^3)
    constexpr float kTwoRoot = 1.5957691216057308f, kCubic = 0.044715f;
    const float s = sigmoid(kTwoRoot * (x + kCubic * x * x * x));
    return {x * s, s + x * s * (1 - s) * kTwoRoot * (1 + 3 * kCubic * x * x)};
}

template <ActivationKind Kind, class T> void activateRows(const T* z, T* a, std::int64_t rows, std::int64_t hidden)
{
    const std::int64_t width = Kind == ActivationKind::SwiGlu ? 2 * hidden : hidden;
    for (std::int64_t row = 0; row < rows; ++row, z += width, a += hidden) {
#pragma omp simd
        for (std::int64_t i = 0; i < hidden; ++i) {
            const float value = activation<Kind>(load(z[i])).value;
            store(Kind == ActivationKind::SwiGlu ? value * load(z[hidden + i]) : value, a[i]);
        }
    }
}

template <class T> void activate(ActivationKind kind, const T* z, T* a, std::int64_t rows, std::int64_t hidden)
{
    if (kind == ActivationKind::Relu)
        activateRows<ActivationKind::Relu>(z, a, rows, hidden);
    else if (kind == ActivationKind::Gelu)
        activateRows<ActivationKind::Gelu>(z, a, rows, hidden);
    else
        activateRows<ActivationKind::SwiGlu>(z, a, rows, hidden);
}

template <ActivationKind Kind, class T>
float activateRowBackward(
    const T* z, const T* da, float weight, T* __restrict dz, T* __restrict weighted, std::int64_t hidden)
{
    float dWeight = 0;
#pragma omp simd reduction(+ : dWeight)
    for (std::int64_t i = 0; i < hidden; ++i) {
        const ValueAndSlope f = activation<Kind>(load(z[i]));
        const float d = load(da[i]);
        const float up = Kind == ActivationKind::SwiGlu ? load(z[hidden + i]) : 1.0f;
        if constexpr (Kind == ActivationKind::SwiGlu)
            store(weight * d * f.value, dz[hidden + i]);
        dWeight += d * f.value * up;
        store(weight * d * f.slope * up, dz[i]);
        store(weight * f.value * up, weighted[i]);
    }
    return dWeight;
}

template <class T>
void activateBackward(ActivationKind kind, const T* z, const T* da, const float* weight, T* dz, T* weighted,
    float* dWeight, std::int64_t rows, std::int64_t hidden)
{
    const std::int64_t width = kind == ActivationKind::SwiGlu ? 2 * hidden : hidden;
    const auto row = kind == ActivationKind::Relu ? activateRowBackward<ActivationKind::Relu, T>
        : kind == ActivationKind::Gelu            ? activateRowBackward<ActivationKind::Gelu, T>
                                                  : activateRowBackward<ActivationKind::SwiGlu, T>;
    for (std::int64_t r = 0; r < rows; ++r)
        dWeight[r] = row(z + r * width, da + r * hidden, weight[r], dz + r * width, weighted + r * hidden, hidden);
}

template <class T> void fromFloat(const float* from, T* to, std::int64_t count)
{
#pragma omp simd
    for (std::int64_t i = 0; i < count; ++i)
        store(from[i], to[i]);
}

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
