// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A corpus: named domains, each with a training, validation and test text, and one fingerprint over all of it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/run_config.h"
#include "engine/data/text.h"

namespace moescope {

class DialectLanguage;

enum class Split { Train, Valid, Test };
inline constexpr int kNumSplits = 3;

struct DomainText {
    std::string name;  ///< "perl"
    std::array<Text, kNumSplits> splits;

    std::span<const std::uint8_t> bytes(Split split) const { return splits[static_cast<std::size_t>(split)].bytes; }
};

/// Immutable once opened; cheap to copy, the texts are shared. A token is a byte below `vocabulary`.
struct Corpus {
    std::string name;                 ///< value of data.corpus
    std::vector<DomainText> domains;  ///< of `dialects`: one per dialect, without training text
    std::int64_t vocabulary = 256;
    std::string fingerprint;  ///< SHA-256 over every domain's name and every text: equal data, equal fingerprint
    std::vector<std::string> notices;  ///< nothing wrong, but said: a cache that could not be written, …

    /// Of the corpus `dialects`: the language that training sequences are drawn from. Null: training text is in
    /// `domains`.
    std::shared_ptr<const DialectLanguage> dialects;
    /// Of the corpus `dialects`: tokens of one document; validation and test texts are whole documents. 0: running
    /// text.
    std::int64_t documentTokens = 0;

    std::vector<std::string> domainNames() const;
    std::int64_t size(Split split) const;  ///< bytes over all domains
};

/// Opens what `data.corpus` names, preparing and caching it where the recipe says so (docs of each recipe). Blocks: 0.1
/// s for a cached corpus of 30 MB, all of whose bytes are hashed. `context` is model.context; windows hold context + 1
/// bytes. `expected` is the fingerprint of a run that goes on, empty for a new one: other data is refused, unless the
/// cache still has the former. Data: missing packages or files (says where people get them), empty or too short texts.
Result<Corpus> openCorpus(const DataConfig& data, std::int64_t context, const std::string& expected = {});

/// Error of kind Data when a file of the corpus became shorter. Call before reading from it after a while.
Result<void> checkWhole(const Corpus& corpus);

/// SHA-256 over a listing of names, sizes and hashes of all texts; sets nothing.
std::string fingerprintOf(const Corpus& corpus);

}  // namespace moescope
