// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Training batches as plain arrays. The batch of a step is a pure function of (seed, step, number in the global batch):
// it can be resumed anywhere and is the same for any number of ranks.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/data/corpus.h"

namespace moescope {

/// Sequences of context + 1 tokens: inputs are [0, context), targets [1, context + 1).
struct Batch {
    std::int64_t sequences = 0, context = 0;
    std::int64_t firstSequence = 0;    ///< number of sequence 0 in the global batch
    std::vector<std::int64_t> tokens;  ///< [sequences, context + 1]
    std::vector<std::int32_t>
        domains;  ///< [sequences]; a window lies in one domain, so each of its tokens has that one
};

struct SequenceRange {
    std::int64_t first = 0, count = 0;

    friend bool operator==(const SequenceRange&, const SequenceRange&) = default;
};

/// The part of a global batch that one rank computes: contiguous, in the order of the ranks, sizes differ by at most
/// one.
SequenceRange rankSlice(std::int64_t batchSequences, int rank, int size);

/// Draws windows uniformly over all starts in the training text at which a window lies within its domain; sequences of
/// `dialects` are generated. No state: any thread may read any step. The corpus must outlive it.
class BatchSource {
public:
    /// `seed` is the run's seed; `context` that of openCorpus.
    BatchSource(const Corpus& corpus, std::int64_t context, std::uint64_t seed);

    /// Sequences [range.first, range.first + range.count) of the global batch of `step` (1 = the first update). Reuses
    /// the arrays of `batch`. Fails with kind Data when a data file was shortened.
    Result<void> read(Step step, SequenceRange range, Batch& batch) const;

private:
    const Corpus& m_corpus;
    std::int64_t m_context;
    std::uint64_t m_seed;
    std::vector<std::uint64_t> m_startsUpTo;  ///< cumulative number of window starts by domain
};

}  // namespace moescope
