// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/data/patch_mixture.h"

#include <array>
#include <cmath>
#include <utility>

#include "engine/base/check.h"
#include "engine/data/normal_random.h"

namespace moescope {

namespace {

constexpr std::uint64_t kVectors = 0x766563746f7273, kPoints = 0x706f696e7473;  // "vectors", "points"
constexpr double kScale = 10;
constexpr std::size_t kPatchWidth = PatchSettings::kWidth;

double uniform(CounterRandom& random, double from, double to) { return from + (to - from) * random.unit(); }
double sign(CounterRandom& random) { return random.below(2) == 0 ? -1 : 1; }

/// Gram and Schmidt over random vectors.
std::vector<double> orthonormalVectors(CounterRandom& random, std::size_t count)
{
    std::vector<double> vectors(count * kPatchWidth);
    for (double& number : vectors)
        number = normalNumber(random);
    const auto dot = [&](std::size_t a, std::size_t b) {
        double sum = 0;
        for (std::size_t i = 0; i < kPatchWidth; ++i)
            sum += vectors[a * kPatchWidth + i] * vectors[b * kPatchWidth + i];
        return sum;
    };
    for (std::size_t a = 0; a < count; ++a) {
        for (std::size_t b = 0; b < a; ++b) {
            const double along = dot(a, b);
            for (std::size_t i = 0; i < kPatchWidth; ++i)
                vectors[a * kPatchWidth + i] -= along * vectors[b * kPatchWidth + i];
        }
        const double length = std::sqrt(dot(a, a));
        for (std::size_t i = 0; i < kPatchWidth; ++i)
            vectors[a * kPatchWidth + i] /= length;
    }
    return vectors;
}

}  // namespace

PatchSettings PatchSettings::ofPaper(int setting)
{
    MOESCOPE_CHECK(setting >= 1 && setting <= 4, "the paper has settings 1 to 4");
    return {setting % 2 == 1 ? 1.0 : 2.0, setting <= 2 ? 3.0 : 2.0};
}

PatchMixture::PatchMixture(PatchSettings settings, std::uint64_t seed)
    : m_settings(settings)
    , m_seed(seed)
{
    CounterRandom random{kVectors, seed};
    m_vectors = orthonormalVectors(random, 2 * PatchSettings::kClusters);
}

PatchMixture::Points PatchMixture::draw(std::uint64_t part, int numPoints) const
{
    constexpr std::uint64_t kClusters = PatchSettings::kClusters;
    CounterRandom random{kPoints, m_seed, part};
    Points points;
    for (int point = 0; point < numPoints; ++point) {
        const std::uint64_t cluster = random.below(kClusters);
        const std::uint64_t other = (cluster + 1 + random.below(kClusters - 1)) % kClusters;
        const double label = sign(random);
        points.clusters.push_back(static_cast<int>(cluster));
        points.labels.push_back(label > 0 ? 1 : 0);
        const std::array<std::pair<std::uint64_t, double>, 3> signals{
            std::pair{cluster, label * uniform(random, 0.5, 2)}, std::pair{kClusters + cluster, uniform(random, 1, 2)},
            std::pair{other, sign(random) * uniform(random, 0.5, m_settings.distractor)}};
        std::array<std::size_t, PatchSettings::kPatches> order{0, 1, 2, 3};
        for (std::size_t i = order.size() - 1; i > 0; --i)
            std::swap(order[i], order[random.below(i + 1)]);
        for (const std::size_t patch : order)
            for (std::size_t i = 0; i < kPatchWidth; ++i) {
                const double value = patch < signals.size()
                    ? signals[patch].second * m_vectors[signals[patch].first * kPatchWidth + i]
                    : m_settings.noise / std::sqrt(static_cast<double>(kPatchWidth)) * normalNumber(random);
                points.inputs.push_back(static_cast<float>(kScale * value));
            }
    }
    return points;
}

}  // namespace moescope
