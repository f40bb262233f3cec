// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// ReLU, GELU and SwiGLU over rows, forward and backward.
// Local to the file that includes it: no inline function may leak out of a file compiled for AVX-512.
#pragma once

#include "engine/model/number_loops.h"

namespace moescope {

namespace {

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

}  // namespace

}  // namespace moescope
