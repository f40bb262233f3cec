// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/data/batches.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/data/counter_random.h"
#include "engine/data/dialects.h"

namespace moescope {

SequenceRange rankSlice(std::int64_t batchSequences, int rank, int size)
{
    MOESCOPE_CHECK(size > 0 && rank >= 0 && rank < size, "a rank is below the number of ranks");
    const std::int64_t first = batchSequences * rank / size;
    return {first, batchSequences * (rank + 1) / size - first};
}

BatchSource::BatchSource(const Corpus& corpus, std::int64_t context, std::uint64_t seed)
    : m_corpus(corpus)
    , m_context(context)
    , m_seed(seed)
{
    std::uint64_t starts = 0;
    for (const DomainText& domain : corpus.domains) {
        const auto size = static_cast<std::int64_t>(domain.bytes(Split::Train).size());
        starts += static_cast<std::uint64_t>(std::max<std::int64_t>(0, size - context));
        m_startsUpTo.push_back(starts);
    }
    MOESCOPE_CHECK(starts > 0 || corpus.dialects, "openCorpus() refuses a training text shorter than one window");
}

Result<void> BatchSource::read(Step step, SequenceRange range, Batch& batch) const
{
    if (auto whole = checkWhole(m_corpus); !whole)
        return whole;
    const auto length = static_cast<std::size_t>(m_context + 1);
    const auto count = static_cast<std::size_t>(range.count);
    batch.sequences = range.count;
    batch.context = m_context;
    batch.firstSequence = range.first;
    batch.tokens.resize(count * length);
    batch.domains.resize(count);
    for (std::size_t i = 0; i < count; ++i) {
        const std::span into = std::span(batch.tokens).subspan(i * length, length);
        CounterRandom random{
            m_seed, static_cast<std::uint64_t>(step.value), static_cast<std::uint64_t>(range.first) + i};
        if (m_corpus.dialects) {
            batch.domains[i] = m_corpus.dialects->drawSequence(random, into);
            continue;
        }
        const std::uint64_t draw = random.below(m_startsUpTo.back());
        const auto domain = std::upper_bound(m_startsUpTo.begin(), m_startsUpTo.end(), draw) - m_startsUpTo.begin();
        const std::uint64_t before = domain == 0 ? 0 : m_startsUpTo[static_cast<std::size_t>(domain) - 1];
        const auto text = m_corpus.domains[static_cast<std::size_t>(domain)].bytes(Split::Train);
        std::ranges::copy(text.subspan(draw - before, length), into.begin());
        batch.domains[i] = static_cast<std::int32_t>(domain);
    }
    return {};
}

}  // namespace moescope
