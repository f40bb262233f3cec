// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/data/cluster_teacher.h"

#include <cmath>

#include "engine/base/check.h"
#include "engine/data/normal_random.h"

namespace moescope {

namespace {

constexpr std::uint64_t kTeacher = 0x74656163686572, kStream = 0x73747265616d;  // "teacher", "stream"

}  // namespace

ClusterTeacher::ClusterTeacher(TeacherSettings settings, std::uint64_t seed)
    : m_settings(settings)
    , m_seed(seed)
{
    MOESCOPE_CHECK(settings.numClusters > 0 && settings.width > 0, "a teacher has clusters and a width");
    CounterRandom random{kTeacher, seed};
    const auto width = static_cast<std::size_t>(settings.width);
    m_means.resize(static_cast<std::size_t>(settings.numClusters) * width);
    for (double& mean : m_means)
        mean = settings.spread * normalNumber(random);
    m_maps.resize(m_means.size() * width);
    for (double& weight : m_maps)
        weight = normalNumber(random) / std::sqrt(static_cast<double>(settings.width));
}

ClusterTeacher::Points ClusterTeacher::draw(std::uint64_t batch, int numPoints) const
{
    const auto width = static_cast<std::size_t>(m_settings.width);
    CounterRandom random{kStream, m_seed, batch};
    Points points;
    for (int point = 0; point < numPoints; ++point) {
        const std::uint64_t cluster = random.below(static_cast<std::uint64_t>(m_settings.numClusters));
        points.clusters.push_back(static_cast<int>(cluster));
        const std::size_t first = points.inputs.size();
        for (std::size_t i = 0; i < width; ++i)
            points.inputs.push_back(
                static_cast<float>(m_means[cluster * width + i] + m_settings.noise * normalNumber(random)));
        for (std::size_t row = 0; row < width; ++row) {
            const double* weights = &m_maps[(cluster * width + row) * width];
            double sum = 0;
            for (std::size_t i = 0; i < width; ++i)
                sum += weights[i] * static_cast<double>(points.inputs[first + i]);
            points.targets.push_back(static_cast<float>(std::tanh(sum)));
        }
    }
    return points;
}

}  // namespace moescope
