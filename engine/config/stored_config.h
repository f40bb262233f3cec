// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The config.json of a run folder: read back, and changed at resume where that is allowed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/catalog.h"
#include "engine/config/run_config.h"

namespace moescope {

/// Reads a stored configuration; `name` (its path) stands in the messages. A bad one is an error of kind Data: the
/// folder is damaged, or it was written by a build with other parts.
Result<RunConfig> readStoredConfig(std::string_view json, std::string_view name, const Catalog& catalog);

/// The stored configuration with overrides. Only fields marked resumable may get another value; everything else, and
/// every error in an override, is an error of kind User that names all of them. An override that repeats the stored
/// value is allowed.
Result<RunConfig> readResumedConfig(
    std::string_view json, std::string_view name, const std::vector<std::string>& overrides, const Catalog& catalog);

/// Keys that differ, with both values: "model.hidden_size: 128 -> 64". Routing counts as one key.
struct ConfigDifference {
    std::string key, before, after;
    bool resumable = false;

    friend bool operator==(const ConfigDifference&, const ConfigDifference&) = default;
};
std::vector<ConfigDifference> differencesOf(const RunConfig& before, const RunConfig& after);

}  // namespace moescope
