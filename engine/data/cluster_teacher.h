// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Teacher of the built-in teacher–student task: hidden clusters, each with a map of its own that one expert can learn.
// spec: diagnostics 7.2 and 8.1, B3.
#pragma once

#include <cstdint>
#include <vector>

namespace moescope {

struct TeacherSettings {
    int numClusters = 8;
    int width = 32;     ///< of inputs and targets
    double noise = 1;   ///< standard deviation around a cluster's mean
    double spread = 1;  ///< standard deviation of the means; 0 = no cluster structure
};

/// Immutable; a function of settings and seed.
class ClusterTeacher {
public:
    ClusterTeacher(TeacherSettings settings, std::uint64_t seed);

    struct Points {
        std::vector<float> inputs, targets;  ///< [point, width]
        std::vector<int> clusters;           ///< which one drew the point
    };

    /// Points number `batch` of the endless stream: x = μ_c + noise, y = tanh(W_c x), W_c ~ N(0, 1/width), c uniform.
    Points draw(std::uint64_t batch, int numPoints) const;

    const TeacherSettings& settings() const { return m_settings; }

private:
    TeacherSettings m_settings;
    std::uint64_t m_seed;
    std::vector<double> m_means, m_maps;  ///< [cluster, width], [cluster, width, width]
};

}  // namespace moescope
