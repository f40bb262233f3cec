// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/stored_config.h"

#include "engine/config/bound_field.h"
#include "engine/config/read_config.h"
#include "engine/config/routing_slots.h"
#include "engine/config/value_text.h"

namespace moescope {

namespace {

std::string choiceText(const PartChoice& choice)
{
    std::string text = choice.part;
    for (const auto& [key, value] : choice.settings)
        text += ' ' + key + '=' + valueText(value);
    return text;
}

void compareChoices(
    const std::string& key, const PartChoice* before, const PartChoice* after, std::vector<ConfigDifference>& into)
{
    const std::string was = before == nullptr ? "none" : choiceText(*before);
    const std::string is = after == nullptr ? "none" : choiceText(*after);
    if (was != is)
        into.push_back({key, was, is, false});
}

const PartChoice* findChoice(const std::map<std::string, PartChoice>& choices, const std::string& name)
{
    const auto found = choices.find(name);
    return found == choices.end() ? nullptr : &found->second;
}

void compareRouting(const RoutingConfig& before, const RoutingConfig& after, std::vector<ConfigDifference>& into)
{
    if (before.recipe != after.recipe)
        into.push_back({"routing.recipe", before.recipe, after.recipe, false});
    for (const Slot slot : kSingleSlots)
        compareChoices(
            dottedKey("routing", slotKey(slot)), &singleChoice(before, slot), &singleChoice(after, slot), into);
    for (const Slot slot : {Slot::Loss, Slot::Hook}) {
        std::map<std::string, PartChoice> all = namedChoices(before, slot);
        all.insert(namedChoices(after, slot).begin(), namedChoices(after, slot).end());
        for (const auto& [name, choice] : all)
            compareChoices(dottedKey(dottedKey("routing", slotKey(slot)), name),
                findChoice(namedChoices(before, slot), name), findChoice(namedChoices(after, slot), name), into);
    }
}

}  // namespace

std::vector<ConfigDifference> differencesOf(const RunConfig& before, const RunConfig& after)
{
    std::vector<ConfigDifference> differences;
    for (const BoundSection& section : boundSections())
        for (const BoundField& bound : section.fields)
            if (bound.get(before) != bound.get(after))
                differences.push_back({dottedKey(section.key, bound.field.key), valueText(bound.get(before)),
                    valueText(bound.get(after)), bound.field.resumable});
    compareRouting(before.routing, after.routing, differences);
    return differences;
}

Result<RunConfig> readStoredConfig(std::string_view json, std::string_view name, const Catalog& catalog)
{
    const ConfigReading reading = readConfig(json, name, {}, catalog);
    if (!reading.ok())
        return fail(ErrorKind::Data,
            "The run's configuration cannot be used: it is damaged, or this build lacks parts that it names.\n"
                + toError(reading).text);
    return reading.config;
}

Result<RunConfig> readResumedConfig(
    std::string_view json, std::string_view name, const std::vector<std::string>& overrides, const Catalog& catalog)
{
    const Result<RunConfig> before = readStoredConfig(json, name, catalog);
    if (!before)
        return before;
    const ConfigReading after = readConfig(json, name, overrides, catalog);
    if (!after.ok())
        return tl::make_unexpected(toError(after));
    std::string refused;
    for (const ConfigDifference& difference : differencesOf(*before, after.config))
        if (!difference.resumable)
            refused += '\n' + difference.key + ": cannot change from " + difference.before + " to " + difference.after;
    if (!refused.empty())
        return fail(ErrorKind::User,
            "Only training.steps, training.flops, *.every and record.* may change when a run is resumed; start a new "
            "run for anything "
            "else:"
                + refused);
    return after.config;
}

}  // namespace moescope
