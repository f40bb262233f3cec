// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One line about a run for a list of runs: what it is, how far it came, whether anybody still works on it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>

#include "engine/run/run_folder.h"

namespace moescope {

struct RunDigest {
    std::filesystem::path path;
    std::string problem;  ///< why the folder cannot be read; empty = it can
    RunIdentity identity;
    RunStatus status;                    ///< as state.json has it
    bool alive = false;                  ///< a process holds the lock
    RunState state = RunState::Created;  ///< `failed` when state.json says that a process works here, but none does
    bool lost = false;                   ///< that is so: the process was killed or the machine went down
    std::int64_t steps = 0;              ///< training.steps; 0 = unknown
    double loss = std::numeric_limits<double>::quiet_NaN();  ///< newest loss/language_model in the log, else loss/total
    double bitsPerByte = std::numeric_limits<double>::quiet_NaN();  ///< newest eval/bits_per_byte
};

enum class DigestLoss { Read, Skip };

/// Reads run.json, state.json and config.json, asks for the lock, and with DigestLoss::Read the end of the newest event
/// file (at most 8 MiB of it; a loss further back stays NaN). Never fails: what is wrong stands in `problem`. Blocks
/// for these reads.
RunDigest digestRun(const std::filesystem::path& run, DigestLoss loss = DigestLoss::Read);

/// True for the states in which a process works on the run: loading, training, holding, stopping.
bool isActive(RunState state);

}  // namespace moescope
