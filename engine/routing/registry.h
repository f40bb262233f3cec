// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The table of routing parts and recipes. No LibTorch header: the command line and `describe` need only this.
#pragma once

#include <filesystem>

#include "engine/base/result.h"
#include "engine/config/catalog.h"

namespace moescope {

/// All registered parts, and the recipes of `resources`/methods/*.json plus those of the user's folder
/// ($XDG_DATA_HOME/moescope/methods). A recipe that names an unknown part or field is an error with file and line.
Result<Catalog> routingCatalog(const std::filesystem::path& resources);

/// Where recipes, presets and icons lie: beside the program (installed) or in the source tree (built);
/// MOESCOPE_RESOURCES wins.
std::filesystem::path resourceFolder();

}  // namespace moescope
