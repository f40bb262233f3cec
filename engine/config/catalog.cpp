// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/catalog.h"

#include <algorithm>

#include "engine/config/routing_slots.h"

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
    case Trait::EvalDiffers:
        return "eval_differs";
    case Trait::GlobalScope:
        return "global_scope";
    case Trait::ChangesExperts:
        break;
    }
    return "changes_experts";
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

std::vector<Trait> traitsOf(const Catalog& catalog, const RecipeInfo& recipe)
{
    std::vector<const PartInfo*> used;
    for (const Slot slot : kSingleSlots)
        used.push_back(catalog.part(slot, singleChoice(recipe, slot).part));
    for (const auto& [name, choice] : recipe.losses)
        used.push_back(catalog.part(Slot::Loss, choice.part));
    for (const auto& [name, choice] : recipe.hooks)
        used.push_back(catalog.part(Slot::Hook, choice.part));

    std::vector<Trait> traits;
    for (const Trait trait : kTraits) {
        const bool present = std::ranges::any_of(used, [&](const PartInfo* part) {
            return part != nullptr && std::ranges::find(part->traits, trait) != part->traits.end();
        });
        if (present)
            traits.push_back(trait);
    }
    return traits;
}

}  // namespace moescope
