// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Text in, a checked RunConfig or all errors at once out; and the resolved form back as text.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/catalog.h"
#include "engine/config/run_config.h"

namespace moescope {

/// One thing that is wrong, with its place.
struct Issue {
    std::string file;          ///< empty for a command-line override
    int line = 0, column = 0;  ///< from 1; 0 = no place
    std::string key;           ///< dotted: "model.hidden_size"
    std::string reason;        ///< what is wrong, the value and the allowed range
    std::string remedy;        ///< what to do, with the nearest known key
    bool notice = false;       ///< nothing wrong, but said: routing keys dropped with the recipe before, …

    friend bool operator==(const Issue&, const Issue&) = default;
};

/// "demo.json:4:5: model.hiden_size: unknown key; did you mean model.hidden_size?"
std::string toText(const Issue& issue);

struct ConfigReading {
    RunConfig config;  ///< meaningful only when ok()
    std::vector<Issue> errors;
    std::vector<Issue> notices;

    bool ok() const { return errors.empty(); }
};

/// Reads JSON (comments allowed; at most 1 MiB and 64 levels) and dotted overrides `key=value`, fills in every default,
/// applies the recipe, and checks ranges and cross-field rules. The object `compare` of a comparison preset is left out
/// (config/comparison.h). Never throws; `name` stands in the messages.
ConfigReading readConfig(
    std::string_view json, std::string_view name, const std::vector<std::string>& overrides, const Catalog& catalog);

/// The same from a file. A missing or unreadable file is one error.
ConfigReading readConfigFile(
    const std::filesystem::path& file, const std::vector<std::string>& overrides, const Catalog& catalog);

/// The resolved form: every default spelled out, keys in the order of the form. readConfig(writeConfig(c)) gives c.
std::string writeConfig(const RunConfig& config, const Catalog& catalog);

/// All errors as one Error of kind User, for a command that cannot go on.
Error toError(const ConfigReading& reading);

}  // namespace moescope
