// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/json_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/nearest.h"
#include "engine/base/utf8.h"

namespace moescope {
namespace {

using namespace std::string_literals;

/// "2:3 reason" of every problem.
std::vector<std::string> problems(std::string_view text)
{
    std::vector<std::string> lines;
    for (const JsonProblem& problem : readJsonText(text).problems)
        lines.push_back(
            std::to_string(problem.place.line) + ':' + std::to_string(problem.place.column) + ' ' + problem.reason);
    return lines;
}

TEST(JsonText, KeepsPlacesOfKeysAndValues)
{
    const JsonReading reading = readJsonText("{ // first\n  \"größe\": 3, /* two\n lines */ \"b\": [1, -2.5e3]\n}");
    ASSERT_TRUE(reading.complete);
    ASSERT_EQ(reading.root.members.size(), 2U);
    EXPECT_EQ(reading.root.members[0].place, (TextPlace{2, 3}));
    EXPECT_EQ(reading.root.members[0].value.place, (TextPlace{2, 12}));
    EXPECT_EQ(reading.root.members[1].place, (TextPlace{3, 11}));
    const JsonNode& list = *reading.root.find("b");
    EXPECT_EQ(list.items[0].integer, 1);
    EXPECT_EQ(list.items[1].kind, JsonKind::Number);
    EXPECT_EQ(list.items[1].number, -2500.0);
    EXPECT_EQ(list.items[1].place, (TextPlace{3, 20}));
}

TEST(JsonText, KeepsLargeIntegersWhole)
{
    EXPECT_EQ(readJsonText("9007199254740993").root.integer, 9007199254740993);
    EXPECT_EQ(readJsonText("-9223372036854775808").root.integer, INT64_MIN);
    EXPECT_EQ(readJsonText("9223372036854775808").root.kind, JsonKind::Number);
}

TEST(JsonText, ReadsEscapes)
{
    EXPECT_EQ(readJsonText(R"("a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00")").root.text, "a\"\\/\b\f\n\r\té😀");
}

TEST(JsonText, GoesOnAfterWhatItCanSkip)
{
    EXPECT_THAT(problems("\xEF\xBB\xBF{\"a\": NaN,\n \"a\": 1,\n \"b\": 1e400, \"c\": -Infinity}"),
        testing::ElementsAre("1:1 the text starts with a byte order mark",
            "1:7 NaN is no number in JSON, and no setting takes it", "2:2 the key \"a\" stands here twice",
            "3:7 1e400 does not fit into a 64-bit floating-point number",
            "3:19 -Infinity is no number in JSON, and no setting takes it"));
}

TEST(JsonText, EndsAtWrongSyntaxAndSaysWhere)
{
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"", "1:1 the text ends where a value should be"},
        {"{\"a\" 1}", "1:6 a colon is missing after the key \"a\""},
        {"{\"a\": 1,}", "1:9 a key in quotes is missing"},
        {"{\"a\": 1", "1:8 the text ends inside of braces or brackets"},
        {"{\"a\": 1 \"b\": 2}", "1:9 a comma is missing"},
        {"{a: 1}", "1:2 a key in quotes is missing"},
        {"[1] 2", "1:5 text after the end of the JSON value"},
        {"{\"a\": bf16}", "1:7 \"bf16\" is no JSON value"},
        {"{\"a\": 01}", "1:7 \"01\" is no JSON value"},
        {"{\"a\": .5}", "1:7 \".5\" is no JSON value"},
        {"{\"a\": }", "1:7 a value is missing"},
        {"\"abc", "1:1 a text that does not end"},
        {"\"a\nb\"", "1:3 a text that does not end on its line"},
        {"\"\\q\"", "1:2 an escape that JSON does not know"},
        {"\"\\ud800\"", "1:2 an escape that JSON does not know"},
        {"/* x", "1:1 a comment that does not end"},
        {"{\"a\": \"\xFF\"}", "1:8 invalid UTF-8"},
        {"\"\xED\xA0\x80\"", "1:2 invalid UTF-8"},
    };
    for (const auto& [text, expected] : cases) {
        EXPECT_THAT(problems(text), testing::ElementsAre(expected)) << text;
        EXPECT_FALSE(readJsonText(text).complete) << text;
    }
}

TEST(JsonText, RefusesDepthSizeAndNumberOfValues)
{
    EXPECT_TRUE(readJsonText(std::string(64, '[') + std::string(64, ']')).complete);
    EXPECT_THAT(problems(std::string(65, '[') + std::string(65, ']')),
        testing::ElementsAre("1:65 more than 64 levels of nesting"));
    EXPECT_THAT(problems(std::string(10'000, '[')), testing::ElementsAre("1:65 more than 64 levels of nesting"));
    EXPECT_THAT(problems(std::string((1 << 20) + 1, ' ')),
        testing::ElementsAre("1:1 the text has 1048577 bytes, the limit is 1 MiB"));
    std::string many = "[0";
    for (int i = 0; i < 100'000; ++i)
        many += ",0";
    EXPECT_THAT(problems(many + ']'), testing::ElementsAre(testing::HasSubstr("more than 100,000 values")));
}

TEST(NearestWord, FindsWhatWasMeant)
{
    const std::vector<std::string> known = {"model.hidden_size", "model.num_heads", "data.corpus", "seed"};
    EXPECT_EQ(nearestWord("model.hiden_size", known), "model.hidden_size");
    EXPECT_EQ(nearestWord("Model.Hidden-Size", known), "model.hidden_size");
    EXPECT_EQ(nearestWord("hidden_size", known), "model.hidden_size");
    EXPECT_EQ(nearestWord("sede", known), "seed");
    EXPECT_EQ(nearestWord("zzz", known), "");
    EXPECT_EQ(nearestWord("", known), "");
}

TEST(Printable, ShowsWhatWouldHide)
{
    EXPECT_EQ(printable("größe"), "größe");
    EXPECT_EQ(printable("a\x1B[31m\xFF\n"), "a\\u{1b}[31m\\xff\\u{a}");
    EXPECT_EQ(printable("a\u202Eb"), "a\\u{202e}b");
}

}  // namespace
}  // namespace moescope
