// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/initial_weights.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include <ATen/ops/empty.h>
#include <ATen/ops/mul.h>

#include "engine/model/philox.h"

namespace moescope {

namespace {

// FNV-1a, so that a weight's stream hangs on its name alone.
std::uint64_t streamOfName(std::string_view name)
{
    std::uint64_t hash = 14695981039346656037u;
    for (const char letter : name)
        hash = (hash ^ static_cast<unsigned char>(letter)) * 1099511628211u;
    return hash;
}

double openUnit(std::uint32_t bits) { return (bits + 0.5) / 4294967296.0; }

}  // namespace

at::Tensor initialNormal(std::uint64_t seed, std::string_view name, c10::IntArrayRef shape, double deviation)
{
    at::Tensor result = at::empty(shape, at::kFloat);
    float* out = result.mutable_data_ptr<float>();
    const std::int64_t count = result.numel();
    const std::uint64_t stream = streamOfName(name);
    for (std::int64_t first = 0; first < count; first += 4) {
        const auto bits = philoxAt(seed, stream, static_cast<std::uint64_t>(first / 4));
        for (int pair = 0; pair < 2; ++pair) {  // Box and Muller
            const double radius = deviation * std::sqrt(-2 * std::log(openUnit(bits[2 * pair])));
            const double angle = 2 * std::numbers::pi * openUnit(bits[2 * pair + 1]);
            const std::int64_t at = first + 2 * pair;
            if (at < count)
                out[at] = static_cast<float>(radius * std::cos(angle));
            if (at + 1 < count)
                out[at + 1] = static_cast<float>(radius * std::sin(angle));
        }
    }
    return result;
}

at::Tensor initialOrthogonal(
    std::uint64_t seed, std::string_view name, std::int64_t rows, std::int64_t columns, double gain)
{
    const std::int64_t count = std::min(rows, columns), length = std::max(rows, columns);
    const at::Tensor basis = initialNormal(seed, name, {count, length}, 1).to(at::kDouble);
    double* vectors = basis.mutable_data_ptr<double>();
    for (std::int64_t i = 0; i < count; ++i) {
        double* vector = vectors + i * length;
        for (int pass = 0; pass < 2; ++pass)  // the second one removes what rounding left in the first
            for (std::int64_t j = 0; j < i; ++j) {
                const double* earlier = vectors + j * length;
                const double share = std::inner_product(vector, vector + length, earlier, 0.0);
                for (std::int64_t c = 0; c < length; ++c)
                    vector[c] -= share * earlier[c];
            }
        const double norm = std::sqrt(std::inner_product(vector, vector + length, vector, 0.0));
        for (std::int64_t c = 0; c < length; ++c)
            vector[c] /= norm;
    }
    return (rows <= columns ? basis : basis.t()).mul(gain).to(at::kFloat).contiguous();
}

double residualScale(const ModelConfig& model)
{
    return 1 / std::sqrt(static_cast<double>(model.numLayers * static_cast<std::int64_t>(model.blockPattern.size())));
}

}  // namespace moescope
