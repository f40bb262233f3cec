// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/recipe_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/small_catalog.h"

namespace moescope {
namespace {

using testing::ElementsAre;

std::vector<std::string> errors(std::string_view json, std::string_view id = "mine")
{
    std::vector<std::string> lines;
    for (const Issue& issue : readRecipe(json, "mine.json", id, smallCatalog().parts).errors)
        lines.push_back(toText(issue));
    return lines;
}

constexpr std::string_view kRecipe = R"({
      // comments are allowed
      "title": "Mine", "summary": "A test.", "paper": "None 2026", "code": "https://example.org",
      "research_only": "mixes tokens",
      "scorer": "linear", "score_map": {"part": "softmax"}, "selector": {"part": "top-k", "k": 4},
      "capacity": {"part": "by-position", "capacity_factor": 2}, "weigher": "as-is",
      "losses": {"balance": {"coefficient": 0.1}, "second": {"part": "z"}},
      "hooks": {"k-schedule": {}},
      "model": {"num_experts": 1}, "model_defaults": {"num_shared_experts": 2}
    })";

TEST(RecipeReader, ReadsAWholeRecipe)
{
    const RecipeReading reading = readRecipe(kRecipe, "mine.json", "mine", smallCatalog().parts);
    EXPECT_THAT(errors(kRecipe), testing::IsEmpty());
    RecipeInfo expected;
    expected.id = "mine";
    expected.title = "Mine";
    expected.summary = "A test.";
    expected.paper = "None 2026";
    expected.code = "https://example.org";
    expected.researchOnly = "mixes tokens";
    expected.scorer = {"linear", {}};
    expected.scoreMap = {"softmax", {}};
    expected.selector = {"top-k", {{"k", std::int64_t{4}}}};
    expected.capacity = {"by-position", {{"capacity_factor", 2.0}}};
    expected.weigher = {"as-is", {}};
    expected.losses = {{"balance", {"balance", {{"coefficient", 0.1}}}}, {"second", {"z", {}}}};
    expected.hooks = {{"k-schedule", {"k-schedule", {}}}};
    expected.model = {{"num_experts", std::int64_t{1}}};
    expected.modelDefaults = {{"num_shared_experts", std::int64_t{2}}};
    EXPECT_EQ(reading.recipe, expected);
}

TEST(RecipeReader, TellsAllErrorsWithPlaces)
{
    EXPECT_THAT(
        errors("{\n \"title\": 3,\n \"sumary\": \"x\", \"paper\": \"p\",\n \"scorer\": \"liner\", \"score_map\": [],\n"
               " \"selector\": {\"part\": \"top-k\", \"k\": 0, \"q\": 1},\n \"losses\": {\"new\": {}}, \"model\": "
               "{\"depth\": 1}\n}"),
        ElementsAre("mine.json:2:11: title: this must be a text of at most 4096 bytes; put it in double quotes",
            "mine.json:3:2: sumary: unknown key; did you mean summary?",
            "mine.json:4:12: scorer: there is no part \"liner\"; did you mean linear?",
            "mine.json:4:34: score_map: this must name a part; write \"top-k\" or {\"part\": \"top-k\", \"k\": 2}",
            "mine.json:5:37: selector.k: 0 is below the smallest value 1; give an integer from 1 to 64",
            "mine.json:5:40: selector.q: unknown key; known: k",
            "mine.json:6:20: losses.new: there is no part \"\"; known: balance or z",
            "mine.json:6:35: model.depth: unknown key; known: hidden_size, block_pattern, num_layers, num_heads, "
            "num_kv_heads, context, num_experts, expert_size, num_shared_experts, expert_widths, negative_experts, "
            "zero_experts, copy_experts, constant_experts, dense_size, activation, norm, norm_place, positions, "
            "tied_head, dropout, attention or vocabulary",
            "mine.json:1:1: summary: this key is missing; every recipe has title, summary and paper",
            "mine.json:1:1: capacity: this key is missing; known parts: dropless or by-position",
            "mine.json:1:1: weigher: this key is missing; known parts: as-is or renormalise"));
}

TEST(RecipeReader, RefusesWhatIsNoRecipe)
{
    EXPECT_THAT(errors("[]"), ElementsAre("mine.json:1:1: a list is no recipe; write an object in braces"));
    EXPECT_THAT(errors("{"), ElementsAre("mine.json:1:2: the text ends inside of braces; write \"key\": value"));
    EXPECT_THAT(errors(kRecipe, "Mine Own"),
        ElementsAre("mine.json: the file name is no recipe id; use a-z, 0-9 and -, at most 60 characters"));
}

}  // namespace
}  // namespace moescope
