// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// route, describe RECIPE and the page of all methods, by the real program.
#include <cmath>
#include <span>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/run/safetensors.h"
#include "tests/support/places.h"
#include "tests/support/run_program.h"

namespace moescope {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ProgramResult engine(std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), programPath("moescope-engine"));
    return runProgramToEnd(std::move(arguments), {"XDG_DATA_HOME=/nonexistent"});
}

/// Requests line by line through one process.
std::vector<json> serve(const std::string& requests)
{
    const TemporaryFolder folder;
    writeBytes(folder / "requests", requests);
    const ProgramResult result = runProgramToEnd(
        {"/bin/sh", "-c", "exec '" + programPath("moescope-engine") + "' route --serve < '" + (folder / "requests").string() + "'"});
    EXPECT_EQ(result.code, 0) << result.errors;
    std::vector<json> answers;
    std::istringstream lines(result.output);
    for (std::string line; std::getline(lines, line);)
        answers.push_back(json::parse(line));
    return answers;
}

struct Given {
    std::string name;
    DType type;
    std::vector<std::int64_t> shape;
    std::string bytes;
};

template <class T>
Given given(std::string name, DType type, std::vector<std::int64_t> shape, const std::vector<T>& values)
{
    return {std::move(name), type, std::move(shape),
        std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T))};
}

Given floats(std::string name, std::vector<std::int64_t> shape, const std::vector<float>& values)
{
    return given(std::move(name), DType::F32, std::move(shape), values);
}

void writeTensors(const std::filesystem::path& file, const std::vector<Given>& tensors)
{
    std::vector<TensorBytes> bytes;
    for (const Given& tensor : tensors)
        bytes.push_back({tensor.name, tensor.type, tensor.shape, std::as_bytes(std::span(tensor.bytes))});
    const auto written = writeSafetensors(FileSystem::real(), file, bytes, {{"format", "pt"}});
    ASSERT_TRUE(written) << written.error().text;
}

template <class T> std::vector<T> readTensor(const std::filesystem::path& file, const std::string& name)
{
    const auto tensors = SafetensorsFile::open(file);
    EXPECT_TRUE(tensors);
    const TensorEntry* entry = tensors ? tensors->find(name) : nullptr;
    EXPECT_NE(entry, nullptr) << name;
    if (entry == nullptr)
        return {};
    std::vector<T> values((entry->end - entry->begin) / sizeof(T));
    EXPECT_TRUE(tensors->read(*entry, std::as_writable_bytes(std::span(values))));
    return values;
}

// Three tokens and three experts whose weights are the unit vectors: the hidden states are the logits.
const std::vector<float> kLogits{2, 1, 0, 0, 3, 1, 5, 1, 4};
const std::vector<float> kUnit{1, 0, 0, 0, 1, 0, 0, 0, 1};

class Route : public testing::Test {
protected:
    ProgramResult route(
        const std::string& recipe, const std::vector<Given>& tensors, const std::vector<std::string>& settings = {})
    {
        std::filesystem::remove(m_in);
        writeTensors(m_in, tensors);
        std::vector<std::string> arguments{"route", recipe, "--in", m_in, "--out", m_out};
        arguments.insert(arguments.end(), settings.begin(), settings.end());
        return engine(arguments);
    }

    void refuses(int code, const std::string& text, const std::vector<Given>& tensors,
        const std::vector<std::string>& settings = {}, const std::string& recipe = "smoe")
    {
        const ProgramResult result = route(recipe, tensors, settings);
        EXPECT_EQ(result.code, code) << text;
        EXPECT_THAT(result.errors, HasSubstr(text));
        EXPECT_THAT(result.output, IsEmpty());
        EXPECT_FALSE(std::filesystem::exists(m_out));
    }

    TemporaryFolder m_folder;
    const std::string m_in = m_folder / "in.safetensors", m_out = m_folder / "out.safetensors";
};

