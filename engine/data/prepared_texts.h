// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Texts that a recipe has put together, kept in the cache: DOMAIN.SPLIT.bin files and a manifest with their hashes.
#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/corpus.h"

namespace moescope {

struct PreparedDomain {
    std::string name;
    std::array<std::string, kNumSplits> splits;
};

/// The prepared texts of recipe `name` whose sources are described by `stamp` (any text that changes when they do):
/// from the cache when every byte there still has its hash, else from `build`, and then into the cache. A cache that
/// cannot be written becomes a notice and costs only time. Several processes may do this at once. Blocks.
Result<Corpus> prepareTexts(const std::string& name, const std::string& stamp,
    const std::function<Result<std::vector<PreparedDomain>>()>& build);

/// A corpus of this recipe and fingerprint that an earlier run left in the cache, whatever its sources look like today.
/// Error of kind Data when there is none.
Result<Corpus> findPreparedTexts(const std::string& name, const std::string& fingerprint);

}  // namespace moescope
