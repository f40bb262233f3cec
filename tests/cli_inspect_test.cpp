// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// check, describe and estimate of the real program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/config/catalog_json.h"
#include "tests/support/places.h"
#include "tests/support/run_program.h"

namespace moescope {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

ProgramResult engine(std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), programPath("moescope-engine"));
    return runProgramToEnd(std::move(arguments));
}

const std::string kPresets = sourceFolder() + "/resources/presets/";
const std::string kDemo = kPresets + "demo.json";
const std::string kTiny = sourceFolder() + "/tests/presets/tiny.json";

TEST(Program, ExplainsItself)
{
    EXPECT_EQ(engine({"--help"}).code, 0);
    EXPECT_THAT(engine({"--help"}).output, HasSubstr("Exit codes: 0 finished"));
    EXPECT_THAT(engine({"train", "--help"}).output, HasSubstr("model.hidden_size"));
    EXPECT_EQ(engine({"--version"}).code, 0);
}

TEST(Program, EveryMistakeInTheCommandLineIsCodeTwo)
{
    for (const std::vector<std::string>& arguments :
        std::vector<std::vector<std::string>>{{}, {"trian", "x"}, {"check"}, {"--nonsense"},
            {"check", kDemo, "--nonsense"}, {"control", "x", "fly"}, {"export", "x", "-o", "y", "--format", "exe"},
            {"train", kDemo, "--ranks", "0"}, {"train", kDemo, "--ranks", "two"},
            {"estimate", kDemo, "--tokens-per-second", "-1"}, {"rank", "x"}, {"check", "/nonexistent.json"}}) {
        const ProgramResult result = engine(arguments);
        EXPECT_EQ(result.code, 2) << testing::PrintToString(arguments);
        EXPECT_THAT(result.output, IsEmpty());
        EXPECT_THAT(result.errors, testing::Not(IsEmpty()));
    }
    EXPECT_THAT(engine({"trian"}).errors, HasSubstr("unknown command \"trian\"; did you mean train?"));
}

TEST(Check, TellsEveryErrorWithItsPlace)
{
    const TemporaryFolder folder;
    const std::string file = folder / "bad.json";
    writeBytes(file,
        "{\n  \"model\": {\"hiden_size\": 64,\n    \"num_heads\": -1},\n  \"data\": {\"corpus\": \"enwik8\"}\n}\n");
    const ProgramResult result = engine({"check", file, "training.precision=fp8"});
    EXPECT_EQ(result.code, 2);
    EXPECT_THAT(result.output, IsEmpty());
    EXPECT_THAT(
        result.errors, HasSubstr(file + ":2:13: model.hiden_size: unknown key; did you mean model.hidden_size?\n"));
    EXPECT_THAT(result.errors, HasSubstr(file + ":3:5: model.num_heads: -1 is below the smallest value 1"));
    EXPECT_THAT(result.errors, HasSubstr(file + ":4:12: data.corpus: the corpus enwik8 needs a path"));
    EXPECT_THAT(result.errors, HasSubstr("training.precision: \"fp8\" is no choice"));
    EXPECT_THAT(result.errors, HasSubstr("4 errors."));

    const auto json = nlohmann::json::parse(engine({"check", file, "--json"}).output);
    EXPECT_EQ(json["ok"], false);
    EXPECT_EQ(json["errors"].size(), 3U);
    EXPECT_EQ(json["errors"][0]["line"], 2);
    EXPECT_EQ(json["errors"][0]["key"], "model.hiden_size");
}

TEST(Check, AcceptsEveryPresetWithEveryRecipe)
{
    const auto description = readDescription(engine({"describe", "--json"}).output);
    ASSERT_TRUE(description.has_value()) << description.error().text;
    ASSERT_GE(description->recipes.size(), 5U);
    for (const auto& preset : std::filesystem::directory_iterator(kPresets)) {
        EXPECT_EQ(engine({"check", preset.path()}).code, 0) << preset.path();
        for (const RecipeInfo& recipe : description->recipes) {
            // Every shipped recipe is valid from 4 experts on.
            const ProgramResult result =
                engine({"check", preset.path(), "routing.recipe=" + recipe.id, "model.num_experts=4"});
            EXPECT_EQ(result.code, 0) << recipe.id << '\n' << result.errors;
        }
    }
}

