// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What a model must beat to have learnt more than local statistics: n-gram models of the same corpus, in bits per byte.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/corpus.h"

namespace moescope {

inline constexpr int kMaxNgramOrder = 5;

struct NgramScore {
    int order = 0;                ///< 1 … kMaxNgramOrder
    double bitsPerByte = 0.0;     ///< over all validation text
    std::vector<double> domains;  ///< by domain; NaN for one without validation text

    friend bool operator==(const NgramScore&, const NgramScore&) = default;
};

/// Interpolated Witten-Bell models of orders 1 … kMaxNgramOrder (Witten and Bell 1991, method C; Chen and Goodman
/// 1998): P_n(c|h) = (count(h,c) + T(h) P_{n-1}(c|h')) / (count(h) + T(h)), T(h) the number of distinct followers of h,
/// order 0 uniform over 256. Counted over the training text of all domains together, no n-gram across a border between
/// two; each validation text is one stream whose first bytes have a shorter history. Blocks, on one core: about 4 s for
/// 27 MB. Memory: 60 bytes for each byte of validation text and 100 MB.
std::vector<NgramScore> countNgrams(
    std::span<const std::span<const std::uint8_t>> train, std::span<const std::span<const std::uint8_t>> valid);

/// countNgrams() of a corpus, kept in the cache by its fingerprint. Empty for `dialects`, which has no text to count;
/// its bound is DialectLanguage::bayesBits. Fails with kind Data when a data file was shortened; a cache that cannot be
/// read or written only costs time.
Result<std::vector<NgramScore>> ngramAnchors(const Corpus& corpus);

}  // namespace moescope
