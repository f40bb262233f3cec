// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/catalog_json.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/config/field_json.h"
#include "engine/config/routing_slots.h"
#include "engine/config/schema.h"

namespace moescope {

namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr int kDescriptionVersion = 1;

OrderedJson jsonOfTraits(const std::vector<Trait>& traits)
{
    OrderedJson json = OrderedJson::array();
    for (const Trait trait : traits)
        json.push_back(traitName(trait));
    return json;
}

OrderedJson jsonOfConditions(const std::vector<ConditionalTrait>& traits)
{
    OrderedJson json = OrderedJson::array();
    for (const ConditionalTrait& conditional : traits) {
        OrderedJson when = OrderedJson::array();
        for (const TraitCondition& condition : conditional.when) {
            if (condition.oneOf.empty())
                when.push_back({{"key", condition.key}, {"above", condition.above}});
            else
                when.push_back({{"key", condition.key}, {"one_of", condition.oneOf}});
        }
        json.push_back({{"trait", traitName(conditional.trait)}, {"when", when}});
    }
    return json;
}

std::vector<ConditionalTrait> conditionsOfJson(const OrderedJson& json)
{
    std::vector<ConditionalTrait> traits;
    for (const OrderedJson& item : json) {
        ConditionalTrait conditional;
        for (const Trait trait : kTraits)
            if (traitName(trait) == item.at("trait").get<std::string>())
                conditional.trait = trait;
        for (const OrderedJson& condition : item.at("when"))
            conditional.when.push_back({condition.at("key").get<std::string>(), condition.value("above", 0.0),
                condition.value("one_of", std::vector<std::string>{})});
        traits.push_back(std::move(conditional));
    }
    return traits;
}

OrderedJson jsonOfPart(const PartInfo& part)
{
    OrderedJson json;
    json["slot"] = slotKey(part.slot);
    json["name"] = part.name;
    json["summary"] = part.summary;
    json["formula"] = part.formula;
    json["source"] = part.source;
    json["traits"] = jsonOfTraits(part.traits);
    json["conditional_traits"] = jsonOfConditions(part.conditionalTraits);
    json["minimum_choices"] = part.minimumChoices;
    json["choices"] = part.choices;
    json["fits_dense"] = part.fitsDense;
    json["fields"] = OrderedJson::array();
    for (const Field& field : part.fields)
        json["fields"].push_back(jsonOfField(field));
    return json;
}

PartInfo partOfJson(const OrderedJson& json)
{
    PartInfo part;
    const auto slot = json.at("slot").get<std::string>();
    for (const Slot candidate : kSlots)
        if (slotKey(candidate) == slot)
            part.slot = candidate;
    part.name = json.at("name").get<std::string>();
    part.summary = json.at("summary").get<std::string>();
    part.formula = json.at("formula").get<std::string>();
    part.source = json.at("source").get<std::string>();
    part.minimumChoices = json.at("minimum_choices").get<std::int64_t>();
    part.choices = json.at("choices").get<std::int64_t>();
    part.fitsDense = json.at("fits_dense").get<bool>();
    const auto traits = json.at("traits").get<std::vector<std::string>>();
    for (const Trait trait : kTraits)
        if (std::find(traits.begin(), traits.end(), traitName(trait)) != traits.end())
            part.traits.push_back(trait);
    part.conditionalTraits = conditionsOfJson(json.at("conditional_traits"));
    for (const OrderedJson& field : json.at("fields"))
        part.fields.push_back(fieldOfJson(field));
    return part;
}

OrderedJson jsonOfSettings(const std::map<std::string, Value>& settings)
{
    OrderedJson json = OrderedJson::object();
    for (const auto& [key, value] : settings)
        json[key] = jsonOfValue(value);
    return json;
}

std::map<std::string, Value> settingsOfJson(const OrderedJson& json)
{
    std::map<std::string, Value> settings;
    for (const auto& [key, value] : json.items())
        settings[key] = valueOfJson(value);
    return settings;
}

OrderedJson jsonOfPartChoice(const PartChoice& choice)
{
    return {{"part", choice.part}, {"settings", jsonOfSettings(choice.settings)}};
}

PartChoice partChoiceOfJson(const OrderedJson& json)
{
    return {json.at("part").get<std::string>(), settingsOfJson(json.at("settings"))};
}

OrderedJson jsonOfRecipe(const RecipeInfo& recipe, const Catalog& catalog)
{
    OrderedJson json;
    json["id"] = recipe.id;
    json["title"] = recipe.title;
    json["summary"] = recipe.summary;
    json["paper"] = recipe.paper;
    json["code"] = recipe.code;
    json["differences"] = recipe.differences;
    json["research_only"] = recipe.researchOnly;
    json["traits"] = jsonOfTraits(traitsOf(catalog, recipe));
    for (const Slot slot : kSingleSlots)
        json[std::string(slotKey(slot))] = jsonOfPartChoice(singleChoice(recipe, slot));
    for (const Slot slot : {Slot::Loss, Slot::Hook}) {
        OrderedJson& named = json[std::string(slotKey(slot))] = OrderedJson::object();
        for (const auto& [name, choice] : namedChoices(recipe, slot))
            named[name] = jsonOfPartChoice(choice);
    }
    json["model"] = jsonOfSettings(recipe.model);
    json["model_defaults"] = jsonOfSettings(recipe.modelDefaults);
    return json;
}

RecipeInfo recipeOfJson(const OrderedJson& json)
{
    RecipeInfo recipe;
    recipe.id = json.at("id").get<std::string>();
    recipe.title = json.at("title").get<std::string>();
    recipe.summary = json.at("summary").get<std::string>();
    recipe.paper = json.at("paper").get<std::string>();
    recipe.code = json.at("code").get<std::string>();
    recipe.differences = json.at("differences").get<std::string>();
    recipe.researchOnly = json.at("research_only").get<std::string>();
    for (const Slot slot : kSingleSlots)
        singleChoice(recipe, slot) = partChoiceOfJson(json.at(std::string(slotKey(slot))));
    for (const Slot slot : {Slot::Loss, Slot::Hook})
        for (const auto& [name, choice] : json.at(std::string(slotKey(slot))).items())
            namedChoices(recipe, slot)[name] = partChoiceOfJson(choice);
    recipe.model = settingsOfJson(json.at("model"));
    recipe.modelDefaults = settingsOfJson(json.at("model_defaults"));
    return recipe;
}

}  // namespace

