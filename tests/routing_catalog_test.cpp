// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/config/read_config.h"
#include "tests/support/router_fixture.h"

namespace moescope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

const char* const kSmallRecipe = R"({"title": "Mine", "summary": "s", "paper": "p", "scorer": "linear",
  "score_map": "sigmoid", "selector": {"part": "top-k", "k": 1}, "capacity": "dropless", "weigher": "as-is"})";

/// A folder for the user's recipes, and XDG_DATA_HOME pointing there.
class RoutingCatalog : public testing::Test {
protected:
    RoutingCatalog()
    {
        fs::create_directories(methods());
        setenv("XDG_DATA_HOME", m_home.c_str(), 1);
    }
    ~RoutingCatalog() override
    {
        unsetenv("XDG_DATA_HOME");
        fs::remove_all(m_home);
    }

    fs::path methods() const { return m_home / "moescope/methods"; }
    void write(const std::string& name, const std::string& text) const { std::ofstream(methods() / name) << text; }
    static Result<Catalog> read() { return routingCatalog(fs::path(MOESCOPE_SOURCE_DIR) / "resources"); }

    fs::path m_home = fs::path(testing::TempDir()) / ("moescope-recipes-" + std::to_string(getpid()));
};

TEST_F(RoutingCatalog, HoldsShippedRecipesAndThoseOfTheUser)
{
    write("mine.json", kSmallRecipe);
    write("notes.txt", "no recipe");
    const Result<Catalog> catalog = read();
    ASSERT_TRUE(catalog) << catalog.error().text;
    for (const char* id : {"smoe", "switch", "gshard", "st-moe", "dense", "mine"})
        EXPECT_NE(catalog->recipe(id), nullptr) << id;
}

TEST_F(RoutingCatalog, AnUnknownPartIsNamedWithFileAndLine)
{
    std::string text = kSmallRecipe;
    text.replace(text.find("sigmoid"), 7, "sigmoit");
    write("mine.json", text);
    const Result<Catalog> catalog = read();
    ASSERT_FALSE(catalog);
    EXPECT_EQ(catalog.error().kind, ErrorKind::User);
    EXPECT_THAT(catalog.error().text, HasSubstr((methods() / "mine.json").string() + ":2:"));
    EXPECT_THAT(catalog.error().text, HasSubstr("sigmoid"));
}

TEST_F(RoutingCatalog, AShippedNameIsTaken)
{
    write("switch.json", kSmallRecipe);
    EXPECT_THAT(read().error().text, HasSubstr("there is a recipe switch already"));
}

TEST_F(RoutingCatalog, AMissingFolderSaysWhereItLooked)
{
    const Result<Catalog> catalog = routingCatalog("/nonexistent");
    ASSERT_FALSE(catalog);
    EXPECT_EQ(catalog.error().kind, ErrorKind::Data);
    EXPECT_THAT(catalog.error().text, HasSubstr("/nonexistent/methods"));
    EXPECT_THAT(catalog.error().text, HasSubstr("MOESCOPE_RESOURCES"));
}

TEST_F(RoutingCatalog, ResourcesAreFoundFromTheProgramAndTheVariableWins)
{
    unsetenv("MOESCOPE_RESOURCES");
    EXPECT_TRUE(fs::exists(resourceFolder() / "methods/smoe.json")) << resourceFolder();
    setenv("MOESCOPE_RESOURCES", "/somewhere", 1);
    EXPECT_EQ(resourceFolder(), "/somewhere");
    unsetenv("MOESCOPE_RESOURCES");
}

TEST(ShippedRecipes, AreValidFromFourExpertsOn)
{
    const Catalog catalog = testCatalog();
    for (const RecipeInfo& recipe : catalog.recipes) {
        const ConfigReading reading =
            readConfig("{}", "test", {"routing.recipe=" + recipe.id, "model.num_experts=4"}, catalog);
        for (const Issue& issue : reading.errors)
            ADD_FAILURE() << recipe.id << ": " << toText(issue);
        RouterFixture fixture(reading.config.routing, reading.config.model.numExperts, reading.config.model.hiddenSize);
        EXPECT_FALSE(recipe.title.empty() || recipe.paper.empty()) << recipe.id;
    }
}

