// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/compose_recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/config/catalog_json.h"
#include "engine/config/read_config.h"
#include "engine/config/recipe_reader.h"
#include "tests/support/small_catalog.h"

namespace moescope {
namespace {

using testing::HasSubstr;

constexpr std::string_view kExtra = R"({"title": "Extra", "summary": "Adds z.", "paper": "None 2026",
    "on_top_of": "smoe", "losses": {"z": {"coefficient": 0.5}}, "hooks": {"k-schedule": {}}})";

/// The small catalogue and `extra`, which adds a loss and a hook to smoe.
Catalog catalogWithExtra(std::string_view json = kExtra)
{
    Catalog catalog = smallCatalog();
    RecipeReading reading = readRecipe(json, "extra.json", "extra", catalog.parts);
    for (const Issue& issue : reading.errors)
        ADD_FAILURE() << toText(issue);
    EXPECT_TRUE(completeRecipe(catalog, reading.recipe));
    catalog.recipes.push_back(reading.recipe);
    return catalog;
}

TEST(ComposeRecipe, ByItselfItIsTheRecipeBelowAndWhatItAdds)
{
    const Catalog catalog = catalogWithExtra();
    const RecipeInfo extra = *findRecipe(catalog, "extra"), smoe = *findRecipe(catalog, "smoe");
    EXPECT_EQ(extra.selector, smoe.selector);
    EXPECT_EQ(extra.weigher, smoe.weigher);
    EXPECT_EQ(extra.losses.at("balance"), smoe.losses.at("balance"));
    EXPECT_EQ(extra.losses.at("z"), (PartChoice{"z", {{"coefficient", 0.5}}}));
    EXPECT_EQ(extra.hooks.size(), 1U);
}

TEST(ComposeRecipe, OnAnotherItAddsTheSame)
{
    const Catalog catalog = catalogWithExtra();
    const RecipeInfo onSwitch = *findRecipe(catalog, "extra+switch"), below = *findRecipe(catalog, "switch");
    EXPECT_EQ(onSwitch.id, "extra+switch");
    EXPECT_EQ(onSwitch.title, "Extra on Switch");
    EXPECT_EQ(onSwitch.selector, below.selector);
    EXPECT_EQ(onSwitch.capacity, below.capacity);
    EXPECT_EQ(onSwitch.losses.size(), 2U);
    EXPECT_EQ(onSwitch.losses.at("balance"), below.losses.at("balance"));

    const RecipeInfo onDense = *findRecipe(catalog, "extra+dense");
    EXPECT_EQ(onDense.losses.size(), 1U) << "the balance loss belongs to smoe, not to what extra adds";
    EXPECT_EQ(onDense.model, findRecipe(catalog, "dense")->model);
    EXPECT_EQ(*findRecipe(catalog, "extra+smoe")->losses.begin(), *findRecipe(catalog, "extra")->losses.begin());
    EXPECT_EQ(findRecipe(catalog, "extra+extra+switch")->losses, onSwitch.losses);
}

TEST(ComposeRecipe, WorksWhereAConfigurationNamesARecipe)
{
    const Catalog catalog = catalogWithExtra();
    const ConfigReading reading =
        readConfig(R"({"routing": {"recipe": "extra+switch", "losses": {"z": {"coefficient": 2}}}})", "x", {}, catalog);
    ASSERT_TRUE(reading.ok()) << toError(reading).text;
    EXPECT_EQ(reading.config.routing.recipe, "extra+switch");
    EXPECT_EQ(reading.config.routing.losses.at("z").settings.at("coefficient"), Value(2.0));
    const std::string text = writeConfig(reading.config, catalog);
    const ConfigReading again = readConfig(text, "x", {}, catalog);
    ASSERT_TRUE(again.ok()) << toError(again).text;
    EXPECT_EQ(again.config, reading.config);
    EXPECT_TRUE(readConfig("{}", "x", {"routing.recipe=extra+dense"}, catalog).ok());
}

TEST(ComposeRecipe, TellsWhichPartIsWrong)
{
    const Catalog catalog = catalogWithExtra();
    const auto error = [&](const std::string& id) {
        const ConfigReading reading = readConfig("{}", "x", {"routing.recipe=" + id}, catalog);
        return reading.ok() ? std::string() : toText(reading.errors.at(0));
    };
    EXPECT_THAT(error("extra+swich"), HasSubstr("there is no recipe \"swich\"; did you mean switch?"));
    EXPECT_THAT(error("extr+switch"), HasSubstr("there is no recipe \"extr\"; did you mean extra?"));
    EXPECT_THAT(
        error("switch+smoe"), HasSubstr("recipe switch cannot lie on top of another; extra can, as in extra+switch"));
    EXPECT_THAT(error("extra+"), HasSubstr("there is no recipe \"\""));
    EXPECT_THAT(error("extra+extra+nobody"), HasSubstr("there is no recipe \"nobody\""));
}

TEST(ComposeRecipe, ThatBelowMustStandAlone)
{
    Catalog catalog = catalogWithExtra();
    RecipeInfo mine;
    mine.id = "mine";
    mine.onTopOf = "extra";
    EXPECT_THAT(completeRecipe(catalog, mine).error().text, HasSubstr("lies on top of another recipe itself"));
    mine.onTopOf = "nobody";
    EXPECT_THAT(completeRecipe(catalog, mine).error().text, HasSubstr("\"nobody\" is no recipe"));
}

TEST(ComposeRecipe, TheDescriptionCarriesIt)
{
    const Catalog catalog = catalogWithExtra();
    const Result<Catalog> read = readDescription(writeDescription(catalog, "1"));
    ASSERT_TRUE(read) << read.error().text;
    EXPECT_EQ(*read, catalog);
    EXPECT_EQ(findRecipe(*read, "extra+switch"), findRecipe(catalog, "extra+switch"));
}

}  // namespace
}  // namespace moescope
