// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/data/token_counts.h"

namespace moescope {

namespace {

constexpr std::int64_t kDrawnTokens = std::int64_t{1} << 18;
constexpr std::int64_t kSequencesAtOnce = 64;

}  // namespace

Result<std::vector<std::int64_t>> tokenCounts(const Corpus& corpus, const BatchSource& batches)
{
    std::vector<std::int64_t> counts(static_cast<std::size_t>(corpus.vocabulary));
    if (!corpus.dialects) {
        if (auto whole = checkWhole(corpus); !whole)
            return forward(whole);
        for (const DomainText& domain : corpus.domains)
            for (const std::uint8_t token : domain.bytes(Split::Train))
                ++counts[token];
        return counts;
    }
    Batch batch;
    std::int64_t drawn = 0;
    for (std::int64_t step = 1; drawn < kDrawnTokens; ++step) {
        if (auto read = batches.read(Step(step), {0, kSequencesAtOnce}, batch); !read)
            return forward(read);
        for (const std::int64_t token : batch.tokens)
            ++counts[static_cast<std::size_t>(token)];
        drawn += static_cast<std::int64_t>(batch.tokens.size());
    }
    return counts;
}

}  // namespace moescope
