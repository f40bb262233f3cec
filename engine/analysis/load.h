// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Load metrics from counts. Formulas, nulls and golden cases: spec diagnostics 4.A and 8.2.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace moescope {

/// Metrics of one layer's assignment counts c[E]. All are 0 when nothing was assigned.
struct LoadMetrics {
    double maxViolation = 0;  ///< max(c)/mean(c) - 1
    double coefficientOfVariation = 0;  ///< population standard deviation / mean
    double gini = 0;
    double entropy = 0;  ///< nats
    double relativeEntropy = 0;  ///< entropy / ln E; 1 when E = 1
    double effectiveExperts = 0;  ///< 1 / sum f^2
    int numDead = 0;  ///< experts with no assignment
};
LoadMetrics loadMetrics(std::span<const double> counts);

/// Share of fair load per expert, r_e = c_e E / sum(c); NaN when nothing was assigned.
std::vector<double> fairShares(std::span<const double> counts);

/// Expected MaxVio of uniform independent routing: m_E * sqrt((1 - k/E) E / (kT)). A lower line: real tokens correlate.
double maxViolationFloor(std::int64_t numTokens, int numExperts, double expertsPerToken);

}  // namespace moescope
