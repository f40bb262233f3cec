// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The resolved configuration of a run: how it gets into its folder and out of it. createRun stands in commands.h.
#pragma once

#include "engine/base/result.h"
#include "engine/config/run_config.h"
#include "engine/run/run_folder.h"

namespace moescope {

class FileSystem;

/// config.json as a RunConfig. A damaged one is an error of kind Data.
Result<RunConfig> configOf(const RunFolder& run);

/// Replaces config.json, after a live setting changed.
Result<void> storeConfig(FileSystem& files, const RunFolder& run, const RunConfig& config);

}  // namespace moescope
