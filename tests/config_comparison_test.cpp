// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/config/comparison.h"
#include "engine/config/read_config.h"
#include "tests/support/small_catalog.h"

namespace moescope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string refusal(const std::string& compare)
{
    const auto comparison = readComparison("{\n \"compare\": " + compare + "}", "file.json");
    return comparison ? "accepted" : comparison.error().text;
}

TEST(Comparison, ReadsRowsSeedsAndBudgets)
{
    const auto comparison = readComparison(R"({"compare": {
        "recipes": ["smoe", {"recipe": "smoe", "name": "wide", "settings": {"routing.selector.k": 4,
                    "routing.scorer.bias": false, "routing.losses.balance": null}}],
        "seeds": [1, 7], "budgets": ["flops"]}})",
        "file.json");
    ASSERT_TRUE(comparison) << comparison.error().text;
    EXPECT_THAT(comparison->entries,
        ElementsAre(ComparisonEntry{"smoe", "smoe", {}},
            ComparisonEntry{
                "wide", "smoe", {"routing.selector.k=4", "routing.scorer.bias=false", "routing.losses.balance=null"}}));
    EXPECT_THAT(comparison->seeds, ElementsAre(1, 7));
    EXPECT_FALSE(comparison->equalTokens);
    EXPECT_TRUE(comparison->equalFlops);
    const auto plain = readComparison(R"({"compare": {"recipes": ["smoe"]}})", "file.json");
    EXPECT_TRUE(plain && plain->equalTokens && !plain->equalFlops && plain->seeds == std::vector<std::int64_t>{1});
}

TEST(Comparison, SaysWhatIsWrongAndWhere)
{
    EXPECT_THAT(readComparison("{}", "file.json").error().text, HasSubstr("file.json is no comparison"));
    EXPECT_THAT(refusal("7"), HasSubstr("file.json:2:13: compare: is no object"));
    EXPECT_THAT(refusal("{}"), HasSubstr("compare.recipes: names no recipe"));
    EXPECT_THAT(refusal(R"({"recipes": []})"), HasSubstr("is no list with something in it"));
    EXPECT_THAT(refusal(R"({"recipes": [7]})"), HasSubstr("a row is the id of a recipe, or an object"));
    EXPECT_THAT(refusal(R"({"recipes": [{"name": "x"}]})"), HasSubstr("this row names no recipe"));
    EXPECT_THAT(refusal(R"({"recipes": ["a", "a"]})"), HasSubstr("has two rows called a"));
    EXPECT_THAT(refusal(R"({"recipes": ["a"], "seeds": [1, 1]})"), HasSubstr("seed 1 stands here twice"));
    EXPECT_THAT(refusal(R"({"recipes": ["a"], "seeds": [-1]})"), HasSubstr("a seed is a whole number"));
    EXPECT_THAT(refusal(R"({"recipes": ["a"], "budgets": ["time"]})"), HasSubstr("known: tokens and flops"));
    EXPECT_THAT(refusal(R"({"recipes": ["a"], "seed": [1]})"), HasSubstr("compare.seed: unknown key"));
    EXPECT_THAT(refusal("{"), HasSubstr("file.json:2:"));
}

const char* const kPreset = R"({"compare": {"recipes": ["smoe", {"name": "one", "recipe": "smoe",
    "settings": {"routing.selector.k": 4, "model.expert_size": 256}}], "seeds": [3], "budgets": ["tokens", "flops"]},
    "model": {"expert_size": 256}, "training": {"steps": 100}})";

std::vector<PlannedRun> planned(const std::vector<std::string>& overrides = {})
{
    const auto comparison = readComparison(kPreset, "file.json");
    const auto runs = planRuns(kPreset, "file.json", *comparison, overrides, smallCatalog());
    EXPECT_TRUE(runs) << runs.error().text;
    return runs ? *runs : std::vector<PlannedRun>{};
}

TEST(Comparison, PlansARunForEachBudgetThatDiffers)
{
    const std::vector<PlannedRun> runs = planned();
    ASSERT_EQ(runs.size(), 3U);
    EXPECT_EQ(runs[0].folder, "smoe-seed3");
    EXPECT_TRUE(runs[0].equalTokens && runs[0].equalFlops) << "the first entry is its own budget";
    EXPECT_EQ(runs[1].folder, "one-seed3");
    EXPECT_TRUE(runs[1].equalTokens && !runs[1].equalFlops);
    EXPECT_EQ(runs[1].config.training.steps, 100);
    EXPECT_EQ(runs[2].folder, "one-seed3-flops");
    EXPECT_TRUE(!runs[2].equalTokens && runs[2].equalFlops);
    EXPECT_LT(runs[2].config.training.steps, 100) << "four experts of the same size cost more than two";
    EXPECT_NEAR(runs[2].flops / runs[0].flops, 1, 0.01);
    for (const PlannedRun& run : runs) {
        EXPECT_EQ(run.config.seed, 3);
        EXPECT_EQ(run.config.name, run.folder);
        const ConfigReading again = readConfig(kPreset, "file.json", run.overrides, smallCatalog());
        EXPECT_EQ(again.config, run.config) << "the overrides say all";
    }
}

TEST(Comparison, SettingsOfTheUserWin)
{
    for (const PlannedRun& run : planned({"training.steps=10", "routing.selector.k=2"})) {
        EXPECT_EQ(run.config.training.steps, 10);
        EXPECT_EQ(run.config.routing.selector.settings.at("k"), Value(std::int64_t{2}));
    }
}

TEST(Comparison, NamesTheRowThatCannotBe)
{
    const std::string preset = R"({"compare": {"recipes": ["smoe", "smoo"]}})";
    const auto runs = planRuns(preset, "file.json", *readComparison(preset, "file.json"), {}, smallCatalog());
    ASSERT_FALSE(runs);
    EXPECT_EQ(runs.error().kind, ErrorKind::User);
    EXPECT_THAT(runs.error().text, HasSubstr("row smoo: routing.recipe: there is no recipe"));
}

TEST(Comparison, IsAnOrdinaryConfigurationForEverybodyElse)
{
    EXPECT_TRUE(readConfig(kPreset, "file.json", {}, smallCatalog()).ok());
    EXPECT_FALSE(readConfig("{}", "file.json", {"compare=1"}, smallCatalog()).ok()) << "a file's object, no setting";
}

}  // namespace
}  // namespace moescope