TEST(Check, PrintsTheResolvedFormThatChecksAgain)
{
    const TemporaryFolder folder;
    const ProgramResult resolved = engine({"check", kDemo, "--resolved"});
    ASSERT_EQ(resolved.code, 0);
    writeBytes(folder / "resolved.json", resolved.output);
    EXPECT_EQ(engine({"check", folder / "resolved.json", "--resolved"}).output, resolved.output);
    EXPECT_EQ(nlohmann::json::parse(resolved.output)["model"]["num_kv_heads"], 4);
}

TEST(Describe, ListsSettingsAndMethods)
{
    const ProgramResult all = engine({"describe"});
    EXPECT_EQ(all.code, 0);
    EXPECT_THAT(all.output, HasSubstr("  optimizer.learning_rate\n"));
    EXPECT_THAT(all.output, HasSubstr("  smoe: "));
    const ProgramResult methods = engine({"describe", "--methods"});
    EXPECT_EQ(methods.output.find("optimizer.learning_rate"), std::string::npos);
    const auto json = nlohmann::json::parse(engine({"describe", "--json"}).output);
    EXPECT_TRUE(json["schema"]["properties"]["model"]["properties"].contains("hidden_size"));
}

TEST(Check, ARecipeOnTopOfAnotherIsNamedByBoth)
{
    const ProgramResult resolved = engine({"check", kDemo, "--resolved", "routing.recipe=simsmoe+switch"});
    ASSERT_EQ(resolved.code, 0) << resolved.errors;
    const auto routing = nlohmann::json::parse(resolved.output)["routing"];
    EXPECT_EQ(routing["recipe"], "simsmoe+switch");
    EXPECT_EQ(routing["selector"]["k"], 1);
    EXPECT_TRUE(routing["losses"].contains("similarity"));
    EXPECT_EQ(engine({"check", kDemo, "routing.recipe=switch+simsmoe"}).code, 2);
    EXPECT_THAT(engine({"describe", "--methods"}).output, HasSubstr("of any other as simsmoe+ID"));
}

TEST(Estimate, PrintsWhatARunNeeds)
{
    const auto json =
        nlohmann::json::parse(engine({"estimate", kDemo, "--json", "--tokens-per-second", "10000"}).output);
    EXPECT_GT(json["parameters"], json["active_parameters"]);
    EXPECT_EQ(json["seconds"], json["total_tokens"].get<std::int64_t>() / 10000);
    const auto measured = nlohmann::json::parse(engine({"estimate", kTiny, "--json"}).output);
    EXPECT_GT(measured["tokens_per_second"], 0);
    EXPECT_THAT(engine({"estimate", kTiny}).output, AllOf(HasSubstr("expert buffers"), HasSubstr("tokens/s")));
    const auto step = nlohmann::json::parse(engine({"estimate", kDemo, "--json", "--step", "7"}).output);
    EXPECT_EQ(step["answers"], 2);
    EXPECT_EQ(step["flops_per_token"].get<double>(), json["flops_per_token"].get<double>());
    const std::string always =
        engine({"estimate", kDemo, "--step", "1", "routing.recipe=competesmoe-2024-repo"}).output;
    EXPECT_THAT(always, HasSubstr("8.00 experts answer, 2.00 are used"));
    const auto huge = engine({"estimate", kDemo, "model.hidden_size=65536"});
    EXPECT_EQ(huge.code, 0);
    EXPECT_THAT(huge.errors, HasSubstr("time: not measured: a rank needs"));
    EXPECT_EQ(engine({"estimate", kDemo, "model.num_heads=7"}).code, 2);
}

}  // namespace
}  // namespace moescope
