// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Numbers in and out of fp32, and the exponential that the vector loops share.
// Local to the file that includes it: no inline function may leak out of a file compiled for AVX-512.
#pragma once

#include <cstdint>

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

// exp to 2 units in the last place, without a branch: 2^n * polynomial of the rest (Cephes' coefficients). Beyond 60 it
// stays at 1e-26 or 1e26, far below or above what fp32 sums notice: numbers near 1e-38 would make subnormal products, each
// of which costs 150 cycles (and the compiler computes the clamped branch for all lanes).
inline float fastExp(float x)
{
    x = x < -60.0f ? -60.0f : x;
    x = x > 60.0f ? 60.0f : x;
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

template <class T> void fromFloat(const float* from, T* to, std::int64_t count)
{
#pragma omp simd
    for (std::int64_t i = 0; i < count; ++i)
        store(from[i], to[i]);
}

}  // namespace

}  // namespace moescope
