// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A configuration while it is being read: the settings, the result so far, and who complains where.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/config/read_config.h"
#include "engine/config/settings.h"

namespace moescope {

struct Reading {
    const Catalog& catalog;
    std::map<std::string, Setting> settings;  ///< merged; by dotted key
    ConfigReading result;
    std::set<std::string> wrongKeys;  ///< have an error already: rules that need them are not checked

    bool isSet(const std::string& key) const { return settings.contains(key); }

    /// At the place of `key` if it was set, else without a place.
    void error(const std::string& key, std::string reason, std::string remedy);
    void notice(const std::string& key, std::string reason, std::string remedy);
};

/// Reads `routing.recipe` and every `routing.*` setting into result.config.routing; unknown ones become errors.
void resolveRouting(Reading& reading);

/// Drops the routing settings of the text, and the model settings that its recipe fixed, when the command line changes
/// the recipe. Returns the dropped keys.
std::vector<std::string> dropForeignRouting(Settings& settings, const Catalog& catalog);

/// Defaults that follow other fields, for the fields that nobody set.
void deriveDefaults(Reading& reading);

/// Rules between fields: heads divide the width, k <= experts, the batch divides, …
void checkRules(Reading& reading);

}  // namespace moescope
