// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <nlohmann/json.hpp>

#include "engine/config/catalog_json.h"
#include "engine/config/field_json.h"
#include "engine/config/routing_slots.h"
#include "engine/config/schema.h"

namespace moescope {

namespace {

using OrderedJson = nlohmann::ordered_json;

std::string_view schemaType(FieldType type)
{
    switch (type) {
    case FieldType::Switch:
        return "boolean";
    case FieldType::Integer:
        return "integer";
    case FieldType::Number:
        return "number";
    case FieldType::IntegerList:
        return "array";
    default:
        return "string";
    }
}

OrderedJson schemaOfField(const Field& field, std::size_t order)
{
    OrderedJson json;
    json["type"] = schemaType(field.type);
    json["title"] = field.label;
    json["description"] = field.help;
    json["default"] = jsonOfValue(field.fallback);
    if (!field.choices.empty())
        json["enum"] = field.choices;
    if (field.type == FieldType::IntegerList)
        json["items"] = {{"type", "integer"}};
    if (std::isfinite(field.minimum))
        json["minimum"] = field.minimum;
    if (std::isfinite(field.maximum))
        json["maximum"] = field.maximum;
    if (!field.unit.empty())
        json["x-unit"] = field.unit;
    if (!field.follows.empty())
        json["x-follows"] = field.follows;
    json["x-order"] = order;
    json["x-advanced"] = field.advanced;
    json["x-resumable"] = field.resumable;
    return json;
}

OrderedJson schemaOfFields(const std::vector<Field>& fields)
{
    OrderedJson json = OrderedJson::object();
    for (std::size_t i = 0; i < fields.size(); ++i)
        json[fields[i].key] = schemaOfField(fields[i], i);
    return json;
}

OrderedJson closedObject(OrderedJson properties)
{
    OrderedJson json;
    json["type"] = "object";
    json["properties"] = std::move(properties);
    json["additionalProperties"] = false;
    return json;
}

/// The part's name, or an object whose fields depend on it.
OrderedJson schemaOfSlot(const Catalog& catalog, Slot slot)
{
    OrderedJson names = OrderedJson::array(), conditions = OrderedJson::array();
    for (const PartInfo& part : catalog.parts) {
        if (part.slot != slot)
            continue;
        names.push_back(part.name);
        OrderedJson properties = schemaOfFields(part.fields);
        properties["part"] = true;
        OrderedJson condition;
        condition["if"] = {{"properties", {{"part", {{"const", part.name}}}}}, {"required", {"part"}}};
        condition["then"] = closedObject(std::move(properties));
        conditions.push_back(std::move(condition));
    }
    OrderedJson object;
    object["type"] = "object";
    object["properties"] = {{"part", {{"enum", names}}}};
    if (!conditions.empty())
        object["allOf"] = std::move(conditions);
    OrderedJson name;
    name["enum"] = std::move(names);
    return {{"anyOf", {name, object}}};
}

OrderedJson schemaOfRouting(const Catalog& catalog)
{
    OrderedJson ids = OrderedJson::array(), forms = OrderedJson::array();
    for (const RecipeInfo& recipe : catalog.recipes) {
        ids.push_back(recipe.id);
        if (!recipe.onTopOf.empty())
            forms.push_back({{"type", "string"}, {"pattern", '^' + recipe.id + "\\+"}});
    }
    OrderedJson properties;
    properties["recipe"] = {{"default", "smoe"}, {"title", "Recipe"}};
    if (forms.empty()) {
        properties["recipe"]["enum"] = std::move(ids);
    } else {
        forms.insert(forms.begin(), OrderedJson{{"enum", std::move(ids)}});
        properties["recipe"]["anyOf"] = std::move(forms);
    }
    for (const Slot slot : kSingleSlots)
        properties[std::string(slotKey(slot))] = schemaOfSlot(catalog, slot);
    for (const Slot slot : {Slot::Loss, Slot::Hook}) {
        OrderedJson named = schemaOfSlot(catalog, slot);
        named["anyOf"].push_back({{"type", "null"}});
        properties[std::string(slotKey(slot))] = {{"type", "object"}, {"additionalProperties", std::move(named)}};
    }
    return closedObject(std::move(properties));
}

}  // namespace

std::string writeConfigSchema(const Catalog& catalog)
{
    OrderedJson properties = OrderedJson::object();
    for (const Section& section : configSections()) {
        OrderedJson fields = schemaOfFields(section.fields);
        if (section.key.empty()) {
            properties.update(fields);
            continue;
        }
        properties[section.key] = closedObject(std::move(fields));
        properties[section.key]["title"] = section.label;
        if (section.key == "model")
            properties["routing"] = schemaOfRouting(catalog);
    }
    OrderedJson json = closedObject(std::move(properties));
    json["$schema"] = "http://json-schema.org/draft-07/schema#";
    json["title"] = "Moescope configuration";
    return json.dump(1) + '\n';
}

}  // namespace moescope
