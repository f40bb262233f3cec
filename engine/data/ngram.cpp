// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/data/ngram.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

namespace moescope {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kGroupKeys = 4'000'000;  // training n-grams sorted at once: 32 MB

/// The up to five bytes from `at` on, first byte on top, and how many there are. Sorts by bytes, then by length.
std::uint64_t keyAt(Bytes text, std::size_t at)
{
    const std::size_t length = std::min<std::size_t>(kMaxNgramOrder, text.size() - at);
    std::uint64_t key = 0;
    for (std::size_t i = 0; i < kMaxNgramOrder; ++i)
        key = key << 8 | (i < length ? text[at + i] : 0);
    return key << 8 | length;
}

int lengthOf(std::uint64_t key) { return static_cast<int>(key & 0xFF); }

/// Byte `depth` (0 = first) of a key.
int byteOf(std::uint64_t key, int depth) { return static_cast<int>(key >> (8 * (kMaxNgramOrder - depth)) & 0xFF); }

struct Query {
    std::uint64_t key = 0;
    std::uint32_t position = 0;  ///< in all validation texts, one after the other
};

/// P_n of the n-gram that starts here, given P_{n-1}: own + rest * P_{n-1}. An unseen history leaves P_{n-1} as it is.
struct Mix {
    float own = 0.0f, rest = 1.0f;
};

using Mixes = std::array<std::vector<Mix>, kMaxNgramOrder>;  // [order - 1][position of the first byte]

/// Walks the tree of prefixes that sorted keys form, only where validation n-grams are.
class PrefixWalk {
public:
    explicit PrefixWalk(Mixes& mixes)
        : m_mixes(mixes)
    {
    }

    /// All keys of both ranges share their first `depth` bytes and are at least that long, or end before: those are
    /// skipped. `total` and `types` describe what follows that prefix in the training text; a negative total asks for
    /// counting.
    void visit(
        std::span<const std::uint64_t> train, std::span<const Query> queries, int depth, double total, double types)
    {
        if (depth == kMaxNgramOrder || queries.empty())
            return;
        if (total < 0.0)
            std::tie(total, types) = followers(train, depth);
        if (total == 0.0)
            return;
        std::size_t t = 0;
        for (std::size_t q = 0; q < queries.size();) {
            const int next = byteOf(queries[q].key, depth);
            std::size_t queryEnd = q;
            while (queryEnd < queries.size() && byteOf(queries[queryEnd].key, depth) == next)
                ++queryEnd;
            while (t < train.size() && byteOf(train[t], depth) < next)
                ++t;
            std::size_t trainEnd = t;
            double count = 0.0;
            for (; trainEnd < train.size() && byteOf(train[trainEnd], depth) == next; ++trainEnd)
                count += lengthOf(train[trainEnd]) > depth ? 1.0 : 0.0;
            const Mix mix{static_cast<float>(count / (total + types)), static_cast<float>(types / (total + types))};
            for (const Query& query : queries.subspan(q, queryEnd - q)) {
                if (lengthOf(query.key) > depth)
                    m_mixes[static_cast<std::size_t>(depth)][query.position] = mix;
            }
            visit(train.subspan(t, trainEnd - t), queries.subspan(q, queryEnd - q), depth + 1, -1.0, 0.0);
            t = trainEnd;
            q = queryEnd;
        }
    }

private:
    /// Number of bytes that follow the prefix of length `depth`, and of distinct ones.
    static std::pair<double, double> followers(std::span<const std::uint64_t> train, int depth)
    {
        double total = 0.0, types = 0.0;
        int last = -1;
        for (const std::uint64_t key : train) {
            if (lengthOf(key) <= depth)
                continue;
            total += 1.0;
            types += byteOf(key, depth) != last ? 1.0 : 0.0;
            last = byteOf(key, depth);
        }
        return {total, types};
    }

    Mixes& m_mixes;
};

std::vector<Query> sortedQueries(std::span<const Bytes> texts)
{
    std::vector<Query> queries;
    std::uint32_t position = 0;
    for (const Bytes text : texts) {
        for (std::size_t at = 0; at < text.size(); ++at)
            queries.push_back({keyAt(text, at), position++});
    }
    std::ranges::sort(queries, {}, &Query::key);
    return queries;
}

/// Keys of all places whose first byte is in [first, last], sorted.
std::vector<std::uint64_t> sortedKeys(std::span<const Bytes> texts, int first, int last, std::size_t count)
{
    std::vector<std::uint64_t> keys;
    keys.reserve(count);
    for (const Bytes text : texts) {
        for (std::size_t at = 0; at < text.size(); ++at) {
            if (text[at] >= first && text[at] <= last)
                keys.push_back(keyAt(text, at));
        }
    }
    std::ranges::sort(keys);
    return keys;
}

/// Mixes of all orders for every validation position, from the training text in groups of first bytes.
Mixes countMixes(std::span<const Bytes> train, std::span<const Bytes> valid)
{
    const std::vector<Query> queries = sortedQueries(valid);
    Mixes mixes;
    for (auto& order : mixes)
        order.resize(queries.size());
    std::array<std::size_t, 256> histogram{};
    for (const Bytes text : train) {
        for (const std::uint8_t byte : text)
            ++histogram[byte];
    }
    double total = 0.0, types = 0.0;
    for (const std::size_t count : histogram) {
        total += static_cast<double>(count);
        types += count > 0 ? 1.0 : 0.0;
    }
    PrefixWalk walk(mixes);
    const auto firstByte = [](const Query& query) { return byteOf(query.key, 0); };
    for (int first = 0; first < 256;) {
        int last = first;
        std::size_t count = histogram[static_cast<std::size_t>(first)];
        while (last < 255 && count + histogram[static_cast<std::size_t>(last) + 1] <= kGroupKeys)
            count += histogram[static_cast<std::size_t>(++last)];
        const auto begin = std::ranges::lower_bound(queries, first, {}, firstByte);
        const auto end = std::ranges::upper_bound(queries, last, {}, firstByte);
        if (begin != end && total > 0.0)
            walk.visit(sortedKeys(train, first, last, count), {begin, end}, 0, total, types);
        first = last + 1;
    }
    return mixes;
}

}  // namespace

std::vector<NgramScore> countNgrams(std::span<const Bytes> train, std::span<const Bytes> valid)
{
    const Mixes mixes = countMixes(train, valid);
    std::vector<NgramScore> scores(kMaxNgramOrder);
    std::vector<double> bits(kMaxNgramOrder, 0.0);
    std::size_t before = 0;  // validation bytes in the texts before this one
    for (const Bytes text : valid) {
        std::vector<double> domainBits(kMaxNgramOrder, 0.0);
        for (std::size_t at = 0; at < text.size(); ++at) {
            double p = 1.0 / 256.0;
            for (std::size_t order = 1; order <= kMaxNgramOrder; ++order) {
                if (at + 1 >= order) {
                    const Mix& mix = mixes[order - 1][before + at + 1 - order];
                    p = mix.own + mix.rest * p;
                }
                domainBits[order - 1] -= std::log2(p);
            }
        }
        before += text.size();
        for (std::size_t n = 0; n < scores.size(); ++n) {
            bits[n] += domainBits[n];
            scores[n].domains.push_back(text.empty() ? std::numeric_limits<double>::quiet_NaN()
                                                     : domainBits[n] / static_cast<double>(text.size()));
        }
    }
    for (std::size_t n = 0; n < scores.size(); ++n) {
        scores[n].order = static_cast<int>(n) + 1;
        scores[n].bitsPerByte = bits[n] / static_cast<double>(before);
    }
    return scores;
}

}  // namespace moescope
