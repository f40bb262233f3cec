// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A comparison preset: a configuration whose object `compare` says which recipes to train beside each other, at which
// budget and with which seeds; and the runs that follow from it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/catalog.h"
#include "engine/config/run_config.h"

namespace moescope {

struct ComparisonEntry {
    std::string name;                   ///< of the row; the recipe unless given
    std::string recipe;                 ///< its id
    std::vector<std::string> settings;  ///< key=value

    friend bool operator==(const ComparisonEntry&, const ComparisonEntry&) = default;
};

struct Comparison {
    std::vector<ComparisonEntry> entries;  ///< the first is what the others are measured against
    std::vector<std::int64_t> seeds{1};
    bool equalTokens = true, equalFlops = false;
};

/// Reads `"compare": {"recipes": ["smoe", {"name": …, "recipe": …, "settings": {…}}], "seeds": [1], "budgets":
/// ["tokens", "flops"]}` of a configuration file. Errors of kind User name the place.
Result<Comparison> readComparison(std::string_view json, std::string_view name);

/// One run of a comparison.
struct PlannedRun {
    std::string folder;  ///< "switch-seed1", "switch-seed1-flops": name of its folder
    std::string entry;   ///< name of its row
    std::int64_t seed = 1;
    bool equalTokens = false, equalFlops = false;  ///< budgets that it answers; both where they ask for the same steps
    std::vector<std::string> overrides;            ///< of the configuration file, in order
    RunConfig config;
    double flops = 0;  ///< of the whole run
};

/// All runs, in the order in which they are trained: entry by entry for the first seed, then for the next. Under equal
/// FLOPs a run has as many steps as the first entry's arithmetic pays for, at least one. `overrides` are the user's and
/// win. Errors of kind User name the entry.
Result<std::vector<PlannedRun>> planRuns(std::string_view json, std::string_view name, const Comparison& comparison,
    const std::vector<std::string>& overrides, const Catalog& catalog);

}  // namespace moescope
