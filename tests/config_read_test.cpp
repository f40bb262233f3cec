// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/read_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/config/schema.h"
#include "tests/support/small_catalog.h"

namespace moescope {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ConfigReading read(std::string_view json, const std::vector<std::string>& overrides = {})
{
    return readConfig(json, "a.json", overrides, smallCatalog());
}

std::vector<std::string> errors(std::string_view json, const std::vector<std::string>& overrides = {})
{
    std::vector<std::string> lines;
    for (const Issue& issue : read(json, overrides).errors)
        lines.push_back(toText(issue));
    return lines;
}

TEST(ConfigReader, FillsEveryDefault)
{
    const ConfigReading reading = read("{}");
    ASSERT_TRUE(reading.ok()) << toError(reading).text;
    RunConfig expected;
    expected.name = "smoe";
    expected.routing.scorer = {"linear", {}};
    expected.routing.scoreMap = {"softmax", {}};
    expected.routing.selector = {"top-k", {{"k", std::int64_t{2}}}};
    expected.routing.capacity = {"dropless", {}};
    expected.routing.weigher = {"renormalise", {}};
    expected.routing.losses["balance"] = {"balance", {{"coefficient", 0.01}, {"form", std::string("switch")}}};
    EXPECT_EQ(reading.config, expected);
    EXPECT_THAT(reading.notices, IsEmpty());
}

TEST(ConfigReader, ReadsTextAndOverrides)
{
    const ConfigReading reading = read(R"({
          "seed": 7, // comments are welcome
          "model": {"hidden_size": 64, "num_heads": 2, "tied_head": false, "activation": "swiglu", "dropout": 0.1},
          "routing": {"selector": {"k": 3}},
          "training": {"steps": 1e3, "precision": "fp32"}
        })",
        {"training.precision=bf16", "model.num_experts=16", "schedule.milestones=10,20", "name=12",
            "routing.losses.balance.form=gshard"});
    ASSERT_TRUE(reading.ok()) << toError(reading).text;
    EXPECT_EQ(reading.config.seed, 7);
    EXPECT_EQ(reading.config.name, "12");
    EXPECT_EQ(reading.config.model.hiddenSize, 64);
    EXPECT_EQ(reading.config.model.numExperts, 16);
    EXPECT_FALSE(reading.config.model.tiedHead);
    EXPECT_EQ(reading.config.model.activation, Activation::SwiGlu);
    EXPECT_EQ(reading.config.training.steps, 1000);
    EXPECT_EQ(reading.config.training.precision, Precision::Bf16);
    EXPECT_EQ(reading.config.schedule.milestones, (std::vector<std::int64_t>{10, 20}));
    EXPECT_EQ(reading.config.routing.selector.settings.at("k"), Value(std::int64_t{3}));
    EXPECT_EQ(reading.config.routing.losses.at("balance").settings.at("form"), Value(std::string("gshard")));
}

TEST(ConfigReader, DefaultsFollowOtherFields)
{
    const RunConfig config =
        read("{}", {"model.num_heads=8", "model.hidden_size=96", "routing.selector.k=3", "model.context=16"}).config;
    EXPECT_EQ(config.model.numKvHeads, 8);
    EXPECT_EQ(config.model.expertSize, 128);
    EXPECT_EQ(config.model.denseSize, 384);
    EXPECT_EQ(config.probe.positions, 16);
    const RunConfig set = read("{}", {"model.num_kv_heads=2", "model.expert_size=100", "name=mine"}).config;
    EXPECT_EQ(set.model.numKvHeads, 2);
    EXPECT_EQ(set.model.expertSize, 100);
    EXPECT_EQ(set.model.denseSize, 200);
    EXPECT_EQ(set.name, "mine");
}

