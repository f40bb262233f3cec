// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <set>

#include <gtest/gtest.h>

#include "engine/data/counter_random.h"
#include "engine/data/dialects.h"
#include "engine/data/evaluation_windows.h"

namespace moescope {
namespace {

// spec diagnostics 8.1, B4: P = [[0.9, 0.1], [0.2, 0.8]] has mu = (2/3, 1/3) and a rate of 0.553306 bits.
TEST(Dialects, GoldenChain)
{
    const DialectLanguage language({1, 2, DialectMark::Alphabet}, {{0.9, 0.1, 0.2, 0.8}});
    EXPECT_NEAR(language.stationary(0, 0), 2.0 / 3.0, 1e-12);
    EXPECT_NEAR(language.stationary(0, 1), 1.0 / 3.0, 1e-12);
    EXPECT_NEAR(language.rateBits(), 0.553306, 5e-7);
    EXPECT_EQ(language.bayesBits(64), language.rateBits());
}

TEST(Dialects, TheTagCostsOneTokenFromTheStationaryLaw)
{
    const DialectLanguage language({1, 2, DialectMark::Tag}, {{0.9, 0.1, 0.2, 0.8}});
    const double first = std::log2(3.0) - 2.0 / 3.0;  // H(2/3, 1/3)
    EXPECT_NEAR(language.bayesBits(4), (first + 3 * language.rateBits()) / 4, 1e-12);
}

TEST(Dialects, MarksAreInTheFirstTokenOrInTheAlphabet)
{
    const DialectLanguage tagged({3, 5, DialectMark::Tag}), alphabets({3, 5, DialectMark::Alphabet});
    EXPECT_EQ(tagged.vocabulary(), 8);
    EXPECT_EQ(alphabets.vocabulary(), 15);
    std::vector<std::int64_t> tokens(33);
    std::set<int> seen;
    for (std::uint64_t i = 0; i < 60; ++i) {
        CounterRandom random{1, i};
        const int dialect = tagged.drawSequence(random, tokens);
        seen.insert(dialect);
        EXPECT_EQ(tokens[0], 5 + dialect);
        for (std::size_t t = 1; t < tokens.size(); ++t)
            EXPECT_TRUE(tokens[t] >= 0 && tokens[t] < 5);
        const int other = alphabets.drawSequence(random, tokens);
        for (const std::int64_t token : tokens)
            EXPECT_EQ(token / 5, other);
    }
    EXPECT_EQ(seen.size(), 3u);
}

TEST(Dialects, AreDifferentAndTheTrueModelReachesTheBayesLoss)
{
    const DialectLanguage language({4, 16, DialectMark::Tag});
    double bits = 0.0;
    std::int64_t targets = 0;
    std::vector<std::int64_t> tokens(257);
    for (std::uint64_t i = 0; i < 2000; ++i) {
        CounterRandom random{9, i};
        const int dialect = language.drawSequence(random, tokens);
        bits -= std::log2(language.stationary(dialect, static_cast<int>(tokens[1])));
        for (std::size_t t = 2; t < tokens.size(); ++t)
            bits -=
                std::log2(language.transition(dialect, static_cast<int>(tokens[t - 1]), static_cast<int>(tokens[t])));
        targets += 256;
    }
    EXPECT_NEAR(bits / static_cast<double>(targets), language.bayesBits(256), 0.01);
    for (int a = 0; a < 4; ++a) {
        for (int b = 0; b < a; ++b) {
            double distance = 0.0;
            for (int from = 0; from < 16; ++from)
                for (int to = 0; to < 16; ++to)
                    distance += std::abs(language.transition(a, from, to) - language.transition(b, from, to)) / 32;
            EXPECT_GT(distance, 0.5) << "mean total variation of dialects " << a << " and " << b;
        }
    }
}

TEST(Dialects, CorpusNeedsNoFileAndEvaluatesWholeDocuments)
{
    DataConfig data;
    data.corpus = "dialects";
    const auto corpus = openCorpus(data, 32);
    ASSERT_TRUE(corpus) << corpus.error().text;
    EXPECT_EQ(corpus->vocabulary, 20);
    EXPECT_EQ(corpus->documentTokens, 33);
    const BatchSource source(*corpus, 32, 5);
    Batch batch;
    ASSERT_TRUE(source.read(Step(1), {0, 8}, batch));
    for (std::int64_t s = 0; s < 8; ++s)
        EXPECT_EQ(batch.tokens[static_cast<std::size_t>(s * 33)], 16 + batch.domains[static_cast<std::size_t>(s)]);

    const auto full = fullWindows(*corpus, 32);
    EXPECT_EQ(static_cast<std::int64_t>(full.size()) * 33, corpus->size(Split::Valid));
    ASSERT_TRUE(readWindows(*corpus, full, 32, batch));
    for (std::size_t w = 0; w < full.size(); ++w)
        EXPECT_EQ(batch.tokens[w * 33], 16 + full[w].domain) << "a window begins where a document does";
    for (const EvaluationWindow& window : sampleWindows(*corpus, 32, 20)) {
        EXPECT_EQ(window.start % 33, 0);
        EXPECT_EQ(window.scoredFrom, 16);
    }
    EXPECT_EQ(openCorpus(data, 32)->fingerprint, corpus->fingerprint);
    data.numDialects = 15;
    data.dialectMark = DialectMark::Alphabet;
    EXPECT_EQ(openCorpus(data, 32)->vocabulary, 240) << "the largest that the configuration allows";
}

}  // namespace
}  // namespace moescope
