// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// run.json and state.json as text and back.
#pragma once

#include <filesystem>
#include <string>

#include "engine/run/run_folder.h"

namespace moescope {

std::string toJson(const RunIdentity& identity);
std::string toJson(const RunStatus& status);

/// Errors name file, line and column. Unknown members are left alone: later versions add some.
Result<RunIdentity> readRunIdentity(const std::filesystem::path& file);
Result<RunStatus> readRunStatus(const std::filesystem::path& file);

}  // namespace moescope
