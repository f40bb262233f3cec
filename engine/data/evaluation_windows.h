// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Which windows of the validation text are run through the model, and which of their targets count: a fixed sample for
// the curve, and one full pass for the final number.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/batches.h"
#include "engine/data/corpus.h"

namespace moescope {

/// Inputs are `length` bytes from `start` of the domain's validation text, targets the bytes one further.
struct EvaluationWindow {
    std::int32_t domain = 0;
    std::int64_t start = 0;
    std::int64_t length = 0;                    ///< model.context, less where the whole text is shorter
    std::int64_t scoredFrom = 0, scoredTo = 0;  ///< half-open range of targets that count

    friend bool operator==(const EvaluationWindow&, const EvaluationWindow&) = default;
};

/// About `count` windows, shared between the domains in proportion to their validation text (at least one each), evenly
/// spaced from its first to its last window, without random numbers. Only the second half of each window is scored, so
/// every scored byte has at least context / 2 bytes before it. Of `dialects`: whole documents.
std::vector<EvaluationWindow> sampleWindows(const Corpus& corpus, std::int64_t context, std::int64_t count);

/// All of the validation text: windows overlap by half, every byte is scored exactly once and has at least context / 2
/// bytes before it. Except at the start of each domain: its first byte has nothing before it and is never scored, the
/// next context / 2 are scored with what there is. Of `dialects`: every document, all of its targets.
std::vector<EvaluationWindow> fullWindows(const Corpus& corpus, std::int64_t context);

/// The windows as one batch of `context`; shorter ones are filled up with zeros behind their end (a causal model does
/// not see them). firstSequence is 0. Fails with kind Data when a data file was shortened.
Result<void> readWindows(
    const Corpus& corpus, std::span<const EvaluationWindow> windows, std::int64_t context, Batch& batch);

/// Sums of cross-entropy by domain.
struct EvaluationScore {
    std::vector<double> nats;
    std::vector<std::int64_t> bytes;

    /// Adds the scored targets; `nats` is [windows, context] as the model gave them.
    void add(std::span<const EvaluationWindow> windows, std::int64_t context, std::span<const float> windowNats);

    std::int64_t totalBytes() const;
    double loss() const;  ///< nats per byte over all domains
    double bitsPerByte() const;
    double bitsPerByte(int domain) const;  ///< NaN for a domain without scored bytes
};

}  // namespace moescope