TEST_F(Route, WritesTheWholePlan)
{
    const ProgramResult result = route(
        "smoe", {floats("hidden", {3, 3}, kLogits), floats("router.weight", {3, 3}, kUnit)}, {"routing.selector.k=2"});
    ASSERT_EQ(result.code, 0) << result.errors;
    using Ints = std::vector<std::int64_t>;
    EXPECT_EQ(readTensor<std::int64_t>(m_out, "token"), (Ints{0, 0, 1, 1, 2, 2}));
    EXPECT_EQ(readTensor<std::int64_t>(m_out, "expert"), (Ints{0, 1, 1, 2, 0, 2}));
    EXPECT_EQ(readTensor<std::int64_t>(m_out, "assigned"), (Ints{2, 2, 2}));
    EXPECT_EQ(readTensor<std::int64_t>(m_out, "kept_counts"), (Ints{2, 2, 2}));
    EXPECT_EQ(readTensor<char>(m_out, "kept"), std::vector<char>(6, 1));
    EXPECT_EQ(readTensor<float>(m_out, "logits"), kLogits);
    const auto weight = readTensor<float>(m_out, "weight");
    EXPECT_NEAR(weight[0], 1 / (1 + std::exp(-1.0)), 1e-6) << "softmax over the two chosen";
    EXPECT_NEAR(weight[0] + weight[1], 1, 1e-6);
    const auto probabilities = readTensor<float>(m_out, "probabilities");
    EXPECT_NEAR(probabilities[0] + probabilities[1] + probabilities[2], 1, 1e-6);
    EXPECT_NEAR(probabilities[0], std::exp(2) / (std::exp(2) + std::exp(1) + 1), 1e-6);
    // Balance mode A: (1/k) E sum f P, with f = 1/3: 1/k.
    EXPECT_NEAR(readTensor<double>(m_out, "loss/balance")[0], 0.5, 1e-6);
    EXPECT_EQ(readTensor<float>(m_out, "router.weight"), kUnit) << "the file stands for itself";
}

TEST_F(Route, TellsTrainingFromEvaluation)
{
    // Four tokens want expert 0; capacity 1.25 * 4 / 2 = 3 places in training (evaluation 2.0: 4 places).
    const std::vector<Given> tensors{
        floats("hidden", {4, 2}, {1, 0, 1, 0, 1, 0, 1, 0}), floats("router.weight", {2, 2}, {1, 0, 0, 1})};
    ASSERT_EQ(route("switch", tensors).code, 0);
    EXPECT_THAT(readTensor<std::int64_t>(m_out, "assigned"), ElementsAre(4, 0));
    EXPECT_THAT(readTensor<std::int64_t>(m_out, "kept_counts"), ElementsAre(3, 0));
    EXPECT_THAT(readTensor<char>(m_out, "kept"), ElementsAre(1, 1, 1, 0));
    ASSERT_EQ(route("switch", tensors, {"training=false"}).code, 0);
    EXPECT_THAT(readTensor<std::int64_t>(m_out, "kept_counts"), ElementsAre(4, 0));
    EXPECT_EQ(SafetensorsFile::open(m_out)->find("loss/balance"), nullptr) << "evaluation has no losses";
}

TEST_F(Route, LeavesPaddingOut)
{
    ASSERT_EQ(route("smoe",
                  {floats("hidden", {3, 3}, kLogits), floats("router.weight", {3, 3}, kUnit),
                      given<char>("valid", DType::Bool, {3}, {1, 1, 0})})
                  .code,
        0);
    EXPECT_THAT(readTensor<char>(m_out, "taken"), ElementsAre(1, 1, 1, 1, 0, 0));
    EXPECT_THAT(readTensor<std::int64_t>(m_out, "assigned"), ElementsAre(1, 2, 1));
}

