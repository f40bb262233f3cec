// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What a finished comparison says: one row of numbers for each run, and the tables made of them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/comparison.h"

namespace moescope {

/// NaN stands for "not known": the run has failed, or has not got there.
struct ComparisonRow {
    static constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

    std::string folder, entry, recipe;
    std::int64_t seed = 1;
    bool equalTokens = false, equalFlops = false;
    std::string state;    ///< as in state.json; "missing" before its turn
    std::string problem;  ///< why there are no numbers; empty = there are
    std::int64_t steps = 0;
    double tokens = kUnknown, flops = kUnknown;
    double seconds = kUnknown;         ///< of training steps alone
    double bitsPerByte = kUnknown;     ///< on all of the validation text, else on the sample
    double loadCv = kUnknown;          ///< mean over layers, counts of the last tenth of the run
    double dropped = kUnknown;         ///< share of assignments, same window
    double diversity = kUnknown;       ///< D/E, mean over layers, last probe
    double leastDiversity = kUnknown;  ///< of the worst layer
    double flips = kUnknown;           ///< share of probe tokens with another best expert than at the probe before
    std::int64_t flipSteps = 0;        ///< how far those probes lie apart
};

/// Reads the run's folder; what cannot be read stands in `problem`. Blocks while it reads the whole log.
ComparisonRow readComparisonRow(const std::filesystem::path& runs, const PlannedRun& run);

/// `{"format_version": 1, "rows": […]}`; unknown numbers are null.
std::string comparisonJson(const std::vector<ComparisonRow>& rows);

/// A header and a line for each run; unknown numbers are empty.
std::string comparisonCsv(const std::vector<ComparisonRow>& rows);

/// For people: a table for each budget, seeds of a row as mean ± deviation.
std::string comparisonText(const std::vector<ComparisonRow>& rows);

}  // namespace moescope
