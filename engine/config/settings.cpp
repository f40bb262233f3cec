// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/settings.h"

#include <algorithm>

#include "engine/base/utf8.h"
#include "engine/config/bound_field.h"
#include "engine/config/routing_slots.h"

namespace moescope {

namespace {

enum class KeyKind { Value, Container, Part, Named };  ///< Part: a slot; Named: one loss or hook, may be null

KeyKind kindOfKey(std::string_view key)
{
    if (key.empty() || key == "routing" || key == "routing.losses" || key == "routing.hooks")
        return KeyKind::Container;
    for (const BoundSection& section : boundSections())
        if (key == section.key)
            return KeyKind::Container;
    for (const Slot slot : kSingleSlots)
        if (key == dottedKey("routing", slotKey(slot)))
            return KeyKind::Part;
    for (const Slot slot : {Slot::Loss, Slot::Hook}) {
        const std::string prefix = dottedKey("routing", slotKey(slot)) + '.';
        if (key.starts_with(prefix) && key.find('.', prefix.size()) == std::string_view::npos)
            return KeyKind::Named;
    }
    return KeyKind::Value;
}

class SettingsReader {
public:
    SettingsReader(std::string_view file, std::map<std::string, Setting>& into, std::vector<Issue>& errors)
        : m_file(file)
        , m_into(into)
        , m_errors(errors)
    {
    }

    void take(const std::string& key, const JsonNode& value, TextPlace place)
    {
        if (key == "compare" && !m_file.empty())
            return;  // config/comparison.h reads it
        const KeyKind kind = kindOfKey(key);
        if (kind == KeyKind::Value || (kind == KeyKind::Named && value.kind == JsonKind::Null)) {
            put(key, value, place);
        } else if (value.kind == JsonKind::Object) {
            for (const JsonMember& member : value.members)
                take(dottedKey(key, member.key), member.value, m_file.empty() ? place : member.place);
        } else if (kind != KeyKind::Container && value.kind == JsonKind::Text) {
            put(key + ".part", value, place);
        } else {
            m_errors.push_back({m_file, place.line, place.column, key,
                std::string(jsonKindName(value.kind)) + " stands where "
                    + (key.empty() ? "the configuration" : "a section") + " should be",
                R"(write an object in braces: {"key": value})"});
        }
    }

private:
    void put(const std::string& key, const JsonNode& value, TextPlace place)
    {
        if (value.wrong)
            return nameProblem(key, value.place);
        const bool fresh = m_into.insert_or_assign(key, Setting{value, m_file, place}).second;
        if (!fresh && !m_file.empty())
            m_errors.push_back(
                {m_file, place.line, place.column, key, "this key is set twice", "remove one of the two"});
    }

    /// The text's problem at this place is about this key.
    void nameProblem(const std::string& key, TextPlace place)
    {
        for (Issue& issue : m_errors)
            if (issue.file == m_file && TextPlace{issue.line, issue.column} == place)
                issue.key = key;
    }

    std::string m_file;
    std::map<std::string, Setting>& m_into;
    std::vector<Issue>& m_errors;
};

void readOverride(const std::string& text, Settings& settings)
{
    const std::size_t equals = text.find('=');
    const std::string key = text.substr(0, equals);
    const auto refuse = [&](std::string reason, std::string remedy) {
        settings.errors.push_back({"", 0, 0, printable(key.substr(0, 200)), std::move(reason), std::move(remedy)});
    };
    if (equals == std::string::npos || equals == 0)
        return refuse("this is no setting", "write key=value, such as model.num_experts=16");
    if (firstInvalidUtf8(text) != std::string_view::npos)
        return refuse("the setting is no valid UTF-8", "use names in UTF-8");
    const std::string value = text.substr(equals + 1);
    JsonReading reading = readJsonText(value);
    if (!reading.complete || !reading.problems.empty()) {
        reading.root = JsonNode{};
        reading.root.kind = JsonKind::Text;
    }
    const bool quoted = reading.root.kind == JsonKind::Text && value.starts_with('"') && reading.complete;
    if (!quoted)
        reading.root.text = value;  // true, null and [1, 2] may be meant as texts: the field decides
    SettingsReader("", settings.overrides, settings.errors).take(key, reading.root, {});
}

bool isBelow(std::string_view key, std::string_view container)
{
    return key.size() > container.size() && key.starts_with(container) && key[container.size()] == '.';
}

}  // namespace

Settings readSettings(std::string_view json, std::string_view name, const std::vector<std::string>& overrides)
{
    Settings settings;
    const JsonReading reading = readJsonText(json);
    const std::string file(name.empty() ? "configuration" : name);
    for (const JsonProblem& problem : reading.problems)
        settings.errors.push_back({file, problem.place.line, problem.place.column, "", problem.reason, problem.remedy});
    settings.complete = reading.complete;
    if (reading.complete || reading.root.kind == JsonKind::Object)
        SettingsReader(file, settings.text, settings.errors).take("", reading.root, reading.root.place);
    for (const std::string& text : overrides)
        readOverride(text, settings);
    return settings;
}

std::map<std::string, Setting> mergedSettings(const Settings& settings)
{
    std::map<std::string, Setting> merged = settings.text;
    for (const auto& [key, setting] : settings.overrides) {
        std::erase_if(merged, [&](const auto& item) {
            const bool revived = item.second.value.kind == JsonKind::Null && isBelow(key, item.first);
            return isBelow(item.first, key) || (revived && kindOfKey(item.first) == KeyKind::Named);
        });
        merged.insert_or_assign(key, setting);
    }
    return merged;
}

}  // namespace moescope
