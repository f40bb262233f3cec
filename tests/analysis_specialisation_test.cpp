// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include <gtest/gtest.h>

#include "engine/analysis/specialisation.h"

namespace moescope {
namespace {

void expectCase(const std::vector<double>& counts, int numExperts, Specialisation expected)
{
    const Specialisation found = specialisation(counts, 2, numExperts);
    EXPECT_NEAR(found.dispatchEntropy, expected.dispatchEntropy, 1e-6);
    EXPECT_NEAR(found.mutualInformation, expected.mutualInformation, 1e-6);
    EXPECT_NEAR(found.normalisedInformation, expected.normalisedInformation, 1e-6);
    EXPECT_NEAR(found.adjustedRandIndex, expected.adjustedRandIndex, 1e-6);
}

// spec diagnostics 8.2, cases 18 to 21.
TEST(Specialisation, GivesTheGoldenCases)
{
    expectCase({3, 1, 1, 3}, 2, {0.562335, 0.130812, 0.188722, 0.125});
    expectCase({4, 0, 0, 4}, 2, {0, 0.693147, 1, 1});
    expectCase({2, 2, 0, 0, 0, 0, 2, 2}, 4, {0, 0.693147, 0.666667, 0.363636});
    expectCase({4, 0, 4, 0}, 2, {0.693147, 0, 0, 0});
}

TEST(Specialisation, IsDefinedWithoutCountsAndForOneOfEach)
{
    expectCase({0, 0, 0, 0}, 2, {0, 0, 0, 0});
    const Specialisation one = specialisation(std::vector<double>{5}, 1, 1);
    EXPECT_EQ(one.dispatchEntropy, 0);
    EXPECT_EQ(one.normalisedInformation, 0);
}

}  // namespace
}  // namespace moescope