TEST(ConfigReader, TellsAllErrorsAtOnceWithPlaces)
{
    EXPECT_THAT(errors("{\n"
                       "  \"modle\": {\"hidden_size\": 3},\n"
                       "  \"model\": {\"hiden_size\": 64, \"num_heads\": \"four\", \"dropout\": 2},\n"
                       "  \"training\": {\"steps\": 1.5, \"precision\": \"fp16\", \"steps\": 3},\n"
                       "  \"seed\": -1,\n"
                       "  \"data\": []\n"
                       "}",
                    {"optimizer.clip=nan", "checkpoint.keep_last=1", "nonsense"}),
        ElementsAre("a.json:2:3: modle: unknown key; did you mean model?",
            "a.json:3:13: model.hiden_size: unknown key; did you mean model.hidden_size?",
            "a.json:3:31: model.num_heads: \"four\" is of the wrong kind; give an integer from 1 to 1024",
            "a.json:3:52: model.dropout: 2 is above the largest value 0.95; give a number from 0 to 0.95",
            "a.json:4:16: training.steps: 1.5 is no integer; give an integer from 1 to 1000000000 (steps)",
            "a.json:4:30: training.precision: \"fp16\" is no choice; did you mean fp32? Known: fp32 or bf16",
            "a.json:4:51: the key \"steps\" stands here twice; remove one of the two",
            "a.json:5:3: seed: -1 is below the smallest value 0; give an integer of at least 0",
            "a.json:6:3: data: a list stands where a section should be; write an object in braces: {\"key\": value}",
            "nonsense: this is no setting; write key=value, such as model.num_experts=16",
            "checkpoint.keep_last: 1 is below the smallest value 2; give an integer from 2 to 100000 (checkpoints)",
            "optimizer.clip: \"nan\" is of the wrong kind; give a number from 0 to 1000000000"));
}

TEST(ConfigReader, NamesTheKeyOfANumberThatIsNone)
{
    EXPECT_THAT(errors("{\"model\": {\"hidden_size\": NaN, \"num_heads\": 7}, \"training\": {\"steps\": 1e400}}"),
        ElementsAre(
            "a.json:1:27: model.hidden_size: NaN is no number in JSON, and no setting takes it; write a finite number",
            "a.json:1:71: training.steps: 1e400 does not fit into a 64-bit floating-point number; write a number of "
            "ordinary size"));
}

