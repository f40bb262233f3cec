// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/analysis/specialisation.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/base/check.h"

namespace moescope {

namespace {

double entropyOf(const std::vector<double>& counts, double total)
{
    double entropy = 0;
    for (const double count : counts)
        if (count > 0)
            entropy -= count / total * std::log(count / total);
    return entropy;
}

double pairs(double count) { return count * (count - 1) / 2; }

}  // namespace

Specialisation specialisation(std::span<const double> counts, int numClasses, int numExperts)
{
    MOESCOPE_CHECK(counts.size() == static_cast<std::size_t>(numClasses) * static_cast<std::size_t>(numExperts),
        "a count for each class and expert");
    std::vector<double> byClass(static_cast<std::size_t>(numClasses)), byExpert(static_cast<std::size_t>(numExperts));
    double total = 0, pairsTogether = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
        byClass[i / byExpert.size()] += counts[i];
        byExpert[i % byExpert.size()] += counts[i];
        total += counts[i];
        pairsTogether += pairs(counts[i]);
    }
    Specialisation result;
    if (total <= 0)
        return result;
    const double ofClass = entropyOf(byClass, total), ofExpert = entropyOf(byExpert, total);
    const double joint = entropyOf({counts.begin(), counts.end()}, total);
    result.dispatchEntropy = std::max(0.0, joint - ofExpert);  // rounding
    result.mutualInformation = ofClass + ofExpert - joint;
    if (ofClass + ofExpert > 0)
        result.normalisedInformation = 2 * result.mutualInformation / (ofClass + ofExpert);
    double classPairs = 0, expertPairs = 0;
    for (const double count : byClass)
        classPairs += pairs(count);
    for (const double count : byExpert)
        expertPairs += pairs(count);
    const double expected = total > 1 ? classPairs * expertPairs / pairs(total) : 0;
    const double most = (classPairs + expertPairs) / 2;
    if (most != expected)
        result.adjustedRandIndex = (pairsTogether - expected) / (most - expected);
    return result;
}

}  // namespace moescope
