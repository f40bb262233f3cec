// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What a person set, as a flat list of dotted keys with their places: from the JSON text and from the command line.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json_text.h"
#include "engine/config/read_config.h"

namespace moescope {

struct Setting {
    JsonNode value;
    std::string file;  ///< empty: from the command line
    TextPlace place;   ///< of the key

    bool typed() const { return file.empty(); }
};

struct Settings {
    std::map<std::string, Setting> text, overrides;  ///< by dotted key
    std::vector<Issue> errors;
    bool complete = true;  ///< false: the text could be read only in part
};

/// Flattens sections, the slots of `routing` and its named losses and hooks; everything below is a value. Unknown keys
/// come out like known ones. A short `"selector": "top-k"` becomes `routing.selector.part`.
Settings readSettings(std::string_view json, std::string_view name, const std::vector<std::string>& overrides);

/// Text and overrides as one: an override replaces its key and all below it, and revives a loss that the text removes
/// by null.
std::map<std::string, Setting> mergedSettings(const Settings& settings);

}  // namespace moescope
