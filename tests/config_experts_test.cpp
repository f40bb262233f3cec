// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/routed_experts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/config/estimate.h"
#include "engine/config/read_config.h"
#include "engine/config/run_config.h"
#include "tests/support/small_catalog.h"

namespace moescope {
namespace {

std::vector<std::int64_t> widthsOf(const ModelConfig& model)
{
    std::vector<std::int64_t> widths;
    for (const RoutedExpert& expert : routedExperts(model))
        widths.push_back(expert.width);
    return widths;
}

TEST(RoutedExperts, AreEqualFeedForwardOnesUnlessTheModelSaysOtherwise)
{
    ModelConfig model;
    model.numExperts = 3;
    model.expertSize = 64;
    const std::vector<RoutedExpert> wanted = {
        {ExpertKind::FeedForward, 0, 64, 1}, {ExpertKind::FeedForward, 1, 64, 1}, {ExpertKind::FeedForward, 2, 64, 1}};
    EXPECT_EQ(routedExperts(model), wanted);
}

TEST(RoutedExperts, NegativeOnesShareTheWeightsAndTheOthersComeLast)
{
    ModelConfig model;
    model.numExperts = 2;
    model.expertSize = 64;
    model.negativeExperts = true;
    model.zeroExperts = model.copyExperts = 1;
    model.constantExperts = 2;
    const std::vector<RoutedExpert> wanted = {{ExpertKind::FeedForward, 0, 64, 1}, {ExpertKind::FeedForward, 1, 64, 1},
        {ExpertKind::FeedForward, 0, 64, -1}, {ExpertKind::FeedForward, 1, 64, -1}, {ExpertKind::Zero, 0, 0, 1},
        {ExpertKind::Copy, 0, 0, 1}, {ExpertKind::Constant, 0, 0, 1}, {ExpertKind::Constant, 1, 0, 1}};
    EXPECT_EQ(routedExperts(model), wanted);
    EXPECT_EQ(numRoutedExperts(model), 8);
}

// spec/routing-field.md 5.13: the widths of the paper's 300M x 8 model around 3840.
TEST(RoutedExperts, PairsOfUnequalWidthAddUp)
{
    ModelConfig model;
    model.expertWidths = ExpertWidths::Paired;
    model.expertSize = 3840;
    EXPECT_THAT(widthsOf(model), testing::ElementsAre(6912, 768, 6144, 1536, 4608, 3072, 3840, 3840));
    for (const std::int64_t size : {1, 2, 7, 100}) {
        for (const std::int64_t experts : {1, 4, 9, 16}) {
            model.expertSize = size;
            model.numExperts = experts;
            std::int64_t sum = 0;
            for (const std::int64_t width : widthsOf(model)) {
                EXPECT_GE(width, 1);
                sum += width;
            }
            EXPECT_EQ(sum, size * experts);
        }
    }
}

TEST(RoutedExperts, AllOfThemAreColumnsOfTheRouterInTheEstimate)
{
    const auto parameters = [](const std::vector<std::string>& overrides) {
        const ConfigReading reading = readConfig("{}", "x", overrides, smallCatalog());
        EXPECT_TRUE(reading.ok()) << toError(reading).text;
        return estimateRun(reading.config, smallCatalog()).parameters.total;
    };
    EXPECT_EQ(parameters({"model.zero_experts=1", "model.copy_experts=2"}) - parameters({}), 4 * 3 * 128);
    EXPECT_EQ(parameters({"model.constant_experts=1"}) - parameters({}), 4 * (128 + 3 * 128));
}

}  // namespace
}  // namespace moescope
