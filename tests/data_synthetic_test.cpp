// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Synthetic tasks whose right answer is known: teacher–student (spec diagnostics 7.2) and Chen et al. (8.1, B1).
#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "engine/data/cluster_teacher.h"
#include "engine/data/patch_experts.h"
#include "engine/data/patch_mixture.h"

namespace moescope {
namespace {

TEST(ClusterTeacher, IsAFunctionOfSeedAndBatch)
{
    const ClusterTeacher teacher({}, 3), same({}, 3), other({}, 4);
    const auto points = teacher.draw(7, 20);
    EXPECT_EQ(points.inputs, same.draw(7, 20).inputs);
    EXPECT_EQ(points.targets, same.draw(7, 20).targets);
    EXPECT_NE(points.inputs, teacher.draw(8, 20).inputs);
    EXPECT_NE(points.inputs, other.draw(7, 20).inputs);
    EXPECT_EQ(points.inputs.size(), 20U * 32);
    EXPECT_EQ(points.targets.size(), 20U * 32);
}

TEST(ClusterTeacher, HasClustersAroundTheirMeans)
{
    const ClusterTeacher teacher({}, 1);
    const auto points = teacher.draw(0, 8000);
    std::map<int, std::vector<double>> means;
    std::map<int, int> counts;
    for (std::size_t i = 0; i < points.clusters.size(); ++i) {
        auto& mean = means[points.clusters[i]];
        mean.resize(32);
        for (std::size_t d = 0; d < 32; ++d)
            mean[d] += static_cast<double>(points.inputs[i * 32 + d]);
        ++counts[points.clusters[i]];
    }
    ASSERT_EQ(means.size(), 8U);
    double within = 0, between = 0;
    for (auto& [cluster, mean] : means) {
        EXPECT_NEAR(counts[cluster], 1000, 120);
        for (double& value : mean) {
            value /= counts[cluster];
            between += value * value / (8 * 32);
        }
    }
    for (std::size_t i = 0; i < points.clusters.size(); ++i)
        for (std::size_t d = 0; d < 32; ++d)
            within += std::pow(static_cast<double>(points.inputs[i * 32 + d]) - means[points.clusters[i]][d], 2);
    EXPECT_NEAR(within / (8000 * 32), 1, 0.02) << "noise N(0, 1)";
    EXPECT_NEAR(between, 1, 0.25) << "means N(0, 1), 256 of them";
    for (const float target : points.targets)
        ASSERT_LE(std::abs(target), 1) << "a hyperbolic tangent";
}

/// Patches of a point whose projection on each other vanish are the signals; their lengths / 10 are α, β, γ.
TEST(PatchMixture, HasThreeOrthogonalSignalsAndNoise)
{
    const PatchMixture mixture(PatchSettings::ofPaper(1), 5);
    const auto points = mixture.draw(0, 400);
    ASSERT_EQ(points.inputs.size(), 400U * 4 * 50);
    const auto dot = [&](std::size_t point, std::size_t a, std::size_t b) {
        double sum = 0;
        for (std::size_t i = 0; i < 50; ++i)
            sum += static_cast<double>(points.inputs[(point * 4 + a) * 50 + i])
                * static_cast<double>(points.inputs[(point * 4 + b) * 50 + i]);
        return sum / 100;
    };
    double noise = 0;
    for (std::size_t point = 0; point < 400; ++point) {
        int orthogonal = 0;
        for (std::size_t a = 0; a < 4; ++a) {
            int others = 0;
            for (std::size_t b = 0; b < 4; ++b)
                others += a != b && std::abs(dot(point, a, b)) < 1e-4;
            if (others >= 2) {
                ++orthogonal;
                EXPECT_GE(dot(point, a, a), 0.25 - 1e-3);
                EXPECT_LE(dot(point, a, a), 9 + 1e-3) << "γ is at most 3";
            } else {
                noise += dot(point, a, a) / 400;
            }
        }
        EXPECT_EQ(orthogonal, 3);
    }
    EXPECT_NEAR(noise, 1, 0.1) << "50 numbers of variance σ² / 50";
    EXPECT_NEAR(static_cast<double>(std::ranges::count(points.labels, 1)) / 400, 0.5, 0.1);
    EXPECT_EQ(points.inputs, PatchMixture(PatchSettings::ofPaper(1), 5).draw(0, 400).inputs);
    EXPECT_NE(points.inputs, mixture.draw(1, 400).inputs) << "training and test differ";
}

TEST(PatchMixture, HasTheSettingsOfThePaper)
{
    for (const auto& [setting, noise, distractor] :
        {std::tuple{1, 1.0, 3.0}, std::tuple{2, 2.0, 3.0}, std::tuple{3, 1.0, 2.0}, std::tuple{4, 2.0, 2.0}}) {
        EXPECT_EQ(PatchSettings::ofPaper(setting).noise, noise);
        EXPECT_EQ(PatchSettings::ofPaper(setting).distractor, distractor);
    }
}

PatchExpertsReport trained(bool nonlinear, int epochs)
{
    const PatchMixture mixture(PatchSettings::ofPaper(1), 1);
    PatchExpertsSettings settings;
    settings.nonlinear = nonlinear;
    settings.epochs = epochs;
    return trainPatchExperts(settings, mixture.draw(0, 4000), mixture.draw(1, 4000));
}

// Chen et al. 2022, section 6: 0.098 against 1.300 in their notebooks; ln 4 = 1.386 knows nothing.
TEST(PatchExperts, FindTheClustersOnlyWhenTheyAreNonlinear)
{
    const PatchExpertsReport nonlinear = trained(true, 220), linear = trained(false, 100);
    EXPECT_NEAR(nonlinear.entropies.front(), std::log(4), 0.02) << "noise alone decides at first";
    EXPECT_LE(nonlinear.dispatchEntropy, 0.15);
    EXPECT_GE(nonlinear.accuracy, 0.95);
    EXPECT_GE(linear.dispatchEntropy, 1.0);
    EXPECT_GT(nonlinear.normalisedInformation, linear.normalisedInformation + 0.5);
}

}  // namespace
}  // namespace moescope
