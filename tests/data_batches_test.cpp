// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/data/batches.h"
#include "tests/support/temporary_folder.h"

namespace moescope {
namespace {

Text ownText(const std::string& text) { return wholeText(TextStorage::own({text.begin(), text.end()})); }

/// Two domains; every byte of the first is below 100, of the second at least 100, and follows the one before by 1.
Corpus twoDomains(std::size_t first, std::size_t second)
{
    std::string a(first, 0), b(second, 0);
    for (std::size_t i = 0; i < first; ++i)
        a[i] = static_cast<char>(i % 100);
    for (std::size_t i = 0; i < second; ++i)
        b[i] = static_cast<char>(100 + i % 100);
    Corpus corpus;
    corpus.name = "text";
    corpus.domains = {{"a", {ownText(a), ownText(a), ownText("")}}, {"b", {ownText(b), ownText(b), ownText("")}}};
    return corpus;
}

std::vector<std::int64_t> tokensOf(const BatchSource& source, Step step, SequenceRange range)
{
    Batch batch;
    EXPECT_TRUE(source.read(step, range, batch));
    return batch.tokens;
}

TEST(RankSlice, CoversTheBatchInOrder)
{
    EXPECT_EQ(rankSlice(16, 0, 1), (SequenceRange{0, 16}));
    EXPECT_EQ(rankSlice(16, 1, 2), (SequenceRange{8, 8}));
    for (const int size : {1, 2, 3, 5, 7}) {
        std::int64_t next = 0;
        for (int rank = 0; rank < size; ++rank) {
            const SequenceRange slice = rankSlice(17, rank, size);
            EXPECT_EQ(slice.first, next);
            EXPECT_LE(std::abs(slice.count - 17 / size), 1);
            next += slice.count;
        }
        EXPECT_EQ(next, 17);
    }
}

TEST(Batches, SameForAnyNumberOfRanks)
{
    const Corpus corpus = twoDomains(5000, 3000);
    const BatchSource source(corpus, 8, 7);
    const auto whole = tokensOf(source, Step(3), {0, 12});
    for (const int size : {2, 3, 4, 5}) {
        std::vector<std::int64_t> joined;
        for (int rank = 0; rank < size; ++rank)
            std::ranges::copy(tokensOf(source, Step(3), rankSlice(12, rank, size)), std::back_inserter(joined));
        EXPECT_EQ(joined, whole) << size << " ranks";
    }
}

TEST(Batches, AreAPureFunctionOfSeedAndStep)
{
    const Corpus corpus = twoDomains(5000, 3000);
    const BatchSource source(corpus, 8, 7), other(corpus, 8, 8);
    const auto tenth = tokensOf(source, Step(10), {0, 4});
    (void)tokensOf(source, Step(11), {0, 4});
    EXPECT_EQ(tokensOf(source, Step(10), {0, 4}), tenth);
    EXPECT_EQ(tokensOf(BatchSource(corpus, 8, 7), Step(10), {0, 4}), tenth);
    EXPECT_NE(tokensOf(source, Step(11), {0, 4}), tenth);
    EXPECT_NE(tokensOf(other, Step(10), {0, 4}), tenth);
}

TEST(Batches, WindowsLieInOneDomainAndSayWhich)
{
    const Corpus corpus = twoDomains(300, 200);
    const BatchSource source(corpus, 8, 1);
    Batch batch;
    ASSERT_TRUE(source.read(Step(1), {5, 200}, batch));
    EXPECT_EQ(batch.firstSequence, 5);
    for (std::int64_t s = 0; s < batch.sequences; ++s) {
        for (std::int64_t t = 0; t < 9; ++t) {
            const std::int64_t token = batch.tokens[static_cast<std::size_t>(s * 9 + t)];
            EXPECT_EQ(token >= 100 ? 1 : 0, batch.domains[static_cast<std::size_t>(s)]);
            if (t > 0) {
                EXPECT_EQ((batch.tokens[static_cast<std::size_t>(s * 9 + t - 1)] + 1) % 100, token % 100);
            }
        }
    }
}

TEST(Batches, EveryStartIsEquallyLikely)
{
    const Corpus corpus = twoDomains(18, 12);  // windows of 9 bytes: 10 starts in a, 4 in b
    const BatchSource source(corpus, 8, 3);
    Batch batch;
    constexpr std::int64_t kDraws = 70'000;
    ASSERT_TRUE(source.read(Step(1), {0, kDraws}, batch));
    std::map<std::int64_t, std::int64_t> counts;
    for (std::int64_t s = 0; s < kDraws; ++s)
        ++counts[batch.tokens[static_cast<std::size_t>(s * 9)]];
    ASSERT_EQ(counts.size(), 14u);
    for (const auto& [start, count] : counts)
        EXPECT_NEAR(static_cast<double>(count), 5000.0, 5 * 69.0) << start;  // five standard deviations
}

TEST(Batches, ATextOfOneWindowIsEnough)
{
    const Corpus corpus = twoDomains(9, 3);
    Batch batch;
    ASSERT_TRUE(BatchSource(corpus, 8, 3).read(Step(1), {0, 2}, batch));
    EXPECT_THAT(batch.tokens, testing::ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8));
}

TEST(Batches, AShortenedFileIsAnErrorAndNoCrash)
{
    const TemporaryFolder folder;
    writeBytes(folder / "a.txt", std::string(100'000, 'a'));
    DataConfig data;
    data.corpus = "text";
    data.path = folder / "a.txt";
    const auto corpus = openCorpus(data, 8);
    ASSERT_TRUE(corpus);
    const BatchSource source(*corpus, 8, 1);
    std::filesystem::resize_file(folder / "a.txt", 10);
    Batch batch;
    const auto read = source.read(Step(1), {0, 4}, batch);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().kind, ErrorKind::Data);
}

}  // namespace
}  // namespace moescope