TEST(ShippedRecipes, RenormalisingASingleChoiceIsRefusedByTheConfiguration)
{
    const Catalog catalog = testCatalog();
    for (const char* recipe : {"smoe", "st-moe"}) {
        const ConfigReading reading =
            readConfig("{}", "test", {std::string("routing.recipe=") + recipe, "routing.selector.k=1"}, catalog);
        ASSERT_EQ(reading.errors.size(), 1U) << recipe;
        EXPECT_THAT(toText(reading.errors[0]), HasSubstr("routing.selector.k"));
        EXPECT_THAT(toText(reading.errors[0]), HasSubstr("no gradient"));
    }
}

// Where no size is given, the dense control is as wide as all chosen experts of the others together.
TEST(ShippedRecipes, DenseHasTheActiveParametersOfTheOthers)
{
    const Catalog catalog = testCatalog();
    for (const RecipeInfo& recipe : catalog.recipes) {
        const ConfigReading reading = readConfig("{}", "test", {"routing.recipe=" + recipe.id}, catalog);
        ASSERT_TRUE(reading.ok()) << recipe.id;
        const std::int64_t active = choicesOf(reading.config.routing, catalog) + reading.config.model.numSharedExperts;
        EXPECT_EQ(reading.config.model.expertSize * active, 4 * reading.config.model.hiddenSize) << recipe.id;
    }
}

TEST(ShippedRecipes, HaveTheseTraits)
{
    const Catalog catalog = testCatalog();
    const auto traits = [&](const char* id) { return traitsOf(catalog, *catalog.recipe(id)); };
    EXPECT_THAT(traits("dense"), ElementsAre());
    EXPECT_THAT(traits("smoe"), ElementsAre(Trait::GlobalScope));
    EXPECT_THAT(traits("switch"), ElementsAre(Trait::EvalDiffers, Trait::GlobalScope));
    EXPECT_THAT(
        traits("gshard"), ElementsAre(Trait::VariableK, Trait::LeaksFuture, Trait::EvalDiffers, Trait::GlobalScope));
    EXPECT_THAT(traits("loss-free"), ElementsAre(Trait::GlobalScope));
    EXPECT_THAT(traits("deepseek-moe"), ElementsAre(Trait::GlobalScope));
    EXPECT_THAT(traits("sigma-moe"), ElementsAre(Trait::EvalDiffers, Trait::GlobalScope));
    EXPECT_THAT(traits("remoe"), ElementsAre(Trait::VariableK, Trait::GlobalScope));
    EXPECT_THAT(traits("rmoe"), ElementsAre(Trait::GlobalScope));
    EXPECT_THAT(traits("acmoe"),
        ElementsAre(Trait::BatchCoupled, Trait::LeaksFuture, Trait::LeaksFutureInEvaluation, Trait::GlobalScope));
    EXPECT_THAT(traits("moe-plus-plus"),
        ElementsAre(Trait::LeaksFuture, Trait::EvalDiffers, Trait::GlobalScope, Trait::ChangesExperts));
    EXPECT_THAT(traits("tc-moe"), ElementsAre(Trait::GlobalScope, Trait::ChangesExperts));
    EXPECT_THAT(traits("modse"), ElementsAre(Trait::GlobalScope, Trait::ChangesExperts));
    EXPECT_THAT(traits("st-moe"), ElementsAre(Trait::LeaksFuture, Trait::EvalDiffers, Trait::GlobalScope));
    for (const char* id : {"x-moe", "x-moe-compat"})
        EXPECT_THAT(traits(id), ElementsAre(Trait::GlobalScope)) << id;
    for (const char* id : {"cosine", "perturbed-cosine"})
        EXPECT_THAT(traits(id), ElementsAre()) << id;
    for (const char* id : {"hash", "hash-balanced"})
        EXPECT_THAT(traits(id), ElementsAre(Trait::NeedsTokenIds)) << id;
    for (const char* id : {"base", "sinkhorn"})
        EXPECT_THAT(
            traits(id), ElementsAre(Trait::BatchCoupled, Trait::LeaksFuture, Trait::EvalDiffers, Trait::GlobalScope))
            << id;
    for (const char* id : {"expert-choice", "expert-race"})
        EXPECT_THAT(traits(id),
            ElementsAre(
                Trait::VariableK, Trait::BatchCoupled, Trait::LeaksFuture, Trait::EvalDiffers, Trait::GlobalScope))
            << id;
    EXPECT_THAT(traits("moec"), ElementsAre(Trait::EvalDiffers, Trait::GlobalScope));
}

}  // namespace
}  // namespace moescope
