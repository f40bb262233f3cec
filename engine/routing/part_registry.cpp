// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/part_registry.h"

#include <algorithm>
#include <map>
#include <utility>

#include "engine/base/check.h"

namespace moescope {

namespace {

using PartTable = std::map<std::pair<Slot, std::string>, RegisteredPart>;

PartTable& partTable()
{
    static PartTable table;  // made by the first part that registers itself
    return table;
}

template <class T> T settingAs(const PartArgs& args, std::string_view key)
{
    const auto set = args.choice.settings.find(std::string(key));
    const auto field = std::ranges::find(args.info.fields, key, &Field::key);
    MOESCOPE_CHECK(field != args.info.fields.end(), args.info.name + " has no field " + std::string(key));
    const Value& value = set == args.choice.settings.end() ? field->fallback : set->second;
    const T* typed = std::get_if<T>(&value);
    MOESCOPE_CHECK(typed != nullptr, args.info.name + '.' + std::string(key) + " has another type");
    return *typed;
}

Field partField(std::string key, std::string label, FieldType type, Value fallback, std::string help)
{
    Field field;
    field.key = std::move(key);
    field.label = std::move(label);
    field.type = type;
    field.fallback = std::move(fallback);
    field.help = std::move(help);
    return field;
}

}  // namespace

std::int64_t PartArgs::integer(std::string_view key) const { return settingAs<std::int64_t>(*this, key); }
double PartArgs::number(std::string_view key) const { return settingAs<double>(*this, key); }
bool PartArgs::flag(std::string_view key) const { return settingAs<bool>(*this, key); }
std::string PartArgs::text(std::string_view key) const { return settingAs<std::string>(*this, key); }

bool registerPart(RegisteredPart part)
{
    const PartInfo& info = part.info;
    MOESCOPE_CHECK(!info.name.empty() && !info.summary.empty() && !info.formula.empty() && !info.source.empty(),
        "a routing part tells its name, summary, formula and source: " + info.name);
    const std::pair key{info.slot, info.name};
    const std::string text = std::string(slotKey(info.slot)) + ' ' + info.name;
    MOESCOPE_CHECK(partTable().emplace(key, std::move(part)).second, "two routing parts are called " + text);
    return true;
}

std::vector<PartInfo> registeredParts()
{
    std::vector<PartInfo> parts;
    for (const auto& [key, part] : partTable())
        parts.push_back(part.info);
    return parts;
}

const RegisteredPart* findPart(Slot slot, std::string_view name)
{
    const auto found = partTable().find({slot, std::string(name)});
    return found == partTable().end() ? nullptr : &found->second;
}

Field integerField(
    std::string key, std::string label, std::int64_t fallback, double minimum, double maximum, std::string help)
{
    Field field = partField(std::move(key), std::move(label), FieldType::Integer, fallback, std::move(help));
    field.minimum = minimum;
    field.maximum = maximum;
    return field;
}

Field numberField(std::string key, std::string label, double fallback, double minimum, double maximum, std::string help)
{
    Field field = partField(std::move(key), std::move(label), FieldType::Number, fallback, std::move(help));
    field.minimum = minimum;
    field.maximum = maximum;
    return field;
}

Field switchField(std::string key, std::string label, bool fallback, std::string help)
{
    return partField(std::move(key), std::move(label), FieldType::Switch, fallback, std::move(help));
}

Field choiceField(std::string key, std::string label, std::vector<std::string> choices, std::string help)
{
    Field field = partField(std::move(key), std::move(label), FieldType::Choice, choices.front(), std::move(help));
    field.choices = std::move(choices);
    return field;
}

Field coefficientField(double fallback)
{
    return numberField("coefficient", "Coefficient", fallback, 0, 1e3,
        "How much this loss counts in the sum. The logged value is without it; 0 logs the loss and trains nothing.");
}

}  // namespace moescope
