// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Names of the event files of a run folder. The order of the names is the order in which they were written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace moescope {

/// All event files of the folder, oldest first.
Result<std::vector<std::filesystem::path>> listEventFiles(const std::filesystem::path& run);

/// `events.out.tfevents.SECONDS.HOST.PID.N` for a new file that sorts behind all that are there, whatever the clock
/// says.
Result<std::string> newEventFileName(const std::filesystem::path& run, std::int64_t now);

}  // namespace moescope
