// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// How k grows: the change points of spec/routing-seeds.md section 3 (d).
#include "engine/config/choice_schedule.h"

#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/config/run_config.h"

using namespace moescope;
using testing::ElementsAre;
using testing::Pair;

namespace {

/// Every k with the first step that has it, from step 0 on.
std::vector<std::pair<std::int64_t, std::int64_t>> changesOf(
    std::string_view schedule, ChoiceRange range, std::int64_t totalSteps)
{
    std::vector<std::pair<std::int64_t, std::int64_t>> changes;
    for (std::int64_t step = 0; step <= totalSteps; ++step) {
        const std::int64_t k = choicesAt(schedule, range, step, totalSteps);
        if (changes.empty() || changes.back().first != k)
            changes.emplace_back(k, step);
    }
    return changes;
}

RoutingConfig scheduled(std::int64_t from, std::int64_t to)
{
    RoutingConfig routing;
    routing.hooks["k"] = {std::string(kChoiceScheduleHook), {{"from", from}, {"to", to}}};
    return routing;
}

}  // namespace

TEST(ChoiceSchedule, LinearGrowthChangesWhereThePublishedCodeDoes)
{
    EXPECT_THAT(changesOf("linear", {8, 16}, 400'000),
        ElementsAre(Pair(8, 0), Pair(9, 25'001), Pair(10, 75'000), Pair(11, 125'001), Pair(12, 175'000),
            Pair(13, 225'001), Pair(14, 275'000), Pair(15, 325'001), Pair(16, 375'000)))
        << "ties go to the even number, as in Python";
    EXPECT_THAT(changesOf("linear", {2, 8}, 1000),
        ElementsAre(Pair(2, 0), Pair(3, 84), Pair(4, 250), Pair(5, 417), Pair(6, 584), Pair(7, 751), Pair(8, 917)));
}

TEST(ChoiceSchedule, EveryShapeGoesFromOneEndToTheOtherWithoutTurningBack)
{
    for (const std::string& name : choiceScheduleNames())
        for (const std::int64_t steps : {1, 20, 299, 300, 1000, 4000}) {
            const bool decreases = name.ends_with("-decrease");
            const auto changes = changesOf(name, {8, 16}, steps);
            EXPECT_EQ(changes.front().first, decreases ? 16 : 8) << name << ' ' << steps;
            EXPECT_EQ(changes.back().first, decreases ? 8 : 16) << name << ' ' << steps;
            for (std::size_t i = 1; i < changes.size(); ++i)
                EXPECT_EQ(changes[i].first < changes[i - 1].first, decreases) << name << ' ' << steps;
        }
}

TEST(ChoiceSchedule, CosineStartsSlowlyInTheDistanceToTheEndAndExponentialFast)
{
    // 16 - round(8 cos(pi t / 2S)) and 16 - round(8 * 0.99^floor(t / 3)), S = 900.
    EXPECT_EQ(choicesAt("cosine", {8, 16}, 300, 900), 16 - 7);       // 8 cos(30 degrees) = 6.93
    EXPECT_EQ(choicesAt("cosine", {8, 16}, 600, 900), 16 - 4);       // 8 cos(60 degrees) = 4
    EXPECT_EQ(choicesAt("exponential", {8, 16}, 209, 900), 16 - 4);  // 8 * 0.99^69 = 3.999
    EXPECT_EQ(choicesAt("exponential", {8, 16}, 300, 900), 16 - 3);  // 8 * 0.99^100 = 2.93
}

TEST(ChoiceSchedule, MultiStepDoublesEachFifthOfTheRunWithinItsEnds)
{
    EXPECT_THAT(changesOf("multi-step", {1, 16}, 1000),
        ElementsAre(Pair(1, 0), Pair(2, 200), Pair(4, 400), Pair(8, 600), Pair(16, 800)));
    EXPECT_THAT(changesOf("multi-step", {2, 8}, 1000), ElementsAre(Pair(2, 0), Pair(4, 400), Pair(8, 600)));
    EXPECT_THAT(changesOf("multi-step-decrease", {1, 16}, 1000),
        ElementsAre(Pair(16, 0), Pair(8, 200), Pair(4, 400), Pair(2, 600), Pair(1, 800)));
}

TEST(ChoiceSchedule, EndsAreHalfAndAllOfTheExpertsUnlessSaidOtherwise)
{
    EXPECT_EQ(choiceEnds(0, 0, 16), (ChoiceRange{8, 16}));
    EXPECT_EQ(choiceEnds(0, 0, 1), (ChoiceRange{1, 1}));
    EXPECT_EQ(choiceEnds(2, 6, 16), (ChoiceRange{2, 6}));
    EXPECT_EQ(choiceEnds(9, 3, 8), (ChoiceRange{3, 8}));
}

TEST(ChoiceSchedule, ARoutingTellsItsFewestMostAndMeanExperts)
{
    const Catalog none;
    EXPECT_EQ(choiceRange(scheduled(8, 16), none, 16), (ChoiceRange{8, 16}));
    double sum = 0;
    for (std::int64_t step = 0; step < 400; ++step)
        sum += static_cast<double>(choicesInStep(scheduled(8, 16), none, 16, step, 400));
    EXPECT_NEAR(sum / 400, 12, 0.02) << "seeds 3 (d)";
    EXPECT_EQ(choicesInStep(scheduled(4, 4), none, 16, 1, 1), 4);

    RoutingConfig fixed;
    fixed.selector = {"top-k", {{"k", std::int64_t{3}}}};
    EXPECT_EQ(choiceRange(fixed, none, 16), (ChoiceRange{3, 3}));
    EXPECT_EQ(choicesInStep(fixed, none, 16, 50, 100), 3);
}
