// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "engine/base/nearest.h"
#include "engine/base/utf8.h"
#include "engine/config/bound_field.h"
#include "engine/config/compose_recipe.h"
#include "engine/config/reading.h"
#include "engine/config/routing_slots.h"
#include "engine/config/value_text.h"

namespace moescope {

namespace {

constexpr std::string_view kRecipeKey = "routing.recipe";

std::string suggestion(std::string_view word, const std::vector<std::string>& known)
{
    const std::string near = nearestWord(word, known);
    return (near.empty() ? "known: " : "did you mean " + near + "? Known: ") + listText(known);
}

std::vector<std::string> partNames(const Catalog& catalog, Slot slot)
{
    std::vector<std::string> names;
    for (const PartInfo& part : catalog.parts)
        if (part.slot == slot)
            names.push_back(part.name);
    return names;
}

bool isNameOfLoss(std::string_view name)
{
    return !name.empty() && name.size() <= 60 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    });
}

class RoutingResolver {
public:
    explicit RoutingResolver(Reading& reading)
        : m_reading(reading)
        , m_routing(reading.result.config.routing)
    {
    }

    void resolve()
    {
        const std::optional<RecipeInfo> recipe = chooseRecipe();
        if (!recipe)
            return;
        m_routing.recipe = recipe->id;
        for (const Slot slot : kSingleSlots) {
            PartChoice& choice = singleChoice(m_routing, slot) = singleChoice(*recipe, slot);
            resolvePart(slot, dottedKey("routing", slotKey(slot)), choice);
        }
        for (const Slot slot : {Slot::Loss, Slot::Hook})
            resolveNamed(slot, namedChoices(*recipe, slot));
        fixModel(*recipe);
        for (const auto& [key, setting] : m_reading.settings)
            if (key.starts_with("routing.") && key != kRecipeKey && !m_used.contains(key))
                unknownKey(key);
    }

private:
    std::optional<RecipeInfo> chooseRecipe()
    {
        std::string id = m_routing.recipe;
        std::vector<std::string> known;
        for (const RecipeInfo& recipe : m_reading.catalog.recipes)
            known.push_back(recipe.id);
        if (const auto set = m_reading.settings.find(std::string(kRecipeKey)); set != m_reading.settings.end()) {
            if (set->second.value.kind != JsonKind::Text) {
                m_reading.error(set->first, "a recipe is named by a text", suggestion("", known));
                return std::nullopt;
            }
            id = set->second.value.text;
        }
        std::optional<RecipeInfo> recipe = findRecipe(m_reading.catalog, id);
        if (!recipe)
            tellUnknownRecipe(id, known);
        return recipe;
    }

    void tellUnknownRecipe(const std::string& id, const std::vector<std::string>& known)
    {
        const std::string unknown(unknownPartOf(m_reading.catalog, id));
        std::vector<std::string> tops;
        for (const RecipeInfo& recipe : m_reading.catalog.recipes)
            if (!recipe.onTopOf.empty())
                tops.push_back(recipe.id);
        if (m_reading.catalog.recipe(unknown) == nullptr)
            m_reading.error(std::string(kRecipeKey), "there is no recipe \"" + printable(unknown.substr(0, 60)) + '"',
                suggestion(unknown, known));
        else
            m_reading.error(std::string(kRecipeKey), "recipe " + unknown + " cannot lie on top of another",
                tops.empty() ? "name one recipe" : listText(tops) + " can, as in " + tops[0] + "+" + unknown);
    }

    /// Exchanges the part if asked to, then fills every field: what the user set, else what the recipe says, else the
    /// default.
    void resolvePart(Slot slot, const std::string& prefix, PartChoice& choice)
    {
        const std::string partKey = prefix + ".part";
        m_used.insert(partKey);
        if (const auto set = m_reading.settings.find(partKey); set != m_reading.settings.end()) {
            const JsonNode& value = set->second.value;
            if (value.kind != JsonKind::Text || m_reading.catalog.part(slot, value.text) == nullptr)
                return ignore(prefix, partKey, value, slot);
            if (value.text != choice.part)
                choice = PartChoice{value.text, {}};
        }
        const PartInfo* part = m_reading.catalog.part(slot, choice.part);
        if (part == nullptr)
            return ignore(prefix, partKey, JsonNode{}, slot);
        std::map<std::string, Value> resolved;
        for (const Field& field : part->fields) {
            const auto fromRecipe = choice.settings.find(field.key);
            resolved[field.key] = fromRecipe == choice.settings.end() ? field.fallback : fromRecipe->second;
            readField(dottedKey(prefix, field.key), field, resolved[field.key]);
        }
        choice.settings = std::move(resolved);
        m_fieldsOf[prefix] = part;
    }

    void readField(const std::string& key, const Field& field, Value& into)
    {
        m_used.insert(key);
        const auto set = m_reading.settings.find(key);
        if (set == m_reading.settings.end())
            return;
        if (auto value = readValue(field, set->second.value, set->second.typed()))
            into = std::move(*value);
        else
            m_reading.error(key, value.error().reason, value.error().remedy);
    }

