// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Starts a program that outlives us: a session of its own, output into a file, its end known while we live.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace moescope {

/// How a process ended, as a shell would say it: exit code, or 128 + signal.
struct ProcessEnd {
    int code = 0;
    int signal = 0;  ///< 0 = it ended by itself
};

/// Starts `arguments` (argv, the program first) detached, with standard output and error appended to `log`. Returns its
/// pid.
Result<int> startDetached(const std::vector<std::string>& arguments, const std::filesystem::path& log);

/// Empty while it runs; never waits. A process is reported once.
std::optional<ProcessEnd> reap(int pid);

/// The last lines of a log, at most `limit` bytes, control characters made visible. Empty when there is nothing.
std::string logTail(const std::filesystem::path& log, std::size_t limit = 4096);

/// What a person should know about this end: "the engine crashed (signal 11)", "…".
std::string causeOfEnd(const ProcessEnd& end, const std::string& tail);

}  // namespace moescope
