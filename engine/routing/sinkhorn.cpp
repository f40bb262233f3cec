// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/sinkhorn.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/base/check.h"

namespace moescope {

namespace {

/// ln of the sum of exp over one column of z + rowTerm, for all columns at once.
std::vector<double> logColumnSums(std::span<const double> z, const std::vector<double>& rowTerm, std::size_t experts)
{
    std::vector<double> largest(experts, -std::numeric_limits<double>::infinity()), sum(experts);
    for (std::size_t n = 0; n < rowTerm.size(); ++n)
        for (std::size_t e = 0; e < experts; ++e)
            largest[e] = std::max(largest[e], z[n * experts + e] + rowTerm[n]);
    for (std::size_t n = 0; n < rowTerm.size(); ++n)
        for (std::size_t e = 0; e < experts; ++e)
            sum[e] += std::exp(z[n * experts + e] + rowTerm[n] - largest[e]);
    for (std::size_t e = 0; e < experts; ++e)
        sum[e] = largest[e] + std::log(sum[e]);
    return sum;
}

double logRowSum(std::span<const double> row, const std::vector<double>& columnTerm)
{
    double largest = -std::numeric_limits<double>::infinity(), sum = 0;
    for (std::size_t e = 0; e < row.size(); ++e)
        largest = std::max(largest, row[e] + columnTerm[e]);
    for (std::size_t e = 0; e < row.size(); ++e)
        sum += std::exp(row[e] + columnTerm[e] - largest);
    return largest + std::log(sum);
}

}  // namespace

SinkhornPlan sinkhornPlan(
    std::span<const double> logits_NE, std::int64_t numExperts, double tolerance, std::int64_t mostIterations)
{
    const auto experts = static_cast<std::size_t>(numExperts);
    MOESCOPE_CHECK(experts > 0 && logits_NE.size() % experts == 0, "whole rows");
    const std::size_t tokens = logits_NE.size() / experts;
    const double logTokens = std::log(static_cast<double>(tokens)), logExperts = std::log(static_cast<double>(experts));
    std::vector<double> logU(tokens), logV(experts);
    SinkhornPlan plan;
    if (tokens == 0)
        return plan;
    double change = std::numeric_limits<double>::infinity();
    for (; change >= tolerance && plan.iterations < mostIterations; ++plan.iterations) {
        for (std::size_t n = 0; n < tokens; ++n)
            logU[n] = -logTokens - logRowSum(logits_NE.subspan(n * experts, experts), logV);
        const std::vector<double> sums = logColumnSums(logits_NE, logU, experts);
        change = 0;
        for (std::size_t e = 0; e < experts; ++e) {
            const double next = -logExperts - sums[e];
            change += std::abs(next - logV[e]) / static_cast<double>(experts);
            logV[e] = next;
        }
    }
    plan.log_NE.resize(logits_NE.size());
    for (std::size_t i = 0; i < logits_NE.size(); ++i)
        plan.log_NE[i] = logits_NE[i] + logU[i / experts] + logV[i % experts];
    return plan;
}

}  // namespace moescope
