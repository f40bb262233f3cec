// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Starts the ranks of a run as processes of one group and ends the group when one of them is lost.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/run/run_folder.h"

namespace moescope {

struct RankCommand {
    std::vector<std::string> arguments;  ///< argv, the program first
    std::map<std::string, std::string> environment;  ///< added to ours
    std::filesystem::path log;  ///< standard output and error of the rank
};

/// Starts all ranks, hands SIGTERM and SIGINT on, reaps them and owns state.json meanwhile. Ranks die with the launcher
/// (PR_SET_PDEATHSIG). The first rank that fails names the exit; the others have 2 s, then SIGKILL. Blocks until all are reaped.
Result<RunExit> launchRanks(const RunFolder& run, const std::vector<RankCommand>& ranks);

}  // namespace moescope
