// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/analysis/load.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

namespace moescope {
namespace {

double giniOf(std::vector<double> counts, double total)
{
    std::sort(counts.begin(), counts.end());
    double weighted = 0;
    for (std::size_t i = 0; i < counts.size(); ++i)
        weighted += (2.0 * static_cast<double>(i) + 1.0 - static_cast<double>(counts.size())) * counts[i];
    return weighted / (static_cast<double>(counts.size()) * total);
}

double normalDensity(double x) { return std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi); }
double normalDistribution(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

/// E[max of n standard normals] = integral of x n phi(x) Phi(x)^(n-1), by the trapezoidal rule: exact to 1e-9 for
/// smooth tails.
double expectedMaximum(int n)
{
    constexpr double kReach = 9.0;
    constexpr int kIntervals = 4096;
    const double width = 2 * kReach / kIntervals;
    double sum = 0;
    for (int i = 0; i <= kIntervals; ++i) {
        const double x = -kReach + width * i;
        sum += x * n * normalDensity(x) * std::pow(normalDistribution(x), n - 1);
    }
    return sum * width;
}

}  // namespace

LoadMetrics loadMetrics(std::span<const double> counts)
{
    LoadMetrics metrics;
    const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
    metrics.numDead = static_cast<int>(std::count(counts.begin(), counts.end(), 0.0));
    if (counts.empty() || !(total > 0))
        return metrics;
    const auto numExperts = static_cast<double>(counts.size());
    const double mean = total / numExperts;
    double squares = 0, shareSquares = 0, entropy = 0;
    for (const double count : counts) {
        const double share = count / total;
        squares += (count - mean) * (count - mean);
        shareSquares += share * share;
        if (share > 0)
            entropy -= share * std::log(share);
    }
    metrics.maxViolation = *std::max_element(counts.begin(), counts.end()) / mean - 1;
    metrics.coefficientOfVariation = std::sqrt(squares / numExperts) / mean;
    metrics.gini = giniOf({counts.begin(), counts.end()}, total);
    metrics.entropy = entropy;
    metrics.relativeEntropy = counts.size() > 1 ? entropy / std::log(numExperts) : 1.0;
    metrics.effectiveExperts = 1 / shareSquares;
    return metrics;
}

std::vector<double> fairShares(std::span<const double> counts)
{
    const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
    std::vector<double> shares(counts.size(), std::numeric_limits<double>::quiet_NaN());
    if (total > 0)
        std::transform(counts.begin(), counts.end(), shares.begin(),
            [&](double count) { return count * static_cast<double>(counts.size()) / total; });
    return shares;
}

double maxViolationFloor(std::int64_t numTokens, int numExperts, double expertsPerToken)
{
    if (numTokens <= 0 || numExperts < 2 || !(expertsPerToken > 0))
        return 0;
    const double experts = numExperts;
    const double spread =
        std::max(0.0, 1 - expertsPerToken / experts) * experts / (expertsPerToken * static_cast<double>(numTokens));
    return expectedMaximum(numExperts) * std::sqrt(spread);
}

}  // namespace moescope
