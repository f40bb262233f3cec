// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/catalog.h"

#include <algorithm>
#include <set>

#include "engine/config/routing_slots.h"
#include "engine/config/run_config.h"

namespace moescope {

std::string_view slotKey(Slot slot)
{
    switch (slot) {
    case Slot::Scorer:
        return "scorer";
    case Slot::ScoreMap:
        return "score_map";
    case Slot::Selector:
        return "selector";
    case Slot::Capacity:
        return "capacity";
    case Slot::Weigher:
        return "weigher";
    case Slot::Loss:
        return "losses";
    case Slot::Hook:
        break;
    }
    return "hooks";
}

std::string_view traitName(Trait trait)
{
    switch (trait) {
    case Trait::NeedsTokenIds:
        return "needs_token_ids";
    case Trait::NeedsExpertOutputs:
        return "needs_expert_outputs";
    case Trait::VariableK:
        return "variable_k";
    case Trait::BatchCoupled:
        return "batch_coupled";
    case Trait::LeaksFuture:
        return "leaks_future";
    case Trait::LeaksFutureInEvaluation:
        return "leaks_future_in_evaluation";
    case Trait::EvalDiffers:
        return "eval_differs";
    case Trait::GlobalScope:
        return "global_scope";
    case Trait::ChangesExperts:
        return "changes_experts";
    case Trait::DenseForm:
        return "dense_form";
    case Trait::ChangesBlock:
        return "changes_block";
    case Trait::ChangesOptimiser:
        break;
    }
    return "changes_optimiser";
}

const PartInfo* Catalog::part(Slot slot, std::string_view name) const
{
    const auto found =
        std::ranges::find_if(parts, [&](const PartInfo& part) { return part.slot == slot && part.name == name; });
    return found == parts.end() ? nullptr : &*found;
}

const RecipeInfo* Catalog::recipe(std::string_view id) const
{
    const auto found = std::ranges::find_if(recipes, [&](const RecipeInfo& recipe) { return recipe.id == id; });
    return found == recipes.end() ? nullptr : &*found;
}

namespace {

/// The value of a choice's setting, or the part's default; null when there is no such field.
const Value* settingOf(const PartInfo* part, const PartChoice& choice, std::string_view key)
{
    if (const auto set = choice.settings.find(std::string(key)); set != choice.settings.end())
        return &set->second;
    if (part == nullptr)
        return nullptr;
    const auto field = std::ranges::find(part->fields, key, &Field::key);
    return field == part->fields.end() ? nullptr : &field->fallback;
}

bool holds(const TraitCondition& condition, const Value* value)
{
    if (value == nullptr)
        return false;
    if (!condition.oneOf.empty()) {
        const auto* text = std::get_if<std::string>(value);
        return text != nullptr && std::ranges::find(condition.oneOf, *text) != condition.oneOf.end();
    }
    if (const auto* number = std::get_if<double>(value))
        return *number > condition.above;
    const auto* integer = std::get_if<std::int64_t>(value);
    return integer != nullptr && static_cast<double>(*integer) > condition.above;
}

/// A model field of a recipe that makes its routed experts differ.
bool changesExperts(std::string_view field, const Value& value)
{
    if (field == "zero_experts" || field == "copy_experts" || field == "constant_experts")
        return value != Value(std::int64_t{0});
    return (field == "negative_experts" && value == Value(true))
        || (field == "expert_widths" && value == Value(std::string("paired")));
}

class TraitUnion {
public:
    TraitUnion(const Catalog& catalog, const RecipeInfo& recipe)
        : m_catalog(catalog)
        , m_recipe(recipe)
    {
        if (const PartInfo* selector = catalog.part(Slot::Selector, recipe.selector.part))
            m_choices = selector->choices;
    }

    void add(Slot slot, const PartChoice& choice)
    {
        const PartInfo* part = m_catalog.part(slot, choice.part);
        if (part == nullptr)
            return;
        m_present.insert(part->traits.begin(), part->traits.end());
        for (const ConditionalTrait& conditional : part->conditionalTraits) {
            const auto met = [&](const TraitCondition& condition) {
                return holds(condition, valueOf(condition.key, part, choice));
            };
            if (std::ranges::all_of(conditional.when, met))
                m_present.insert(conditional.trait);
        }
    }

    void add(Trait trait) { m_present.insert(trait); }

    std::vector<Trait> inOrder() const { return {m_present.begin(), m_present.end()}; }

private:
    const Value* valueOf(std::string_view key, const PartInfo* part, const PartChoice& choice) const
    {
        const std::size_t dot = key.find('.');
        if (dot == std::string_view::npos)
            return settingOf(part, choice, key);
        for (const Slot slot : kSingleSlots) {
            if (slotKey(slot) != key.substr(0, dot))
                continue;
            const PartChoice& other = singleChoice(m_recipe, slot);
            const Value* set = settingOf(m_catalog.part(slot, other.part), other, key.substr(dot + 1));
            return set == nullptr && key == "selector.k" ? &m_choices : set;
        }
        return nullptr;
    }

    const Catalog& m_catalog;
    const RecipeInfo& m_recipe;
    Value m_choices = std::int64_t{0};  ///< of a selector without k
    std::set<Trait> m_present;
};

}  // namespace

std::vector<Trait> traitsOf(const Catalog& catalog, const RecipeInfo& recipe)
{
    TraitUnion traits(catalog, recipe);
    for (const auto* fields : {&recipe.model, &recipe.modelDefaults})
        if (std::ranges::any_of(*fields, [](const auto& field) { return changesExperts(field.first, field.second); }))
            traits.add(Trait::ChangesExperts);
    for (const Slot slot : kSingleSlots)
        traits.add(slot, singleChoice(recipe, slot));
    for (const Slot slot : {Slot::Loss, Slot::Hook})
        for (const auto& [name, choice] : namedChoices(recipe, slot))
            traits.add(slot, choice);
    return traits.inOrder();
}

std::int64_t choicesOf(const RoutingConfig& routing, const Catalog& catalog)
{
    const PartInfo* selector = catalog.part(Slot::Selector, routing.selector.part);
    const Value* set = settingOf(selector, routing.selector, "k");
    const auto* k = set == nullptr ? nullptr : std::get_if<std::int64_t>(set);
    if (k != nullptr)
        return std::max<std::int64_t>(1, *k);
    return selector == nullptr ? 1 : std::max<std::int64_t>(1, selector->choices);
}

}  // namespace moescope
