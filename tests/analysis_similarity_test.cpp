// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Golden case 33 of spec diagnostics 8.2, and the promises of clustering.
#include "engine/analysis/similarity.h"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

using namespace moescope;

namespace {

std::vector<double> equicorrelated(int numExperts, double correlation)
{
    std::vector<double> matrix(static_cast<std::size_t>(numExperts) * numExperts, correlation);
    for (int e = 0; e < numExperts; ++e)
        matrix[static_cast<std::size_t>(e) * numExperts + e] = 1;
    return matrix;
}

// Experts 0 and 2 alike, 1 and 3 alike, the pairs unrelated.
const std::vector<double> kTwoPairs{
    1.0, 0.1, 0.9, 0.0,  //
    0.1, 1.0, 0.0, 0.8,  //
    0.9, 0.0, 1.0, 0.1,  //
    0.0, 0.8, 0.1, 1.0,  //
};

}  // namespace

TEST(DiversityNumber, EquicorrelatedMatricesGiveGoldenCase33)
{
    EXPECT_NEAR(diversityNumber(equicorrelated(4, 0), 4), 4, 1e-6);
    EXPECT_NEAR(diversityNumber(equicorrelated(4, 0.5), 4), 2.925727, 1e-6);
    EXPECT_NEAR(diversityNumber(equicorrelated(4, 0.9), 4), 1.417338, 1e-6);
    EXPECT_NEAR(diversityNumber(equicorrelated(4, 1), 4), 1, 1e-6);
}

TEST(DiversityNumber, OneExpertIsOneAndNaNStaysNaN)
{
    EXPECT_NEAR(diversityNumber(std::vector<double>{1}, 1), 1, 1e-12);
    auto broken = equicorrelated(3, 0.2);
    broken[1] = std::numeric_limits<double>::quiet_NaN();
    EXPECT_TRUE(std::isnan(diversityNumber(broken, 3)));
}

TEST(OffDiagonal, NamesTheClosestPair)
{
    const OffDiagonal result = offDiagonal(kTwoPairs, 4);
    EXPECT_NEAR(result.mean, (0.1 + 0.9 + 0 + 0 + 0.8 + 0.1) / 6, 1e-12);
    EXPECT_EQ(result.first, 0);
    EXPECT_EQ(result.second, 2);
    EXPECT_DOUBLE_EQ(result.maximum, 0.9);
    EXPECT_TRUE(std::isnan(offDiagonal(std::vector<double>{1}, 1).mean));
}

TEST(ClusterExperts, MergesTheClosestPairFirstAndPutsPairsSideBySide)
{
    const Clustering clustering = clusterExperts(kTwoPairs, 4);
    ASSERT_EQ(clustering.merges.size(), 3u);
    EXPECT_NEAR(clustering.merges[0].height, 0.1, 1e-12);
    EXPECT_NEAR(clustering.merges[1].height, 0.2, 1e-12);
    EXPECT_NEAR(clustering.merges[2].height, 1 - (0.1 + 0 + 0 + 0.1) / 4, 1e-12);
    EXPECT_EQ(clustering.order, (std::vector<int>{0, 2, 1, 3}));
}

TEST(CutTree, GroupsFollowTheHeight)
{
    const Clustering clustering = clusterExperts(kTwoPairs, 4);
    EXPECT_EQ(cutTree(clustering, 0.05, 4), (std::vector<int>{0, 2, 1, 3}));
    EXPECT_EQ(cutTree(clustering, 0.15, 4), (std::vector<int>{0, 1, 0, 2}));
    EXPECT_EQ(cutTree(clustering, 0.5, 4), (std::vector<int>{0, 1, 0, 1}));
    EXPECT_EQ(cutTree(clustering, 1.0, 4), (std::vector<int>{0, 0, 0, 0}));
    EXPECT_EQ(cutTree(clusterExperts(std::vector<double>{1}, 1), 0.5, 1), (std::vector<int>{0}));
}
