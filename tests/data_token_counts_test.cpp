// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// How often the training text has each token.
#include "engine/data/token_counts.h"

#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>

#include "engine/data/corpus.h"
#include "tests/support/temporary_folder.h"

namespace moescope {
namespace {

TEST(TokenCounts, CountTheTrainingTextAndNothingElse)
{
    const TemporaryFolder folder;
    std::string text(1000, 'a');
    text.replace(0, 500, std::string(500, 'b'));
    writeBytes(folder / "a.txt", text);
    DataConfig data;
    data.corpus = "text";
    data.path = folder / "a.txt";
    const auto corpus = openCorpus(data, 8);
    ASSERT_TRUE(corpus) << corpus.error().text;
    const auto counts = tokenCounts(*corpus, BatchSource(*corpus, 8, 1));
    ASSERT_TRUE(counts);
    ASSERT_EQ(counts->size(), 256u);
    const std::span<const std::uint8_t> train = corpus->domains.at(0).bytes(Split::Train);
    for (const char token : {'a', 'b', 'c'})
        EXPECT_EQ((*counts)[static_cast<std::size_t>(token)], std::ranges::count(train, token)) << token;
    EXPECT_LT(train.size(), text.size());
}

TEST(TokenCounts, AGeneratedLanguageIsDrawnFromAndTheSameForEqualSeeds)
{
    DataConfig data;
    data.corpus = "dialects";
    const auto corpus = openCorpus(data, 16);
    ASSERT_TRUE(corpus) << corpus.error().text;
    const auto counts = tokenCounts(*corpus, BatchSource(*corpus, 16, 1));
    ASSERT_TRUE(counts);
    EXPECT_EQ(static_cast<std::int64_t>(counts->size()), corpus->vocabulary);
    EXPECT_GE(std::accumulate(counts->begin(), counts->end(), std::int64_t{0}), 1 << 18);
    EXPECT_EQ(*tokenCounts(*corpus, BatchSource(*corpus, 16, 1)), *counts);
    EXPECT_NE(*tokenCounts(*corpus, BatchSource(*corpus, 16, 2)), *counts);
}

TEST(TokenCounts, AShortenedFileIsAnError)
{
    const TemporaryFolder folder;
    writeBytes(folder / "a.txt", std::string(100'000, 'a'));
    DataConfig data;
    data.corpus = "text";
    data.path = folder / "a.txt";
    const auto corpus = openCorpus(data, 8);
    ASSERT_TRUE(corpus);
    std::filesystem::resize_file(folder / "a.txt", 10);
    const auto counts = tokenCounts(*corpus, BatchSource(*corpus, 8, 1));
    ASSERT_FALSE(counts);
    EXPECT_EQ(counts.error().kind, ErrorKind::Data);
}

}  // namespace
}  // namespace moescope
