// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/schedule.h"

#include <cmath>

#include <gtest/gtest.h>

namespace moescope {
namespace {

ScheduleConfig schedule(std::string shape)
{
    ScheduleConfig config;
    config.shape = std::move(shape);
    config.warmup = 0.1;
    config.minimum = 0.25;
    return config;
}

TEST(Schedule, WarmsUpFromTheFirstUpdateToThePeak)
{
    for (const char* shape : {"constant", "cosine", "linear", "inverse_sqrt", "multi_step"}) {
        EXPECT_DOUBLE_EQ(learningRateAt(2.0, schedule(shape), 1, 100), 0.2) << shape;
        EXPECT_DOUBLE_EQ(learningRateAt(2.0, schedule(shape), 5, 100), 1.0) << shape;
        EXPECT_DOUBLE_EQ(learningRateAt(2.0, schedule(shape), 10, 100), 2.0) << shape;
    }
}

TEST(Schedule, FollowsItsShapeToTheEnd)
{
    EXPECT_DOUBLE_EQ(learningRateAt(2.0, schedule("constant"), 100, 100), 2.0);
    EXPECT_DOUBLE_EQ(learningRateAt(2.0, schedule("cosine"), 55, 100), 1.25);
    EXPECT_DOUBLE_EQ(learningRateAt(2.0, schedule("cosine"), 100, 100), 0.5);
    EXPECT_DOUBLE_EQ(learningRateAt(2.0, schedule("linear"), 55, 100), 1.25);
    EXPECT_DOUBLE_EQ(learningRateAt(2.0, schedule("linear"), 100, 100), 0.5);
    EXPECT_DOUBLE_EQ(learningRateAt(2.0, schedule("inverse_sqrt"), 40, 100), 1.0);
    EXPECT_DOUBLE_EQ(learningRateAt(2.0, schedule("inverse_sqrt"), 1000, 1000), 2.0 * std::sqrt(100.0 / 1000.0));
    EXPECT_DOUBLE_EQ(learningRateAt(2.0, schedule("linear"), 101, 100), 0.5);  // past the end
}

TEST(Schedule, MultiStepFallsAtEachMilestone)
{
    ScheduleConfig config = schedule("multi_step");
    config.milestones = {50, 80};
    config.factor = 0.5;
    config.minimum = 0;
    EXPECT_DOUBLE_EQ(learningRateAt(2.0, config, 49, 100), 2.0);
    EXPECT_DOUBLE_EQ(learningRateAt(2.0, config, 50, 100), 1.0);
    EXPECT_DOUBLE_EQ(learningRateAt(2.0, config, 80, 100), 0.5);
    config.minimum = 0.4;
    EXPECT_DOUBLE_EQ(learningRateAt(2.0, config, 80, 100), 0.8);
}

TEST(Schedule, IsFiniteAtItsEdges)
{
    for (const char* shape : {"constant", "cosine", "linear", "inverse_sqrt", "multi_step"})
        for (const double warmup : {0.0, 0.5, 1.0})
            for (const std::int64_t total : {1, 2, 3}) {
                ScheduleConfig config = schedule(shape);
                config.warmup = warmup;
                for (std::int64_t step = 1; step <= total; ++step) {
                    const double rate = learningRateAt(1.0, config, step, total);
                    EXPECT_TRUE(rate > 0 && rate <= 1) << shape << ' ' << warmup << ' ' << step << '/' << total;
                }
            }
}

}  // namespace
}  // namespace moescope