TEST(ConfigReader, ReportsWhatItReadBeforeWrongSyntax)
{
    EXPECT_THAT(errors("{\"sead\": 1,\n \"model\": {\"num_heads\" 3}}"),
        ElementsAre("a.json:1:2: sead: unknown key; did you mean seed?",
            "a.json:2:24: a colon is missing after the key \"num_heads\"; write \"key\": value"));
    EXPECT_THAT(errors("[1]"), ElementsAre(HasSubstr("a list stands where the configuration should be")));
    EXPECT_THAT(errors(""), ElementsAre(HasSubstr("the text ends where a value should be")));
    EXPECT_THAT(errors(std::string(10'000, '[')), ElementsAre(HasSubstr("more than 64 levels")));
}

TEST(ConfigReader, ChecksRulesBetweenFields)
{
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
        {{"model.num_heads=3"},
            "model.num_heads: a width of 128 cannot be divided among 3 heads; give hidden_size 126 or 129, or change "
            "num_heads"},
        {{"model.hidden_size=12", "model.num_heads=4"},
            "model.hidden_size: rotary positions turn pairs of features, and a head has 3 of them"},
        {{"model.num_kv_heads=3"},
            "model.num_kv_heads: 4 query heads cannot share 3 key/value heads evenly; give 1, 2 or 4"},
        {{"routing.selector.k=9"}, "routing.selector.k: a token cannot choose 9 of 8 experts"},
        {{"routing.selector.k=1"}, "routing.selector.k: renormalise with k = 1 gives a constant weight"},
        {{"data.batch_sequences=6", "parallel.ranks=2", "training.accumulation=2"},
            "data.batch_sequences: 6 sequences cannot be divided among 2 ranks"},
        {{"model.context=16", "probe.positions=17"},
            "probe.positions: the probe takes 17 positions of a context of 16"},
        {{"data.corpus=text"}, "data.corpus: the corpus text needs a path"},
        {{"data.corpus=enwik8"}, "data.corpus: the corpus enwik8 needs a path"},
        {{"schedule.shape=multi_step"}, "schedule.shape: multi_step needs milestones"},
        {{"schedule.milestones=[5,5]"}, "schedule.milestones: milestones are steps from 1 on, rising"},
        {{"model.block_pattern=sxg"}, "model.block_pattern: the pattern must have 1 to 64 letters"},
        {{"model.block_pattern=sf"}, "model.block_pattern: the pattern has no MoE block"},
    };
    for (const auto& [overrides, expected] : cases)
        EXPECT_THAT(errors("{}", overrides), ElementsAre(HasSubstr(expected))) << expected;
}

TEST(ConfigReader, ChecksNoRuleOnAWrongValue)
{
    EXPECT_THAT(errors("{\"model\": {\"hidden_size\": \"big\", \"num_heads\": 3}}"),
        ElementsAre(HasSubstr("model.hidden_size: \"big\"")));
}

TEST(ConfigReader, ExchangesAndRemovesParts)
{
    const ConfigReading reading = read(R"({"routing": {
            "selector": {"part": "expert-choice", "capacity_factor": 2},
            "score_map": "sigmoid",
            "losses": {"balance": null, "z": {"coefficient": 0.001}, "second": {"part": "z"}}
        }})");
    ASSERT_TRUE(reading.ok()) << toError(reading).text;
    const RoutingConfig& routing = reading.config.routing;
    EXPECT_EQ(routing.selector, (PartChoice{"expert-choice", {{"capacity_factor", 2.0}}}));
    EXPECT_EQ(routing.scoreMap.part, "sigmoid");
    EXPECT_EQ(routing.losses.size(), 2U);
    EXPECT_EQ(routing.losses.at("z"), (PartChoice{"z", {{"coefficient", 0.001}}}));
    EXPECT_EQ(routing.losses.at("second"), (PartChoice{"z", {{"coefficient", 0.01}}}));
    EXPECT_EQ(read("{}", {"routing.losses.balance=null"}).config.routing.losses.size(), 0U);
    EXPECT_EQ(read("{\"routing\": {\"losses\": {\"balance\": null}}}", {"routing.losses.balance.coefficient=0.5"})
                  .config.routing.losses.at("balance")
                  .settings.at("coefficient"),
        Value(0.5));
}

TEST(ConfigReader, NamesUnknownPartsAndTheirFields)
{
    EXPECT_THAT(errors("{}", {"routing.recipe=smeo"}),
        ElementsAre(HasSubstr("there is no recipe \"smeo\"; did you mean smoe?")));
    EXPECT_THAT(errors("{\"routing\": {\"selector\": {\"part\": \"topk\", \"q\": 1}}}"),
        ElementsAre("a.json:1:27: routing.selector.part: there is no part \"topk\"; did you mean top-k? Known: top-k "
                    "or expert-choice"));
    EXPECT_THAT(errors("{}", {"routing.selector.kk=1"}),
        ElementsAre("routing.selector.kk: unknown key; did you mean routing.selector.k? top-k has k"));
    EXPECT_THAT(errors("{}", {"routing.selector.k=0"}),
        ElementsAre("routing.selector.k: 0 is below the smallest value 1; give an integer from 1 to 64"));
    EXPECT_THAT(errors("{}", {"routing.losses.new.coefficient=1"}),
        ElementsAre(HasSubstr("routing.losses.new.part: a part of this slot must be named; known: balance or z")));
    EXPECT_THAT(errors("{}", {"routing.losses.Bad Name=null"}),
        ElementsAre(HasSubstr("such a name cannot be a tag"), HasSubstr("unknown key")));
}

TEST(ConfigReader, DropsRoutingKeysOfTheRecipeBefore)
{
    const std::string json =
        R"({"routing": {"recipe": "smoe", "selector": {"k": 4}, "losses": {"balance": {"form": "gshard"}}}})";
    const ConfigReading reading = read(json, {"routing.recipe=switch", "routing.capacity.capacity_factor=2"});
    ASSERT_TRUE(reading.ok()) << toError(reading).text;
    EXPECT_EQ(reading.config.routing.selector.settings.at("k"), Value(std::int64_t{1}));
    EXPECT_EQ(reading.config.routing.capacity.settings.at("capacity_factor"), Value(2.0));
    ASSERT_EQ(reading.notices.size(), 1U);
    EXPECT_EQ(toText(reading.notices[0]),
        "routing.recipe: settings of the recipe before are dropped: routing.losses.balance.form and "
        "routing.selector.k; "
        "set them again if they are meant");
    EXPECT_EQ(read(json, {"routing.recipe=smoe"}).config.routing.selector.settings.at("k"), Value(std::int64_t{4}));
}

TEST(ConfigReader, RecipeFixesModelFields)
{
    const ConfigReading reading = read("{}", {"routing.recipe=dense", "model.num_experts=8"});
    ASSERT_TRUE(reading.ok()) << toError(reading).text;
    EXPECT_EQ(reading.config.model.numExperts, 1);
    EXPECT_EQ(reading.config.model.expertSize, 512);  // equal active width
    ASSERT_EQ(reading.notices.size(), 1U);
    EXPECT_THAT(toText(reading.notices[0]),
        HasSubstr("model.num_experts: recipe dense fixes this at 1; the value 8 is not used"));
    const std::string resolved = writeConfig(reading.config, smallCatalog());
    EXPECT_EQ(read(resolved, {"routing.recipe=smoe"}).config.model.numExperts, 8);
}

TEST(ConfigReader, ModelDefaultsOfARecipeGiveWayToTheUserAndGoWithTheRecipe)
{
    Catalog catalog = smallCatalog();
    for (RecipeInfo& recipe : catalog.recipes)
        if (recipe.id == "switch")
            recipe.modelDefaults = {{"num_shared_experts", std::int64_t{1}}, {"num_experts", std::int64_t{15}}};
    const std::vector<std::string> overrides{"routing.recipe=switch", "model.num_experts=6"};
    const ConfigReading reading = readConfig("{}", "x", overrides, catalog);
    ASSERT_TRUE(reading.ok()) << toError(reading).text;
    EXPECT_EQ(reading.config.model.numExperts, 6);
    EXPECT_EQ(reading.config.model.numSharedExperts, 1);
    EXPECT_EQ(reading.config.model.expertSize, 4 * reading.config.model.hiddenSize / 2) << "one chosen and one shared";
    EXPECT_THAT(reading.notices, IsEmpty());

    const std::string resolved = writeConfig(readConfig("{}", "x", {"routing.recipe=switch"}, catalog).config, catalog);
    const ConfigReading smoe = readConfig(resolved, "x", {"routing.recipe=smoe"}, catalog);
    EXPECT_EQ(smoe.config.model.numExperts, 8);
    EXPECT_EQ(smoe.config.model.numSharedExperts, 0);
}

TEST(ConfigWriter, ResolvedFormReadsBackEqual)
{
    for (const std::vector<std::string>& overrides : std::vector<std::vector<std::string>>{{}, {"routing.recipe=dense"},
             {"routing.losses.balance=null", "routing.losses.z.coefficient=0.1", "optimizer.learning_rate=0.1",
                 "data.path=/a \"b\"/é", "seed=9007199254740993", "schedule.milestones=1,2",
                 "routing.hooks.k-schedule.start=0.1", "model.dropout=0.30000000000000004"}}) {
        const ConfigReading reading = read("{}", overrides);
        ASSERT_TRUE(reading.ok()) << toError(reading).text;
        const std::string text = writeConfig(reading.config, smallCatalog());
        const ConfigReading again = read(text);
        EXPECT_TRUE(again.ok()) << toError(again).text;
        EXPECT_THAT(again.notices, IsEmpty());
        EXPECT_EQ(again.config, reading.config) << text;
        EXPECT_EQ(writeConfig(again.config, smallCatalog()), text);
    }
}

TEST(ConfigSections, EveryFieldExplainsItself)
{
    for (const Section& section : configSections())
        for (const Field& field : section.fields) {
            EXPECT_FALSE(field.label.empty()) << field.key;
            EXPECT_THAT(field.help, testing::EndsWith(".")) << field.key;
            EXPECT_EQ(field.choices.empty(), field.type != FieldType::Choice) << field.key;
            EXPECT_LE(field.minimum, field.maximum) << field.key;
        }
}

TEST(ConfigSections, DefaultsAreAllowedValues)
{
    std::string all = writeConfig(read("{}").config, smallCatalog());
    EXPECT_THAT(errors(all), IsEmpty());
}

TEST(ConfigReader, SurvivesAMissingFile)
{
    const ConfigReading reading = readConfigFile("/nonexistent/x.json", {}, smallCatalog());
    ASSERT_EQ(reading.errors.size(), 1U);
    EXPECT_THAT(toText(reading.errors[0]), HasSubstr("/nonexistent/x.json"));
    EXPECT_EQ(toError(reading).kind, ErrorKind::User);
}

}  // namespace
}  // namespace moescope
