// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// This program once more for every rank of a run.
#pragma once

#include "engine/base/result.h"
#include "engine/run/run_folder.h"

namespace moescope {

struct RankOptions {
    int numRanks = 1;
    bool resume = false;
    bool json = false;
};

/// Starts `moescope-engine rank` for each rank, with a private folder (mode 0700) for their rendezvous, and waits for
/// the end. The caller holds the run's lock. Returns the exit code; a person was told what went wrong.
int startRanks(const RunFolder& run, const RankOptions& options);

}  // namespace moescope
