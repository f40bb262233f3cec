// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "engine/config/bound_field.h"
#include "engine/config/compose_recipe.h"
#include "engine/config/field_json.h"
#include "engine/config/read_config.h"
#include "engine/config/routing_slots.h"

namespace moescope {

namespace {

using OrderedJson = nlohmann::ordered_json;

/// Settings in the order of the part's fields; what the catalog does not know comes last.
OrderedJson jsonOfChoice(const PartChoice& choice, const PartInfo* part)
{
    OrderedJson json = OrderedJson::object();
    json["part"] = choice.part;
    if (part != nullptr)
        for (const Field& field : part->fields)
            if (const auto found = choice.settings.find(field.key); found != choice.settings.end())
                json[field.key] = jsonOfValue(found->second);
    for (const auto& [key, value] : choice.settings)
        if (!json.contains(key))
            json[key] = jsonOfValue(value);
    return json;
}

OrderedJson jsonOfRouting(const RoutingConfig& routing, const Catalog& catalog)
{
    OrderedJson json = OrderedJson::object();
    json["recipe"] = routing.recipe;
    for (const Slot slot : kSingleSlots) {
        const PartChoice& choice = singleChoice(routing, slot);
        json[std::string(slotKey(slot))] = jsonOfChoice(choice, catalog.part(slot, choice.part));
    }
    const auto recipe = findRecipe(catalog, routing.recipe);
    for (const Slot slot : {Slot::Loss, Slot::Hook}) {
        OrderedJson& named = json[std::string(slotKey(slot))] = OrderedJson::object();
        for (const auto& [name, choice] : namedChoices(routing, slot))
            named[name] = jsonOfChoice(choice, catalog.part(slot, choice.part));
        if (!recipe)
            continue;
        for (const auto& [name, choice] : namedChoices(*recipe, slot))
            if (!named.contains(name))
                named[name] = nullptr;  // the recipe has it, this run does not
    }
    return json;
}

}  // namespace

std::string writeConfig(const RunConfig& config, const Catalog& catalog)
{
    OrderedJson json = OrderedJson::object();
    for (const BoundSection& section : boundSections()) {
        OrderedJson& into = section.key.empty() ? json : json[section.key] = OrderedJson::object();
        for (const BoundField& bound : section.fields)
            into[bound.field.key] = jsonOfValue(bound.get(config));
        if (section.key == "model")
            json["routing"] = jsonOfRouting(config.routing, catalog);
    }
    return json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) + '\n';
}

}  // namespace moescope
