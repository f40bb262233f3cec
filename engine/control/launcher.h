// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Starts the ranks of a run as processes of one group and ends the group when one of them is lost.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/run/run_folder.h"

namespace moescope {

struct RankCommand {
    std::vector<std::string> arguments;              ///< argv, the program first
    std::map<std::string, std::string> environment;  ///< added to ours
    std::filesystem::path log;                       ///< gets standard output and error of the rank, appended
    /// Standard output is ours, and the log is copied to our standard error as it grows: for the rank that shows
    /// progress.
    bool shown = false;
};

/// How long the others may take after a rank is lost before they are killed: all is over within 2 s.
inline constexpr std::chrono::milliseconds kGrace{1500};

/// Starts all ranks, hands SIGTERM, SIGINT and SIGUSR1 on, reaps the ranks and owns state.json meanwhile: a heartbeat
/// each second, what rank 0 tells (control/heartbeat.h), and the exit at the end. Ranks die with the launcher
/// (PR_SET_PDEATHSIG). When ranks fail, a killed one names the exit (code 6), else the first with a code of its own,
/// else the first that lost a peer. Call from the main thread, after blockStopSignals(). Blocks until all are reaped.
/// An error: a rank could not be started.
Result<RunExit> launchRanks(const RunFolder& run, const std::vector<RankCommand>& ranks);

}  // namespace moescope