    /// A part that nobody knows: one error, and silence about its fields.
    void ignore(const std::string& prefix, const std::string& partKey, const JsonNode& value, Slot slot)
    {
        const std::vector<std::string> known = partNames(m_reading.catalog, slot);
        if (value.kind == JsonKind::Text)
            m_reading.error(partKey, "there is no part \"" + printable(value.text.substr(0, 60)) + '"',
                suggestion(value.text, known));
        else
            m_reading.error(partKey, "a part of this slot must be named", suggestion("", known));
        for (const auto& [key, setting] : m_reading.settings)
            if (key.starts_with(prefix + '.'))
                m_used.insert(key);
    }

    void resolveNamed(Slot slot, const std::map<std::string, PartChoice>& ofRecipe)
    {
        auto& choices = namedChoices(m_routing, slot) = ofRecipe;
        const std::string prefix = dottedKey("routing", slotKey(slot));
        for (const auto& [key, setting] : m_reading.settings) {
            if (!key.starts_with(prefix + '.'))
                continue;
            const std::string name =
                key.substr(prefix.size() + 1, key.find('.', prefix.size() + 1) - prefix.size() - 1);
            const bool remove = key.size() == prefix.size() + 1 + name.size();
            if (!isNameOfLoss(name))
                m_reading.error(key, "such a name cannot be a tag", "use a-z, 0-9, _ and -, at most 60 characters");
            else if (remove)
                removeNamed(choices, name, key);
            else if (!choices.contains(name))
                choices[name].part = m_reading.catalog.part(slot, name) == nullptr ? "" : name;
        }
        for (auto& [name, choice] : choices)
            resolvePart(slot, dottedKey(prefix, name), choice);
    }

    void removeNamed(std::map<std::string, PartChoice>& choices, const std::string& name, const std::string& key)
    {
        m_used.insert(key);
        if (choices.erase(name) == 0)
            m_reading.notice(key, "recipe " + m_routing.recipe + " has none of this name to remove", "");
    }

    void fixModel(const RecipeInfo& recipe)
    {
        for (const auto& [field, value] : recipe.model) {
            const std::string key = dottedKey("model", field);
            const BoundField* bound = findBoundField(key);
            if (bound == nullptr)
                continue;  // the recipe reader refuses such recipes
            if (m_reading.isSet(key) && !m_reading.wrongKeys.contains(key)
                && bound->get(m_reading.result.config) != value)
                m_reading.notice(key, "recipe " + recipe.id + " fixes this at " + valueText(value),
                    "the value " + valueText(bound->get(m_reading.result.config)) + " is not used");
            bound->set(m_reading.result.config, value);
        }
        for (const auto& [field, value] : recipe.modelDefaults) {
            const std::string key = dottedKey("model", field);
            const BoundField* bound = findBoundField(key);
            if (bound != nullptr && !m_reading.isSet(key))
                bound->set(m_reading.result.config, value);
        }
    }

    void unknownKey(const std::string& key)
    {
        std::vector<std::string> known(m_used.begin(), m_used.end());
        known.emplace_back(kRecipeKey);
        const std::string near = nearestWord(key, known);
        std::string remedy = near.empty() ? "" : "did you mean " + near + "?";
        for (const auto& [prefix, part] : m_fieldsOf) {
            if (!key.starts_with(prefix + '.'))
                continue;
            std::vector<std::string> fields;
            for (const Field& field : part->fields)
                fields.push_back(field.key);
            remedy += (remedy.empty() ? "" : " ") + part->name
                + (fields.empty() ? std::string(" has no settings") : " has " + listText(fields));
        }
        m_reading.error(key, "unknown key", remedy.empty() ? "moescope-engine describe lists all keys" : remedy);
    }

    Reading& m_reading;
    RoutingConfig& m_routing;
    std::set<std::string> m_used;                       ///< keys that mean something
    std::map<std::string, const PartInfo*> m_fieldsOf;  ///< by prefix
};

/// The recipe that a set of settings asks for; empty when it asks for none.
std::string recipeOf(const std::map<std::string, Setting>& settings)
{
    const auto found = settings.find(std::string(kRecipeKey));
    return found == settings.end() ? "" : found->second.value.text;
}

bool isFixedAt(const std::map<std::string, Setting>& settings, const std::string& key, const Value& value)
{
    const auto found = settings.find(key);
    const BoundField* bound = findBoundField(key);
    if (found == settings.end() || bound == nullptr)
        return false;
    const auto set = readValue(bound->field, found->second.value, false);
    return set.has_value() && *set == value;
}

}  // namespace

void resolveRouting(Reading& reading) { RoutingResolver(reading).resolve(); }

std::vector<std::string> dropForeignRouting(Settings& settings, const Catalog& catalog)
{
    const std::string after = recipeOf(settings.overrides);
    std::string before = recipeOf(settings.text);
    if (before.empty())
        before = RoutingConfig{}.recipe;
    if (after.empty() || after == before)
        return {};
    std::vector<std::string> dropped;
    for (const auto& [key, setting] : settings.text)
        if (key.starts_with("routing.") && key != kRecipeKey)
            dropped.push_back(key);
    if (const auto recipe = findRecipe(catalog, before))
        for (const auto* fields : {&recipe->model, &recipe->modelDefaults})
            for (const auto& [field, value] : *fields)
                if (isFixedAt(settings.text, dottedKey("model", field), value))
                    dropped.push_back(dottedKey("model", field));
    for (const std::string& key : dropped)
        settings.text.erase(key);
    return dropped;
}

}  // namespace moescope
