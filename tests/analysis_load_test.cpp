// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Golden cases: spec diagnostics 8.2, numbers 1 to 3 and 44; MaxVio floors of 4.A.
#include "engine/analysis/load.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

using namespace moescope;

namespace {
constexpr double kGolden = 1e-6;
}

TEST(LoadMetrics, SkewedCountsGiveGoldenCase1)
{
    const std::vector<double> counts{4, 2, 1, 1};
    const LoadMetrics metrics = loadMetrics(counts);
    EXPECT_NEAR(metrics.maxViolation, 1, kGolden);
    EXPECT_NEAR(metrics.coefficientOfVariation, 0.612372, kGolden);
    EXPECT_NEAR(metrics.gini, 0.3125, kGolden);
    EXPECT_NEAR(metrics.entropy, 1.213008, kGolden);
    EXPECT_NEAR(metrics.relativeEntropy, 0.875, kGolden);
    EXPECT_NEAR(metrics.effectiveExperts, 2.909091, kGolden);
    EXPECT_EQ(metrics.numDead, 0);
}

TEST(LoadMetrics, OneExpertTakingAllGivesGoldenCase2)
{
    const std::vector<double> counts{8, 0, 0, 0};
    const LoadMetrics metrics = loadMetrics(counts);
    EXPECT_NEAR(metrics.maxViolation, 3, kGolden);
    EXPECT_NEAR(metrics.coefficientOfVariation, 1.732051, kGolden);
    EXPECT_NEAR(metrics.gini, 0.75, kGolden);
    EXPECT_NEAR(metrics.entropy, 0, kGolden);
    EXPECT_EQ(metrics.numDead, 3);
}

TEST(LoadMetrics, EvenCountsGiveGoldenCase3)
{
    const std::vector<double> counts{2, 2, 2, 2};
    const LoadMetrics metrics = loadMetrics(counts);
    EXPECT_NEAR(metrics.maxViolation, 0, kGolden);
    EXPECT_NEAR(metrics.coefficientOfVariation, 0, kGolden);
    EXPECT_NEAR(metrics.gini, 0, kGolden);
    EXPECT_NEAR(metrics.relativeEntropy, 1, kGolden);
    EXPECT_NEAR(metrics.effectiveExperts, 4, kGolden);
}

TEST(LoadMetrics, NothingAssignedAndOneExpertAreDefined)
{
    EXPECT_EQ(loadMetrics(std::vector<double>{0, 0}).maxViolation, 0);
    EXPECT_EQ(loadMetrics(std::vector<double>{0, 0}).numDead, 2);
    EXPECT_EQ(loadMetrics({}).entropy, 0);
    EXPECT_EQ(loadMetrics(std::vector<double>{7}).relativeEntropy, 1);
}

TEST(LoadMetrics, PermutingExpertsChangesNothing)
{
    const LoadMetrics a = loadMetrics(std::vector<double>{5, 1, 0, 9});
    const LoadMetrics b = loadMetrics(std::vector<double>{9, 0, 5, 1});
    EXPECT_DOUBLE_EQ(a.maxViolation, b.maxViolation);
    EXPECT_DOUBLE_EQ(a.gini, b.gini);
    EXPECT_NEAR(a.entropy, b.entropy, 1e-12);
}

TEST(FairShares, OneIsFairAndNothingAssignedIsNaN)
{
    EXPECT_EQ(fairShares(std::vector<double>{4, 2, 1, 1}), (std::vector<double>{2, 1, 0.5, 0.5}));
    EXPECT_TRUE(std::isnan(fairShares(std::vector<double>{0, 0})[0]));
}

TEST(MaxViolationFloor, MatchesGoldenCase44AndTheTableOfExpectedMaxima)
{
    EXPECT_NEAR(maxViolationFloor(4096, 64, 8), 0.0969, 5e-4);
    EXPECT_NEAR(maxViolationFloor(4096, 8, 2), 0.039, 5e-4);
    EXPECT_NEAR(maxViolationFloor(1024, 16, 2), 0.146, 5e-4);
    EXPECT_EQ(maxViolationFloor(0, 8, 2), 0);
    EXPECT_EQ(maxViolationFloor(100, 1, 1), 0);
}
