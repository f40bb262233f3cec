// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/flops.h"

#include <cmath>

#include <gtest/gtest.h>

#include "engine/config/competition_chance.h"
#include "engine/config/estimate.h"
#include "engine/config/read_config.h"
#include "tests/support/small_catalog.h"

namespace moescope {
namespace {

/// The small catalogue with a competition and its schedule.
Catalog catalogWithCompetition()
{
    Catalog catalog = smallCatalog();
    catalog.parts.push_back(smallPart(Slot::Selector, "competition",
        {smallField("k", FieldType::Integer, std::int64_t{2}, 1, 64)}, {Trait::NeedsExpertOutputs}));
    Field shape = smallField("shape", FieldType::Choice, std::string("independent"), 0, 0);
    shape.choices = {"independent", "decaying", "capped"};
    catalog.parts.push_back(smallPart(Slot::Hook, "competition-schedule",
        {shape, smallField("rate", FieldType::Number, 0.03, 0, 1), smallField("warmup", FieldType::Number, 0.0, 0, 1),
            smallField("max_layers", FieldType::Integer, std::int64_t{3}, 1, 64),
            smallField("interval", FieldType::Integer, std::int64_t{1000}, 1, 1e9)}));
    return catalog;
}

RunConfig configOf(const std::vector<std::string>& overrides)
{
    const ConfigReading reading = readConfig("{}", "x", overrides, catalogWithCompetition());
    EXPECT_TRUE(reading.ok()) << toError(reading).text;
    return reading.config;
}

RunConfig competing(std::vector<std::string> overrides = {})
{
    overrides.insert(overrides.begin(), "routing.selector.part=competition");
    return configOf(overrides);
}

FlopPlan plan(const RunConfig& config, std::int64_t step) { return planFlops(config, catalogWithCompetition(), step); }

// By hand: d 128, 8 experts of 256, GELU, k 2, 4 layers of sg; an expert has 2 d f weights.
constexpr double kExpert = 2.0 * 128 * 256;

TEST(Flops, AStepCostsItsTokensAndTheAnswersOfItsExperts)
{
    const FlopRates rates = flopRates(configOf({}), catalogWithCompetition());
    EXPECT_DOUBLE_EQ(rates.perAnswer, 6 * kExpert);
    EXPECT_DOUBLE_EQ(rates.routingPerToken, 6 * 4 * 128 * 8);
    EXPECT_DOUBLE_EQ(rates.fixedPerToken, 6 * (4 * 4 * 128 * 128 + 256 * 128) + 4 * 6 * 256 * 128);
    EXPECT_DOUBLE_EQ(stepFlops(rates, 10, 0), 10 * (rates.fixedPerToken + rates.routingPerToken));
    EXPECT_DOUBLE_EQ(stepFlops(rates, 10, 80) - stepFlops(rates, 10, 0), 80 * 6 * kExpert);
}

TEST(Flops, ThePlanOfPlainRoutingIsThatOfTheEstimate)
{
    const RunConfig config = configOf({});
    const FlopPlan first = plan(config, 1);
    const Estimate estimate = estimateRun(config, catalogWithCompetition());
    EXPECT_DOUBLE_EQ(first.perToken, estimate.flopsPerToken);
    EXPECT_DOUBLE_EQ(first.activeParameters, static_cast<double>(estimate.parameters.active));
    EXPECT_DOUBLE_EQ(first.answers, 2);
    EXPECT_DOUBLE_EQ(first.routingShare, 6 * 4 * 128 * 8 / first.perToken);
    EXPECT_DOUBLE_EQ(estimate.routingShare, first.routingShare);
}

TEST(Flops, ACompetitionAsksAllExperts)
{
    const FlopPlan always = plan(competing(), 1), plain = plan(configOf({}), 1);
    EXPECT_DOUBLE_EQ(always.answers, 8);
    EXPECT_DOUBLE_EQ(always.choices, 2);
    EXPECT_DOUBLE_EQ(always.perToken - plain.perToken, 4 * 6 * 6 * kExpert);
    EXPECT_DOUBLE_EQ(always.activeParameters, plain.activeParameters);
    EXPECT_NEAR(always.routingShare, (6.0 * 4 * 128 * 8 + 4 * 6 * 6 * kExpert) / always.perToken, 1e-12);

    const RunConfig rare = competing({"routing.hooks.competition-schedule.rate=0.1"});
    EXPECT_NEAR(plan(rare, 1).answers, 0.1 * 8 + 0.9 * 2, 1e-12);
}

TEST(Flops, WarmUpCapAndDecayAreInThePlan)
{
    const std::string hook = "routing.hooks.competition-schedule.";
    const RunConfig capped =
        competing({hook + "shape=capped", hook + "rate=0.9", hook + "warmup=0.25", hook + "max_layers=1"});
    EXPECT_DOUBLE_EQ(plan(capped, 250).answers, 2);
    EXPECT_DOUBLE_EQ(plan(capped, 251).answers, 0.25 * 8 + 0.75 * 2) << "one of four layers at a time";
    const double mean = planMeanFlops(capped, catalogWithCompetition()).answers;
    EXPECT_NEAR(mean, 0.25 * 2 + 0.75 * (0.25 * 8 + 0.75 * 2), 0.01);

    // seeds 5 (d): 0.667, 0.586, 0.5 (i = 3), 0.333 (i = 15), 0.205 (i = 59), 0.183 (i = 79)
    for (const auto& [interval, chance] :
        {std::pair{0, 0.667}, {1, 0.586}, {3, 0.5}, {15, 0.333}, {59, 0.205}, {79, 0.183}})
        EXPECT_NEAR(decayingChance(interval), chance, 1e-3) << interval;
    const RunConfig decaying = competing({hook + "shape=decaying", hook + "interval=10"});
    EXPECT_NEAR(plan(decaying, 10).answers, 2 + 6 * 2.0 / 3, 1e-9);
    EXPECT_NEAR(plan(decaying, 151).answers, 2 + 6.0 / 3, 1e-9);
}

TEST(Flops, ABudgetPaysSoManySteps)
{
    const Catalog catalog = catalogWithCompetition();
    const double perStep = plan(configOf({}), 1).perToken * 16 * 256;
    const auto steps = [&](double budget) {
        return plannedSteps(configOf({"training.flops=" + std::to_string(budget)}), catalog);
    };
    EXPECT_EQ(steps(0), 1000);
    EXPECT_EQ(steps(10 * perStep), 10);
    EXPECT_EQ(steps(10 * perStep + 1e6), 11) << "the first step at or above it";
    EXPECT_EQ(steps(1e6), 1);
    EXPECT_EQ(steps(2000 * perStep), 1000) << "training.steps end the run first";
    const Estimate estimate = estimateRun(configOf({"training.flops=" + std::to_string(10 * perStep)}), catalog);
    EXPECT_EQ(estimate.totalTokens, 10 * 16 * 256);
}

// The budget of a run that competes pays for fewer steps than that of plain routing.
TEST(Flops, EqualBudgetsAreFewerStepsForACompetition)
{
    const Catalog catalog = catalogWithCompetition();
    const std::string budget = "training.flops=" + std::to_string(100 * plan(configOf({}), 1).perToken * 16 * 256);
    EXPECT_EQ(plannedSteps(configOf({budget}), catalog), 100);
    EXPECT_LT(plannedSteps(competing({budget}), catalog), 60);
}

TEST(Flops, TheBudgetMayChangeInAResumedRunAndIsChecked)
{
    EXPECT_DOUBLE_EQ(configOf({"training.flops=1e15"}).training.flops, 1e15);
    EXPECT_FALSE(readConfig("{}", "x", {"training.flops=-1"}, smallCatalog()).ok());
}

}  // namespace
}  // namespace moescope
