// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/data/debian_texts.h"
#include "engine/data/unit_split.h"

namespace moescope {
namespace {

TEST(UnitSplit, CutsAtLineEnds)
{
    const std::string_view text = "one\ntwo\nthree\n";
    EXPECT_EQ(unitEnd(text, 0, 8), 8u);   // "one\ntwo\n" fits exactly
    EXPECT_EQ(unitEnd(text, 0, 7), 4u);   // "two" would be cut
    EXPECT_EQ(unitEnd(text, 8, 8), 14u);  // the rest
    EXPECT_EQ(unitEnd("\n\n\n", 0, 1), 1u);
}

TEST(UnitSplit, KeepsALongLineWhole)
{
    EXPECT_EQ(unitEnd("a line longer than a unit\nshort\n", 0, 8), 26u);
    EXPECT_EQ(unitEnd("no line end at all", 0, 8), 18u);
}

// The three splits were computed by the Python program that defines the rule, with units of 8 bytes.
TEST(UnitSplit, GivesTheBytesOfTheReference)
{
    std::string rows;
    for (int i = 0; i < 12; ++i)
        rows += "row " + std::to_string(i) + "\n";
    const std::vector<NamedText> files{{"a", "one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\n"},
        {"b", "a line longer than a unit\nshort\nno end"}, {"empty", ""}, {"c", rows}};
    const auto splits = splitByUnits(files, 8);
    EXPECT_EQ(splits[0],
        "one\ntwo\nfour\nfive\nsix\nseven\neight\na line longer than a unit\nshort\nno endrow 0\nrow 2\nrow 3\nrow "
        "4\nrow 5\n"
        "row 6\nrow 7\nrow 8\nrow 9\nrow 10\nrow 11\n");
    EXPECT_EQ(splits[1], "three\n");
    EXPECT_EQ(splits[2], "row 1\n");
}

TEST(UnitSplit, HoldsItsQuotaAndEveryByteOnce)
{
    std::string text;
    for (int i = 0; i < 20'000; ++i)
        text += "line " + std::to_string(i) + "\n";
    const auto splits = splitByUnits({{"big", text}}, 256);
    const auto size = static_cast<double>(text.size());
    EXPECT_EQ(splits[0].size() + splits[1].size() + splits[2].size(), text.size());
    EXPECT_NEAR(static_cast<double>(splits[0].size()) / size, 0.90, 0.002);
    EXPECT_NEAR(static_cast<double>(splits[1].size()) / size, 0.05, 0.002);
    EXPECT_NEAR(static_cast<double>(splits[2].size()) / size, 0.05, 0.002);
}

TEST(UnitSplit, EmptyDomainGivesEmptySplits)
{
    for (const std::string& split : splitByUnits({{"empty", ""}}))
        EXPECT_EQ(split, "");
}

TEST(WordnetGlosses, TakesTheTextBehindTheBar)
{
    const std::string data = "  1 This is the licence | not a gloss\n"
                             "00001740 03 n 01 entity 0 003 ~ | that which exists  \n"
                             "00001930 no gloss here\n"
                             "00002137 03 n 02 abstraction |  a | b\r\n"
                             "00002452 03 n 01 last | without line end";
    EXPECT_EQ(wordnetGlosses(data), "that which exists\na | b\nwithout line end\n");
}

}  // namespace
}  // namespace moescope
