// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Where a new run goes.
#pragma once

#include <filesystem>
#include <string>

#include "engine/base/result.h"

namespace moescope {

/// $XDG_DATA_HOME/moescope/runs/NAME-TIME, with a number behind it when that exists. Signs that make trouble in paths
/// become "-".
std::filesystem::path defaultRunPath(const std::string& name);

/// An error of kind Data that suggests `resume` when the folder exists and is not empty, or when a file stands there.
Result<void> checkNewRunPath(const std::filesystem::path& path);

}  // namespace moescope
