// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/data/evaluation_windows.h"

namespace moescope {
namespace {

Text bytesOf(std::size_t size)
{
    std::vector<std::uint8_t> bytes(size);
    for (std::size_t i = 0; i < size; ++i)
        bytes[i] = static_cast<std::uint8_t>(i * 7 % 256);
    return wholeText(TextStorage::own(std::move(bytes)));
}

Corpus validTexts(const std::vector<std::size_t>& sizes)
{
    Corpus corpus;
    for (std::size_t size : sizes)
        corpus.domains.push_back({"d", {bytesOf(0), bytesOf(size), bytesOf(0)}});
    return corpus;
}

TEST(FullWindows, ScoreEveryByteOnceWithEnoughContext)
{
    for (const std::int64_t context : {1, 2, 7, 8, 64}) {
        for (const std::size_t size : {2u, 3u, 8u, 9u, 10u, 63u, 64u, 65u, 66u, 200u, 1001u}) {
            std::vector<int> scored(size, 0);
            for (const EvaluationWindow& window : fullWindows(validTexts({size}), context)) {
                ASSERT_LE(window.start + window.length + 1, static_cast<std::int64_t>(size));
                for (std::int64_t t = window.scoredFrom; t < window.scoredTo; ++t) {
                    const std::int64_t byte = window.start + t + 1;
                    ++scored[static_cast<std::size_t>(byte)];
                    EXPECT_TRUE(t + 1 >= context / 2 || window.start == 0) << "byte " << byte << " has " << t + 1;
                }
            }
            EXPECT_EQ(scored[0], 0) << "nothing stands before the first byte";
            for (std::size_t i = 1; i < size; ++i)
                EXPECT_EQ(scored[i], 1) << "byte " << i << " of " << size << ", context " << context;
        }
    }
}

TEST(FullWindows, LeaveOutTextsWithNothingToPredict)
{
    EXPECT_TRUE(fullWindows(validTexts({0, 1}), 8).empty());
    EXPECT_EQ(fullWindows(validTexts({0, 2}), 8), (std::vector<EvaluationWindow>{{1, 0, 1, 0, 1}}));
}

TEST(SampleWindows, AreEvenlySpacedAndScoreTheSecondHalf)
{
    const auto windows = sampleWindows(validTexts({109}), 8, 5);
    EXPECT_EQ(windows,
        (std::vector<EvaluationWindow>{
            {0, 0, 8, 4, 8}, {0, 25, 8, 4, 8}, {0, 50, 8, 4, 8}, {0, 75, 8, 4, 8}, {0, 100, 8, 4, 8}}));
}

TEST(SampleWindows, AreSharedInProportion)
{
    const auto windows = sampleWindows(validTexts({9000, 900, 100}), 8, 100);
    std::array<int, 3> counts{};
    for (const EvaluationWindow& window : windows)
        ++counts[static_cast<std::size_t>(window.domain)];
    EXPECT_THAT(counts, testing::ElementsAre(90, 9, 1));
}

TEST(SampleWindows, ASmallDomainHasOneAndAShortTextNoWindowTwice)
{
    const auto windows = sampleWindows(validTexts({100'000, 10, 5, 1}), 8, 50);
    EXPECT_EQ(windows[windows.size() - 2], (EvaluationWindow{1, 0, 8, 4, 8}));
    EXPECT_EQ(windows.back(), (EvaluationWindow{2, 0, 4, 2, 4})) << "the whole of five bytes";
    EXPECT_EQ(sampleWindows(validTexts({10}), 8, 50).size(), 2u) << "ten bytes hold two windows of nine";
}

TEST(ReadWindows, GivesInputsAndTargetsAndFillsUpShortOnes)
{
    const Corpus corpus = validTexts({20, 3});
    const std::vector<EvaluationWindow> windows{{0, 2, 4, 2, 4}, {1, 0, 2, 1, 2}};
    Batch batch;
    ASSERT_TRUE(readWindows(corpus, windows, 4, batch));
    EXPECT_THAT(batch.tokens, testing::ElementsAre(14, 21, 28, 35, 42, 0, 7, 14, 0, 0));
    EXPECT_THAT(batch.domains, testing::ElementsAre(0, 1));
    EXPECT_EQ(batch.sequences, 2);
}

TEST(EvaluationScore, CountsOnlyScoredTargets)
{
    const std::vector<EvaluationWindow> windows{{0, 0, 4, 2, 4}, {2, 0, 2, 1, 2}};
    const float ln2 = std::numbers::ln2_v<float>;
    const std::vector<float> nats{9, 9, ln2, 3 * ln2, 9, 5 * ln2, 9, 9};
    EvaluationScore score;
    score.add(windows, 4, nats);
    EXPECT_NEAR(score.bitsPerByte(0), 2.0, 1e-6);
    EXPECT_TRUE(std::isnan(score.bitsPerByte(1)));
    EXPECT_NEAR(score.bitsPerByte(2), 5.0, 1e-6);
    EXPECT_NEAR(score.bitsPerByte(), 3.0, 1e-6);
    EXPECT_EQ(score.totalBytes(), 3);
    EXPECT_TRUE(std::isnan(score.bitsPerByte(7)));
}

}  // namespace
}  // namespace moescope
