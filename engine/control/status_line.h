// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What rank 0 tells its launcher through a pipe: one JSON line for each change.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/run/run_folder.h"

namespace moescope {

/// Names of the variables that a launcher sets for rank 0 and for all ranks.
inline constexpr const char* kStatusDescriptor = "MOESCOPE_STATUS_FD";
inline constexpr const char* kStartTime = "MOESCOPE_START_TIME";  ///< the launcher's; the epoch of commands

/// State, step, checkpoint and exit on one line with its line end, shorter than PIPE_BUF: one write is one line.
std::string statusLine(const RunStatus& status);

/// Takes these four over into `status`; false when the line is none.
bool readStatusLine(std::string_view line, RunStatus& status);

}  // namespace moescope
