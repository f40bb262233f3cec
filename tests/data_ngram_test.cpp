// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <filesystem>
#include <map>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/data/counter_random.h"
#include "engine/data/ngram.h"
#include "tests/support/cache_in_folder.h"
#include "tests/support/temporary_folder.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;
using Texts = std::vector<std::string>;

std::vector<NgramScore> count(const Texts& train, const Texts& valid)
{
    const auto views = [](const Texts& texts) {
        std::vector<std::span<const std::uint8_t>> spans;
        for (const std::string& text : texts)
            spans.emplace_back(reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
        return spans;
    };
    return countNgrams(views(train), views(valid));
}

/// The formula, written down with maps: P_n(c|h) = (count(h,c) + T(h) P_{n-1}(c|h')) / (count(h) + T(h)).
class PlainWittenBell {
public:
    explicit PlainWittenBell(const Texts& train)
    {
        for (const std::string& text : train) {
            for (std::size_t at = 0; at < text.size(); ++at) {
                for (std::size_t n = 1; n <= kMaxNgramOrder && n <= at + 1; ++n)
                    ++m_followers[text.substr(at + 1 - n, n - 1)][text[at]];
            }
        }
    }

    double bits(const std::string& text, std::size_t at, std::size_t order) const
    {
        double p = 1.0 / 256.0;
        for (std::size_t n = 1; n <= order && n <= at + 1; ++n) {
            const auto found = m_followers.find(text.substr(at + 1 - n, n - 1));
            if (found == m_followers.end())
                continue;
            double total = 0.0;
            for (const auto& [byte, times] : found->second)
                total += times;
            const auto types = static_cast<double>(found->second.size());
            const auto seen = found->second.find(text[at]);
            p = ((seen != found->second.end() ? seen->second : 0.0) + types * p) / (total + types);
        }
        return -std::log2(p);
    }

private:
    std::map<std::string, std::map<char, double>> m_followers;
};

/// Text over few symbols, zero bytes among them, so that all prefixes and all cases occur.
std::string randomText(std::uint64_t seed, std::size_t size)
{
    CounterRandom random{seed};
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i)
        text[i] = i > 3 && random.below(3) > 0 ? text[i - 3] : static_cast<char>(random.below(4) * 85);
    return text;
}

// "ab" gives P_1(a) = (1 + 2/256) / (2 + 2), then P_2(b|a) = (1 + 1 * P_1(b)) / (1 + 1).
TEST(Ngram, WittenBellByHand)
{
    const auto scores = count({"ab"}, {"ab"});
    const double p1 = (1.0 + 2.0 / 256.0) / 4.0, p2 = (1.0 + p1) / 2.0;
    ASSERT_EQ(scores.size(), 5u);
    EXPECT_EQ(scores[0].order, 1);
    EXPECT_NEAR(scores[0].bitsPerByte, -std::log2(p1), 1e-6);
    EXPECT_NEAR(scores[1].bitsPerByte, (-std::log2(p1) - std::log2(p2)) / 2, 1e-6);
    EXPECT_NEAR(scores[4].bitsPerByte, scores[1].bitsPerByte, 1e-12) << "no history of three bytes exists";
}

TEST(Ngram, EqualsTheFormulaOnEveryOrderAndDomain)
{
    const Texts train{randomText(1, 700), randomText(2, 300), "xy", ""};
    const Texts valid{randomText(3, 200), "q", randomText(4, 100), ""};
    const PlainWittenBell model(train);
    const auto scores = count(train, valid);
    for (std::size_t order = 1; order <= kMaxNgramOrder; ++order) {
        double all = 0.0;
        std::size_t bytes = 0;
        for (std::size_t d = 0; d < valid.size(); ++d) {
            double bits = 0.0;
            for (std::size_t at = 0; at < valid[d].size(); ++at)
                bits += model.bits(valid[d], at, order);
            if (valid[d].empty())
                EXPECT_TRUE(std::isnan(scores[order - 1].domains[d]));
            else
                EXPECT_NEAR(scores[order - 1].domains[d], bits / static_cast<double>(valid[d].size()), 1e-5)
                    << order << " " << d;
            all += bits;
            bytes += valid[d].size();
        }
        EXPECT_NEAR(scores[order - 1].bitsPerByte, all / static_cast<double>(bytes), 1e-5) << order;
    }
}

TEST(Ngram, WithoutTrainingTextIsUniform)
{
    for (const NgramScore& score : count({""}, {"abc"}))
        EXPECT_EQ(score.bitsPerByte, 8.0);
}

TEST(NgramAnchors, AreKeptByFingerprintAndADamagedFileIsMadeAgain)
{
    const TemporaryFolder folder;
    const CacheInFolder inFolder(folder / "cache");
    writeBytes(folder / "a.txt", randomText(5, 4000));
    DataConfig data;
    data.corpus = "text";
    data.path = folder / "a.txt";
    const auto corpus = openCorpus(data, 16);
    ASSERT_TRUE(corpus);
    const auto counted = ngramAnchors(*corpus);
    ASSERT_TRUE(counted && counted->size() == 5);
    ASSERT_EQ(numEntries(folder / "cache/moescope/ngrams"), 1u);
    const fs::path file = fs::directory_iterator(folder / "cache/moescope/ngrams")->path();
    const std::string kept = readBytes(file);
    EXPECT_EQ(*ngramAnchors(*corpus), *counted);

    std::string changed = kept;
    changed.replace(changed.find("\"all\": "), 8, "\"all\": 9");
    writeBytes(file, changed);
    EXPECT_GT((*ngramAnchors(*corpus))[0].bitsPerByte, 9.0) << "what is kept is what is used";

    for (const std::string& damage : {std::string("{"), std::string("[]"), kept.substr(0, kept.size() / 2),
             std::string(R"({"format_version": 1, "bits_per_byte": [1, 2, 3, 4, 5]})")}) {
        writeBytes(file, damage);
        EXPECT_EQ(*ngramAnchors(*corpus), *counted) << damage;
        EXPECT_EQ(readBytes(file), kept) << damage;
    }
}

TEST(NgramAnchors, DialectsHaveNone)
{
    DataConfig data;
    data.corpus = "dialects";
    const auto corpus = openCorpus(data, 16);
    ASSERT_TRUE(corpus);
    EXPECT_TRUE(ngramAnchors(*corpus)->empty());
}

}  // namespace
}  // namespace moescope
