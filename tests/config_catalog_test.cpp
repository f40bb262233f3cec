// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/catalog_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/small_catalog.h"

namespace moescope {
namespace {

using testing::HasSubstr;

TEST(Description, ReadsBackEqual)
{
    const Catalog catalog = smallCatalog();
    const Result<Catalog> again = readDescription(writeDescription(catalog, "0.1.0"));
    ASSERT_TRUE(again.has_value()) << again.error().text;
    EXPECT_EQ(*again, catalog);
}

TEST(Description, RefusesWhatItDoesNotKnow)
{
    EXPECT_THAT(readDescription("").error().text, HasSubstr("cannot be read"));
    EXPECT_THAT(readDescription("{}").error().text, HasSubstr("format_version"));
    EXPECT_THAT(readDescription(R"({"format_version": 2})").error().text, HasSubstr("newer"));
    EXPECT_EQ(readDescription("[").error().kind, ErrorKind::Data);
}

TEST(Description, HoldsEverySectionWithUnitsAndHelp)
{
    const auto json = nlohmann::json::parse(writeDescription(smallCatalog(), "0.1.0"));
    const auto& steps = json["schema"]["properties"]["training"]["properties"]["steps"];
    EXPECT_EQ(steps["type"], "integer");
    EXPECT_EQ(steps["minimum"], 1);
    EXPECT_EQ(steps["default"], 1000);
    EXPECT_EQ(steps["x-unit"], "steps");
    EXPECT_EQ(steps["x-resumable"], true);
    EXPECT_EQ(json["sections"][0]["key"], "");
    EXPECT_EQ(json["sections"].size(), 11U);
    const auto& routing = json["schema"]["properties"]["routing"]["properties"];
    EXPECT_EQ(routing["recipe"]["enum"], nlohmann::json({"dense", "smoe", "switch"}));
    EXPECT_EQ(routing["selector"]["anyOf"][0]["enum"], nlohmann::json({"top-k", "expert-choice"}));
    EXPECT_EQ(json["recipes"][2]["traits"], nlohmann::json({"batch_coupled", "global_scope"}));
}

TEST(Catalog, TraitsOfARecipeAreTheUnionOfItsParts)
{
    const Catalog catalog = smallCatalog();
    RecipeInfo recipe = *catalog.recipe("switch");
    recipe.selector.part = "expert-choice";
    recipe.hooks["k"] = {"k-schedule", {}};
    EXPECT_EQ(traitsOf(catalog, recipe),
        (std::vector<Trait>{Trait::VariableK, Trait::BatchCoupled, Trait::LeaksFuture, Trait::GlobalScope}));
    EXPECT_EQ(catalog.recipe("nobody"), nullptr);
    EXPECT_EQ(catalog.part(Slot::Loss, "top-k"), nullptr);
}

TEST(Catalog, ATraitMayDependOnSettingsOfAnyPart)
{
    Catalog catalog = smallCatalog();
    PartInfo& capacity = catalog.parts[6];
    ASSERT_EQ(capacity.name, "by-position");
    capacity.conditionalTraits = {{Trait::LeaksFuture, {{"selector.k", 1, {}}, {"capacity_factor", 0, {}}}}};
    PartInfo& balance = catalog.parts[9];
    balance.traits.clear();
    balance.conditionalTraits = {{Trait::GlobalScope, {{"form", 0, {"switch", "gshard"}}}}};

    RecipeInfo recipe = *catalog.recipe("switch");
    EXPECT_EQ(traitsOf(catalog, recipe), (std::vector<Trait>{Trait::BatchCoupled, Trait::GlobalScope}));
    recipe.selector.settings["k"] = std::int64_t{2};
    recipe.losses["balance"].settings["form"] = std::string("st-moe");
    EXPECT_EQ(traitsOf(catalog, recipe), (std::vector<Trait>{Trait::BatchCoupled, Trait::LeaksFuture}));
    recipe.selector.settings.clear();
    EXPECT_EQ(traitsOf(catalog, recipe), (std::vector<Trait>{Trait::BatchCoupled, Trait::LeaksFuture}))
        << "the default k of top-k is 2";

    const Result<Catalog> again = readDescription(writeDescription(catalog, "0.1.0"));
    ASSERT_TRUE(again.has_value()) << again.error().text;
    EXPECT_EQ(*again, catalog);
}

}  // namespace
}  // namespace moescope