TEST_F(Route, SaysWhatIsWrongWithAFile)
{
    const Given hidden = floats("hidden", {3, 3}, kLogits);
    refuses(3, "there is no tensor `hidden`", {floats("router.weight", {3, 3}, kUnit)});
    refuses(3, "no input or weight \"hiden\"; did you mean hidden?", {floats("hiden", {3, 3}, kLogits)});
    refuses(3, "hidden is F32 [9], but must be [T, d]", {floats("hidden", {9}, kLogits)});
    refuses(3, "hidden is F32 [0, 3], but must be [T, d]", {floats("hidden", {0, 3}, {})});
    refuses(3, "not finite, at [1, 0]", {floats("hidden", {2, 2}, {1, 2, std::nanf(""), 4})});
    refuses(3, "must hold a float type", {given<std::int64_t>("hidden", DType::I64, {1, 2}, {1, 2})});
    refuses(
        3, "router.weight is F32 [3, 2], but must be", {hidden, floats("router.weight", {3, 2}, {1, 0, 0, 1, 0, 0})});
    refuses(3, "router.weight holds a number that is not finite",
        {hidden, floats("router.weight", {1, 3}, {1, INFINITY, 0})}, {}, "dense");
    refuses(3, "token_ids holds 256; it must lie from 0 to 255",
        {hidden, given<std::int64_t>("token_ids", DType::I64, {3}, {1, 2, 256})});
    refuses(3, "token_ids is F32 [3], but must hold whole numbers", {hidden, floats("token_ids", {3}, {1, 2, 3})});
    refuses(3, "positions is I64 [2], but must be one for each = [3]",
        {hidden, given<std::int64_t>("positions", DType::I64, {2}, {0, 1})});
    refuses(3, "sequence_ids: the tokens of a sequence must stand side by side",
        {hidden, given<std::int64_t>("sequence_ids", DType::I64, {3}, {0, 0, 1})});
    refuses(3, "valid is false for all tokens", {hidden, given<char>("valid", DType::Bool, {3}, {0, 0, 0})});
    refuses(3, "holds bytes other than 0 and 1", {hidden, given<char>("valid", DType::Bool, {3}, {0, 7, 1})});
    refuses(3, "store it as I64", {hidden, given<std::uint64_t>("token_ids", DType::U64, {3}, {0, 7, 1})});
    refuses(3, "expert_outputs is F32 [3, 1, 3], but must be [E, T, d] = [3, 3, 3]",
        {hidden, floats("expert_outputs", {3, 1, 3}, kUnit)});
}

TEST_F(Route, SaysWhatIsWrongWithTheCommandLine)
{
    const std::vector<Given> tensors{floats("hidden", {3, 3}, kLogits)};
    refuses(2, "did you mean smoe?", tensors, {}, "smoo");
    refuses(2, "did you mean routing.selector.k", tensors, {"routing.selecter.k=2"});
    refuses(2, "training: \"perhaps\" is no choice", tensors, {"training=perhaps"});
    refuses(2, "step: \"-1\" is no whole number", tensors, {"step=-1"});
    refuses(2, "layer: there is no layer 2", tensors, {"layer=2", "layers=2"});
    refuses(2, "sequence_length=2 does not divide 3 tokens", tensors, {"sequence_length=2"});
    refuses(2, "cannot choose", tensors, {"routing.selector.k=9", "model.num_experts=8"});
    refuses(2, "model.num_experts", tensors, {"model.num_experts=100000000"});
    EXPECT_EQ(engine({"route", "smoe"}).code, 2);
    EXPECT_EQ(engine({"route", "smoe", "--serve"}).code, 2);
    EXPECT_EQ(engine({"route", "smoe", "--in", "/nonexistent", "--out", m_out}).code, 3);
    writeBytes(m_in, "no safetensors file at all");
    EXPECT_EQ(engine({"route", "smoe", "--in", m_in, "--out", m_out}).code, 3);
}

