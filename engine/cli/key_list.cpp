// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/key_list.h"

#include "engine/cli/output.h"
#include "engine/config/bound_field.h"
#include "engine/config/routing_slots.h"
#include "engine/config/value_text.h"

namespace moescope {

namespace {

std::string defaultText(const Field& field)
{
    if (!field.follows.empty())
        return "follows " + field.follows;
    const std::string text = valueText(field.fallback);
    return text.empty() ? "none" : text;
}

std::string firstSentence(const std::string& help)
{
    const std::size_t end = help.find(". ");
    return end == std::string::npos ? help : help.substr(0, end + 1);
}

std::string longEntry(const std::string& indent, const std::string& key, const Field& field)
{
    std::string text = indent + key + "\n";
    text += indent + "    " + field.help + "\n";
    text += indent + "    " + allowedText(field) + "; default: " + defaultText(field);
    if (field.resumable)
        text += "; may change at resume";
    return text + "\n";
}

std::string choiceLine(std::string_view slot, const PartChoice& choice)
{
    std::string text = "    " + padded(slot, 20) + choice.part;
    for (const auto& [key, value] : choice.settings)
        text += "  " + key + "=" + valueText(value);
    return text + "\n";
}

std::string traitText(const std::vector<Trait>& traits)
{
    std::string text;
    for (const Trait trait : traits)
        text += (text.empty() ? "" : ", ") + std::string(traitName(trait));
    return text;
}

std::string recipeText(const Catalog& catalog, const RecipeInfo& recipe)
{
    std::string text = "  " + recipe.id + ": " + recipe.title + "\n    " + recipe.summary + "\n";
    text += "    " + padded("paper", 20) + recipe.paper + "\n";
    if (!recipe.code.empty())
        text += "    " + padded("code", 20) + recipe.code + "\n";
    if (!recipe.differences.empty())
        text += "    " + padded("differences", 20) + recipe.differences + "\n";
    if (!recipe.researchOnly.empty())
        text += "    " + padded("research only", 20) + recipe.researchOnly + "\n";
    for (const Slot slot : kSingleSlots)
        text += choiceLine(slotKey(slot), singleChoice(recipe, slot));
    for (const Slot slot : {Slot::Loss, Slot::Hook})
        for (const auto& [name, choice] : namedChoices(recipe, slot))
            text += choiceLine(dottedKey(slotKey(slot), name), choice);
    for (const auto& [key, value] : recipe.model)
        text += "    " + padded("fixes", 20) + dottedKey("model", key) + "=" + valueText(value) + "\n";
    for (const auto& [key, value] : recipe.modelDefaults)
        text += "    " + padded("default", 20) + dottedKey("model", key) + "=" + valueText(value) + "\n";
    const std::vector<Trait> traits = traitsOf(catalog, recipe);
    return traits.empty() ? text : text + "    " + padded("traits", 20) + traitText(traits) + "\n";
}

std::string partText(const PartInfo& part)
{
    std::string text =
        "    " + part.name + ": " + part.summary + "\n        " + part.formula + "   [" + part.source + "]\n";
    if (!part.traits.empty())
        text += "        traits: " + traitText(part.traits) + "\n";
    for (const Field& field : part.fields)
        text += longEntry("        ", field.key, field);
    return text;
}

}  // namespace

std::string shortKeyList()
{
    std::string text;
    for (const BoundSection& section : boundSections())
        for (const BoundField& bound : section.fields)
            text += "  " + padded(dottedKey(section.key, bound.field.key), 27)
                + padded(valueText(bound.field.fallback), 14) + firstSentence(bound.field.help) + "\n";
    text += "  " + padded("routing.recipe", 27) + padded("smoe", 14)
        + "Routing method; `moescope-engine describe --methods` lists them.\n";
    return text + "  " + padded("routing.PART.FIELD", 27) + padded("", 14)
        + "A setting of one of its parts, such as routing.selector.k.\n";
}

std::string keyList()
{
    std::string text;
    for (const BoundSection& section : boundSections()) {
        text += section.label + "\n";
        for (const BoundField& bound : section.fields)
            text += longEntry("  ", dottedKey(section.key, bound.field.key), bound.field);
        text += "\n";
    }
    return text;
}

std::string methodList(const Catalog& catalog)
{
    std::string text = "Recipes\n";
    for (const RecipeInfo& recipe : catalog.recipes)
        text += recipeText(catalog, recipe);
    text += "\nParts\n";
    for (const Slot slot : kSlots) {
        text += "  " + std::string(slotKey(slot)) + "\n";
        for (const PartInfo& part : catalog.parts)
            if (part.slot == slot)
                text += partText(part);
    }
    return text;
}

}  // namespace moescope
