// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Activations of experts and dense blocks, forward and backward, on raw rows.
#pragma once

#include <cmath>
#include <cstdint>

#include "engine/config/run_config.h"

namespace moescope {

/// Columns of the pre-activation for a hidden size: SwiGLU has gate | up.
inline std::int64_t preActivationSize(Activation activation, std::int64_t hidden)
{
    return activation == Activation::SwiGlu ? 2 * hidden : hidden;
}

/// GELU as tanh approximates it (Hendrycks & Gimpel 2016, equation 3) and its derivative.
struct ValueAndSlope {
    float value = 0, slope = 0;
};

inline ValueAndSlope gelu(float x)
{
    constexpr float kRoot = 0.7978845608028654f;  // sqrt(2 / pi)
    constexpr float kCubic = 0.044715f;
    const float t = std::tanh(kRoot * (x + kCubic * x * x * x));
    const float inner = kRoot * (1 + 3 * kCubic * x * x);
    return {0.5f * x * (1 + t), 0.5f * (1 + t) + 0.5f * x * (1 - t * t) * inner};
}

inline ValueAndSlope silu(float x)
{
    const float sigmoid = 1 / (1 + std::exp(-x));
    return {x * sigmoid, sigmoid * (1 + x * (1 - sigmoid))};
}

/// a[hidden] of one row of pre-activations.
template <class T> void activateRow(Activation activation, const T* z, T* a, std::int64_t hidden)
{
    for (std::int64_t i = 0; i < hidden; ++i) {
        const auto x = static_cast<float>(z[i]);
        if (activation == Activation::Relu)
            a[i] = static_cast<T>(x > 0 ? x : 0.0f);
        else if (activation == Activation::Gelu)
            a[i] = static_cast<T>(gelu(x).value);
        else
            a[i] = static_cast<T>(silu(x).value * static_cast<float>(z[hidden + i]));
    }
}

/// Backward of one row that was multiplied by `weight` afterwards. In: pre-activations z, gradient `da` of the weighted
/// row's products without the weight. Out: dz, the weighted activation, and the gradient of the weight as the result.
template <class T>
float activateRowBackward(
    Activation activation, const T* z, const T* da, float weight, T* dz, T* weighted, std::int64_t hidden)
{
    float dWeight = 0;
    for (std::int64_t i = 0; i < hidden; ++i) {
        const auto x = static_cast<float>(z[i]);
        const auto d = static_cast<float>(da[i]);
        float value = x > 0 ? x : 0.0f;
        float slope = x > 0 ? 1.0f : 0.0f;
        if (activation == Activation::Gelu) {
            const ValueAndSlope g = gelu(x);
            value = g.value;
            slope = g.slope;
        } else if (activation == Activation::SwiGlu) {
            const ValueAndSlope s = silu(x);
            const auto up = static_cast<float>(z[hidden + i]);
            value = s.value * up;
            slope = s.slope * up;
            dz[hidden + i] = static_cast<T>(weight * d * s.value);
        }
        dWeight += d * value;
        dz[i] = static_cast<T>(weight * d * slope);
        weighted[i] = static_cast<T>(weight * value);
    }
    return dWeight;
}

}  // namespace moescope