TEST(RouteServer, AnswersLineByLineAndOutlivesBadRequests)
{
    const std::string good =
        R"({"id": 1, "recipe": "smoe", "settings": {"routing.selector.k": 2, "training": false},)"
        R"( "tensors": {"hidden": [[2, 1, 0], [0, 3, 1]], "router.weight": [[1, 0, 0], [0, 1, 0], [0, 0, 1]]}})";
    const std::vector<std::string> bad{"", "{", "[]", "7", R"({"id": 2})", R"({"id": 3, "recipe": "smoo"})",
        R"({"recipe": "smoe"})", R"({"recipe": "smoe", "tensors": {"hidden": [[1, 2], [3]]}})",
        R"({"recipe": "smoe", "tensors": {"hidden": [[1, "x"]]}})", R"({"recipe": "smoe", "tensors": {"hidden": []}})",
        R"({"recipe": "smoe", "tensors": {"hidden": [[1e300, 1]]}})",
        R"({"recipe": "smoe", "settings": [7], "tensors": {"hidden": [[1, 2]]}})",
        R"({"recipe": "smoe", "colour": "blue", "tensors": {"hidden": [[1, 2]]}})",
        R"({"recipe": "smoe", "tensors": {"hidden": [[1, 2]], "token_ids": [1.5]}})",
        R"({"recipe": "smoe", "tensors": {"hidden": )" + std::string(100'000, '[') + std::string(100'000, ']') + "}}",
        std::string(100'000, '['), R"({"recipe": "smoe", "tensors": {"hidden": )" + std::string(100'000, '[') + "}}",
        std::string((std::size_t{16} << 20) + 1, ' ')};
    std::string requests = good + "\n";
    for (const std::string& line : bad)
        requests += line + "\n";
    const std::vector<json> answers = serve(requests + good);
    ASSERT_EQ(answers.size(), bad.size() + 2);
    for (std::size_t i = 1; i <= bad.size(); ++i) {
        EXPECT_TRUE(answers[i].contains("error")) << bad[i - 1].substr(0, 80);
        const int code = answers[i]["error"]["code"];
        EXPECT_TRUE(code == 2 || code == 3) << answers[i];
    }
    EXPECT_EQ(answers[5]["id"], 2);
    for (const json& answer : {answers.front(), answers.back()}) {
        EXPECT_EQ(answer["id"], 1);
        EXPECT_EQ(answer["tensors"]["expert"], (json{0, 1, 1, 2})) << answer;
        EXPECT_EQ(answer["tensors"]["kept"], (json{true, true, true, true}));
        EXPECT_EQ(answer["tensors"]["logits"], (json{{2.0, 1.0, 0.0}, {0.0, 3.0, 1.0}}));
        EXPECT_TRUE(answer["losses"].empty());
        EXPECT_FALSE(answer.contains("weights"));
    }
}

TEST(RouteServer, ShowsLossesAndWeights)
{
    const auto answers = serve(R"({"recipe": "smoe", "weights": true, "settings": ["model.num_experts=4", "seed=3"],)"
                               R"( "tensors": {"hidden": [[0.5, -1], [1.5, 2]]}})");
    ASSERT_EQ(answers.size(), 1U);
    EXPECT_EQ(answers[0]["weights"]["router.weight"].size(), 4U);
    EXPECT_EQ(answers[0]["losses"]["balance"]["coefficient"], 0.01);
    EXPECT_GT(answers[0]["losses"]["balance"]["value"], 0.3);
}

TEST(DescribeRecipe, ListsInputsAndWeightsWithShapes)
{
    const ProgramResult page = engine({"describe", "smoe"});
    EXPECT_EQ(page.code, 0);
    EXPECT_THAT(page.output, HasSubstr("hidden            [T, d]      F32   needed"));
    EXPECT_THAT(page.output,
        HasSubstr("router.weight" + std::string(21, ' ') + "[E, d]" + std::string(10, ' ') + "F32   learnt"));
    const json recipe =
        json::parse(engine({"describe", "smoe", "routing.scorer.bias=false", "--json"}).output)["recipe"];
    EXPECT_EQ(recipe["weights"], json::parse(R"([{"name": "router.weight", "shape": ["E", "d"], "type": "F32",
        "use": "learnt"}])"));
    EXPECT_EQ(engine({"describe", "smoo"}).code, 2);
    for (const json& each : json::parse(engine({"describe", "--methods", "--json"}).output)["recipes"]) {
        EXPECT_EQ(each["inputs"][0]["name"], "hidden") << each["id"];
        EXPECT_TRUE(each["weights"].is_array()) << each["id"];
    }
}

TEST(MethodPage, IsUpToDate)
{
    const ProgramResult page = engine({"describe", "--methods", "--markdown"});
    ASSERT_EQ(page.code, 0) << page.errors;
    EXPECT_EQ(page.output, readBytes(sourceFolder() + "/docs/methods.md"))
        << "Make it anew: cmake --build build/release --target methods_page";
}

}  // namespace
}  // namespace moescope
