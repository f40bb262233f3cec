// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/read_config.h"

#include <algorithm>

#include "engine/base/file_system.h"
#include "engine/base/nearest.h"
#include "engine/base/utf8.h"
#include "engine/config/bound_field.h"
#include "engine/config/reading.h"
#include "engine/config/value_text.h"

namespace moescope {

namespace {

const Setting* placeOfKey(const Reading& reading, const std::string& key)
{
    if (const auto exact = reading.settings.find(key); exact != reading.settings.end())
        return &exact->second;
    const std::string container = key.substr(0, key.rfind('.')) + '.';
    const auto near = reading.settings.lower_bound(container);
    const bool named = container.starts_with("routing.losses.") || container.starts_with("routing.hooks.");
    return named && near != reading.settings.end() && near->first.starts_with(container) ? &near->second : nullptr;
}

Issue issueAt(const Reading& reading, const std::string& key, std::string reason, std::string remedy)
{
    Issue issue{"", 0, 0, printable(key), std::move(reason), std::move(remedy)};
    if (const Setting* setting = placeOfKey(reading, key)) {
        issue.file = setting->file;
        issue.line = setting->place.line;
        issue.column = setting->place.column;
    }
    return issue;
}

std::vector<std::string> knownKeys()
{
    std::vector<std::string> keys;
    for (const BoundSection& section : boundSections()) {
        if (!section.key.empty())
            keys.push_back(section.key);
        for (const BoundField& bound : section.fields)
            keys.push_back(dottedKey(section.key, bound.field.key));
    }
    keys.insert(keys.end(), {"routing", "routing.recipe"});
    return keys;
}

void readFields(Reading& reading)
{
    for (const auto& [key, setting] : reading.settings) {
        if (key.starts_with("routing."))
            continue;
        const BoundField* bound = findBoundField(key);
        if (bound == nullptr) {
            const std::string near = nearestWord(key, knownKeys());
            reading.error(key, "unknown key",
                near.empty() ? "moescope-engine describe lists all keys" : "did you mean " + near + "?");
        } else if (auto value = readValue(bound->field, setting.value, setting.typed())) {
            bound->set(reading.result.config, *value);
        } else {
            reading.error(key, value.error().reason, value.error().remedy);
        }
    }
}

void noteDropped(Reading& reading, const std::vector<std::string>& dropped)
{
    if (!dropped.empty())
        reading.notice("routing.recipe", "settings of the recipe before are dropped: " + listText(dropped, "and"),
            "set them again if they are meant");
}

void sortByPlace(std::vector<Issue>& issues)
{
    std::ranges::stable_sort(issues, [](const Issue& a, const Issue& b) {
        if (a.file.empty() != b.file.empty())
            return b.file.empty();  // the file first, then the command line
        return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
}

}  // namespace

void Reading::error(const std::string& key, std::string reason, std::string remedy)
{
    wrongKeys.insert(key);
    result.errors.push_back(issueAt(*this, key, std::move(reason), std::move(remedy)));
}

void Reading::notice(const std::string& key, std::string reason, std::string remedy)
{
    Issue issue = issueAt(*this, key, std::move(reason), std::move(remedy));
    issue.notice = true;
    result.notices.push_back(std::move(issue));
}

void deriveDefaults(Reading& reading)
{
    RunConfig& config = reading.result.config;
    const std::int64_t active = choicesOf(config.routing, reading.catalog) + config.model.numSharedExperts;
    if (!reading.isSet("model.num_kv_heads"))
        config.model.numKvHeads = config.model.numHeads;
    if (!reading.isSet("model.expert_size"))
        config.model.expertSize = std::max<std::int64_t>(1, 4 * config.model.hiddenSize / active);
    if (!reading.isSet("model.dense_size"))
        config.model.denseSize = config.model.expertSize * active;
    if (!reading.isSet("probe.positions"))
        config.probe.positions = std::min(config.probe.positions, config.model.context);
    if (config.name.empty())
        config.name = config.routing.recipe;
}

std::string toText(const Issue& issue)
{
    std::string text = issue.file.empty() ? "" : printable(issue.file) + ':';
    if (issue.line > 0)
        text += std::to_string(issue.line) + ':' + std::to_string(issue.column) + ':';
    text += (text.empty() ? "" : " ") + (issue.key.empty() ? "" : issue.key + ": ") + issue.reason;
    return issue.remedy.empty() ? text : text + "; " + issue.remedy;
}

ConfigReading readConfig(
    std::string_view json, std::string_view name, const std::vector<std::string>& overrides, const Catalog& catalog)
{
    Settings settings = readSettings(json, name, overrides);
    const std::vector<std::string> dropped = dropForeignRouting(settings, catalog);
    Reading reading{catalog, mergedSettings(settings), {}, {}};
    reading.result.errors = std::move(settings.errors);
    for (const Issue& issue : reading.result.errors)
        reading.wrongKeys.insert(issue.key);
    noteDropped(reading, dropped);
    readFields(reading);
    resolveRouting(reading);
    deriveDefaults(reading);
    if (settings.complete)
        checkRules(reading);
    sortByPlace(reading.result.errors);
    return std::move(reading.result);
}

ConfigReading readConfigFile(
    const std::filesystem::path& file, const std::vector<std::string>& overrides, const Catalog& catalog)
{
    const Result<std::string> text = readFile(file, kMaxJsonBytes);
    if (text)
        return readConfig(*text, file.string(), overrides, catalog);
    ConfigReading reading;
    reading.errors.push_back({"", 0, 0, "", text.error().text, ""});
    return reading;
}

Error toError(const ConfigReading& reading)
{
    std::string text;
    for (const Issue& issue : reading.errors)
        text += (text.empty() ? "" : "\n") + toText(issue);
    return {ErrorKind::User, text};
}

}  // namespace moescope
