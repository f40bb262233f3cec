// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One MoE layer that learns from a teacher with hidden clusters: the ground truth for "are my experts still
// different?". spec: diagnostics 7.2 and 8.1, B3.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/catalog.h"

namespace moescope {

/// 8 clusters and 8 experts with 64 ReLU features, width 32, 1,024 fresh points a step, Adam 1e-3, mean squared error.
struct TeacherStudentSettings {
    std::string recipe = "smoe";
    std::vector<std::string> settings;  ///< key=value: of routing and model
    /// In training the router sees points with Gaussian noise of this deviation (a point's own is 1.4); the experts see
    /// them as they are.
    double routerNoise = 0;
    bool randomRouting = false;  ///< in training the router sees nothing but noise of deviation 1.4
    std::int64_t steps = 400;
    std::uint64_t seed = 1;
};

/// On 1,024 points that were not trained on; without noise.
struct TeacherStudentReport {
    double loss = 0;             ///< mean squared error
    double meanCosine = 0;       ///< of expert outputs, all pairs; F1
    double diversity = 0;        ///< D/E; F2
    double loadEntropy = 0;      ///< by its maximum
    double dispatchEntropy = 0;  ///< H(cluster | best expert), nats
};

/// Sparse recipes only. Wrong settings are errors of kind User. Calling thread; 400 steps take a few seconds.
Result<TeacherStudentReport> trainOnTeacher(const TeacherStudentSettings& settings, const Catalog& catalog);

}  // namespace moescope