std::string writeDescription(const Catalog& catalog, std::string_view programVersion)
{
    OrderedJson json;
    json["format_version"] = kDescriptionVersion;
    json["program"] = programVersion;
    json["sections"] = OrderedJson::array();
    for (const Section& section : configSections()) {
        OrderedJson fields = OrderedJson::array();
        for (const Field& field : section.fields)
            fields.push_back(jsonOfField(field));
        json["sections"].push_back({{"key", section.key}, {"label", section.label}, {"fields", std::move(fields)}});
    }
    json["schema"] = OrderedJson::parse(writeConfigSchema(catalog));
    json["parts"] = OrderedJson::array();
    for (const PartInfo& part : catalog.parts)
        json["parts"].push_back(jsonOfPart(part));
    json["recipes"] = OrderedJson::array();
    for (const RecipeInfo& recipe : catalog.recipes)
        json["recipes"].push_back(jsonOfRecipe(recipe, catalog));
    return json.dump(1, ' ', false, OrderedJson::error_handler_t::replace) + '\n';
}

Result<Catalog> readDescription(std::string_view json)
{
    try {
        const auto root = OrderedJson::parse(json);
        if (root.at("format_version").get<int>() > kDescriptionVersion)
            return fail(ErrorKind::Data,
                "The engine's description has format version " + root.at("format_version").dump()
                    + ", this program knows up to 1: the engine is newer; install both from one build.");
        Catalog catalog;
        for (const OrderedJson& part : root.at("parts"))
            catalog.parts.push_back(partOfJson(part));
        for (const OrderedJson& recipe : root.at("recipes"))
            catalog.recipes.push_back(recipeOfJson(recipe));
        return catalog;
    } catch (const nlohmann::json::exception& error) {
        return fail(ErrorKind::Data,
            "The engine's description cannot be read (" + std::string(error.what())
                + "): is it moescope-engine of the same build? Run `moescope-engine describe --json` to see it.");
    }
}

}  // namespace moescope
