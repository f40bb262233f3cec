// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One rank as a child process: started so that it dies with us, and its log shown as it grows.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

#include "engine/base/result.h"
#include "engine/control/launcher.h"

namespace moescope {

/// Starts the program in a process group of its own `group` (0 = a new one), with the stop signals blocked and SIGKILL
/// on our death. `inherited` is a descriptor that stays open in it, or -1. Returns its pid, or why the program could
/// not be executed.
Result<pid_t> startRank(
    const RankCommand& command, const std::vector<std::string>& environment, pid_t group, int inherited);

/// Copies what a file gained to standard error, as far as that takes it without waiting.
class LogEcho {
public:
    explicit LogEcho(const std::filesystem::path& log);  ///< begins at its present end
    ~LogEcho();
    LogEcho(LogEcho&& other) noexcept;
    LogEcho& operator=(LogEcho&&) = delete;

    void copy();

private:
    int m_descriptor = -1;
};

}  // namespace moescope
