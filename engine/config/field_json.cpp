// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/field_json.h"

#include <cmath>

#include <nlohmann/json.hpp>

namespace moescope {

namespace {

constexpr FieldType kFieldTypes[] = {FieldType::Switch, FieldType::Integer, FieldType::Number, FieldType::Choice,
    FieldType::Text, FieldType::Path, FieldType::IntegerList};

}  // namespace

nlohmann::ordered_json jsonOfValue(const Value& value)
{
    return std::visit([](const auto& plain) { return nlohmann::ordered_json(plain); }, value);
}

Value valueOfJson(const nlohmann::ordered_json& json)
{
    if (json.is_boolean())
        return json.get<bool>();
    if (json.is_number_integer())
        return json.get<std::int64_t>();
    if (json.is_number())
        return json.get<double>();
    if (json.is_array())
        return json.get<std::vector<std::int64_t>>();
    return json.get<std::string>();
}

std::string_view fieldTypeName(FieldType type)
{
    switch (type) {
    case FieldType::Switch:
        return "switch";
    case FieldType::Integer:
        return "integer";
    case FieldType::Number:
        return "number";
    case FieldType::Choice:
        return "choice";
    case FieldType::Text:
        return "text";
    case FieldType::Path:
        return "path";
    case FieldType::IntegerList:
        break;
    }
    return "integer_list";
}

nlohmann::ordered_json jsonOfField(const Field& field)
{
    nlohmann::ordered_json json;
    json["key"] = field.key;
    json["label"] = field.label;
    json["type"] = fieldTypeName(field.type);
    json["default"] = jsonOfValue(field.fallback);
    if (!field.unit.empty())
        json["unit"] = field.unit;
    if (std::isfinite(field.minimum))
        json["minimum"] = field.minimum;
    if (std::isfinite(field.maximum))
        json["maximum"] = field.maximum;
    if (!field.choices.empty())
        json["choices"] = field.choices;
    if (!field.follows.empty())
        json["follows"] = field.follows;
    json["help"] = field.help;
    json["resumable"] = field.resumable;
    json["advanced"] = field.advanced;
    return json;
}

Field fieldOfJson(const nlohmann::ordered_json& json)
{
    Field field;
    field.key = json.at("key").get<std::string>();
    field.label = json.at("label").get<std::string>();
    const auto type = json.at("type").get<std::string>();
    for (const FieldType candidate : kFieldTypes)
        if (fieldTypeName(candidate) == type)
            field.type = candidate;
    field.fallback = valueOfJson(json.at("default"));
    field.unit = json.value("unit", "");
    field.minimum = json.value("minimum", field.minimum);
    field.maximum = json.value("maximum", field.maximum);
    field.choices = json.value("choices", field.choices);
    field.follows = json.value("follows", "");
    field.help = json.at("help").get<std::string>();
    field.resumable = json.at("resumable").get<bool>();
    field.advanced = json.at("advanced").get<bool>();
    return field;
}

}  // namespace moescope
