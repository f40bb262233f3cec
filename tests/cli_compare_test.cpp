// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// compare of the real program: trains, goes on, names failures, writes the table.
#include <algorithm>
#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/holds_within.h"
#include "tests/support/places.h"
#include "tests/support/run_program.h"

namespace moescope {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const char* const kTinyComparison = R"({
  "compare": {"recipes": ["smoe", {"name": "one", "recipe": "switch", "settings": {"model.expert_size": 16}}],
              "seeds": [1, 2], "budgets": ["tokens", "flops"]},
  "model": {"hidden_size": 16, "num_layers": 2, "num_heads": 2, "context": 16, "num_experts": 4, "expert_size": 16,
            "attention": "plain"},
  "data": {"corpus": "dialects", "batch_sequences": 8},
  "training": {"steps": 20, "threads": 1},
  "evaluation": {"every": 5, "sequences": 8},
  "checkpoint": {"every": 5},
  "probe": {"every": 5, "sequences": 4, "positions": 8}
})";

class Compare : public testing::Test {
protected:
    Compare() { writeBytes(m_preset, kTinyComparison); }

    std::vector<std::string> arguments(std::vector<std::string> more = {}) const
    {
        std::vector<std::string> all{programPath("moescope-engine"), "compare", m_preset, "--runs", m_runs};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    ProgramResult compare(std::vector<std::string> more = {}) const
    {
        return runProgramToEnd(arguments(std::move(more)));
    }
    json table() const { return json::parse(readBytes(std::filesystem::path(m_runs) / "compare.json")); }

    TemporaryFolder m_folder;
    const std::string m_preset = m_folder / "preset.json", m_runs = m_folder / "runs";
};

TEST_F(Compare, TrainsEveryRowAndWritesTheTable)
{
    const ProgramResult result = compare({"--json"});
    ASSERT_EQ(result.code, 0) << result.errors;
    EXPECT_EQ(json::parse(result.output), table());
    const json rows = table()["rows"];
    ASSERT_EQ(rows.size(), 6U) << "two seeds; `one` has a run for each budget";
    for (const json& row : rows) {
        EXPECT_EQ(row["state"], "finished") << row;
        EXPECT_EQ(row["problem"], "");
        EXPECT_TRUE(std::filesystem::exists(std::filesystem::path(m_runs) / row["run"] / "config.json"));
        for (const char* key : {"bits_per_byte", "load_cv", "diversity", "flips", "flops", "seconds", "dropped"})
            EXPECT_TRUE(row[key].is_number()) << key << ' ' << row;
        EXPECT_TRUE(row["diversity"] > 0 && row["diversity"] <= 1.0001);
        EXPECT_TRUE(row["flips"] >= 0 && row["flips"] <= 1);
        EXPECT_EQ(row["flip_steps"] == 5, row["steps"].get<int>() % 5 == 0);
    }
    EXPECT_EQ(rows[1]["name"], "one");
    EXPECT_EQ(rows[1]["tokens"], rows[0]["tokens"]);
    EXPECT_GT(rows[2]["steps"], rows[1]["steps"]) << "one small expert is cheaper than two";
    EXPECT_NEAR(rows[2]["flops"].get<double>() / rows[0]["flops"].get<double>(), 1, 0.03);

    const std::string csv = readBytes(std::filesystem::path(m_runs) / "compare.csv");
    EXPECT_EQ(std::ranges::count(csv, '\n'), 7);
    EXPECT_THAT(csv, HasSubstr("one,switch,1,tokens,one-seed1,finished,,20,2560,"));

    const ProgramResult again = compare();
    EXPECT_THAT(again.errors, HasSubstr("smoe-seed1 (1 of 6): finished already."));
    EXPECT_THAT(again.output, HasSubstr("Equal tokens\nMETHOD"));
    EXPECT_THAT(again.output, HasSubstr("Equal FLOPs\nMETHOD"));
    EXPECT_THAT(again.output, HasSubstr(" ± "));
    EXPECT_EQ(table()["rows"], rows) << "nothing was trained again";

    const ProgramResult other = compare({"training.steps=30"});
    EXPECT_EQ(other.code, 3);
    EXPECT_THAT(other.errors, HasSubstr("was trained for another comparison: training.steps (20 there, 30 here)"));
}

TEST_F(Compare, ARunThatFailsIsARowThatSaysWhy)
{
    std::string preset = kTinyComparison;
    preset.replace(preset.find("\"seeds\": [1, 2]"), 15, "\"seeds\": [1]");
    preset.replace(preset.find("\"model.expert_size\": 16"), 23,
        "\"data.corpus\": \"text\", \"data.path\": \"/nonexistent/texts\"");
    writeBytes(m_preset, preset);
    const ProgramResult result = compare();
    EXPECT_EQ(result.code, 0) << result.errors;
    const json rows = table()["rows"];
    EXPECT_EQ(rows[0]["state"], "finished");
    EXPECT_EQ(rows[1]["state"], "missing");
    EXPECT_THAT(rows[1]["problem"], HasSubstr("/nonexistent/texts"));
    EXPECT_TRUE(rows[1]["bits_per_byte"].is_null());
    EXPECT_THAT(result.output, HasSubstr("/nonexistent/texts"));
}

TEST_F(Compare, GoesOnWhereItWasStopped)
{
    RunningProgram program(arguments({"training.steps=400"}));
    const auto first = std::filesystem::path(m_runs) / "smoe-seed1/checkpoints";
    ASSERT_TRUE(holdsWithin(std::chrono::seconds(30), [&] { return std::filesystem::exists(first); }));
    program.send(SIGTERM);
    const ProgramResult stopped = program.wait();
    EXPECT_EQ(stopped.code, 0) << stopped.errors;
    EXPECT_THAT(stopped.errors, HasSubstr("The same command goes on"));
    ASSERT_EQ(table()["rows"][0]["state"], "stopped") << stopped.errors;
    EXPECT_EQ(table()["rows"][1]["state"], "missing");

    const ProgramResult result = compare({"training.steps=400"});
    EXPECT_EQ(result.code, 0);
    EXPECT_THAT(result.errors, HasSubstr("smoe-seed1 (1 of 6): goes on."));
    for (const json& row : table()["rows"])
        EXPECT_EQ(row["state"], "finished") << row;
}

TEST_F(Compare, RefusesWhatIsNoComparison)
{
    writeBytes(m_preset, "{}");
    EXPECT_EQ(compare().code, 2);
    EXPECT_THAT(compare().errors, HasSubstr("is no comparison"));
    EXPECT_EQ(runProgramToEnd({programPath("moescope-engine"), "compare", m_preset}).code, 2);
    EXPECT_EQ(runProgramToEnd({programPath("moescope-engine"), "compare", "/nonexistent.json", "--runs", m_runs}).code, 2);
}

}  // namespace
}  // namespace moescope
