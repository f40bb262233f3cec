// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/compose_recipe.h"

#include "engine/config/routing_slots.h"

namespace moescope {

namespace {

template <class Map> void layOver(const Map& upper, const Map& lower, Map& into)
{
    for (const auto& [name, value] : upper) {
        const auto same = lower.find(name);
        if (same == lower.end() || same->second != value)
            into[name] = value;
    }
}

/// What `top` has that `own`, the recipe it was written for, has not, laid over `base`.
RecipeInfo composed(const RecipeInfo& top, const RecipeInfo& own, const RecipeInfo& base)
{
    RecipeInfo recipe = base;
    recipe.id = top.id + '+' + base.id;
    recipe.title = top.title + " on " + base.title;
    recipe.summary = top.summary + ' ' + base.summary;
    recipe.paper = top.paper + "; on top of " + base.paper;
    recipe.code = top.code + (top.code.empty() || base.code.empty() ? "" : "; ") + base.code;
    recipe.differences =
        top.differences + (top.differences.empty() || base.differences.empty() ? "" : " ") + base.differences;
    for (const Slot slot : kSingleSlots)
        if (const PartChoice& choice = singleChoice(top, slot); choice != singleChoice(own, slot))
            singleChoice(recipe, slot) = choice;
    for (const Slot slot : {Slot::Loss, Slot::Hook})
        layOver(namedChoices(top, slot), namedChoices(own, slot), namedChoices(recipe, slot));
    layOver(top.model, own.model, recipe.model);
    layOver(top.modelDefaults, own.modelDefaults, recipe.modelDefaults);
    return recipe;
}

/// The recipe left of the first +, when it can lie on top of another.
const RecipeInfo* topOf(const Catalog& catalog, std::string_view id)
{
    const RecipeInfo* top = catalog.recipe(id.substr(0, id.find('+')));
    return top == nullptr || top->onTopOf.empty() ? nullptr : top;
}

}  // namespace

std::optional<RecipeInfo> findRecipe(const Catalog& catalog, std::string_view id)
{
    if (const RecipeInfo* listed = catalog.recipe(id))
        return *listed;
    const std::size_t plus = id.find('+');
    if (plus == std::string_view::npos)
        return std::nullopt;
    const RecipeInfo* top = topOf(catalog, id);
    const auto base = findRecipe(catalog, id.substr(plus + 1));
    if (top == nullptr || !base)
        return std::nullopt;
    return composed(*top, *catalog.recipe(top->onTopOf), *base);
}

std::string_view unknownPartOf(const Catalog& catalog, std::string_view id)
{
    const std::size_t plus = id.find('+');
    if (plus == std::string_view::npos || topOf(catalog, id) == nullptr)
        return id.substr(0, plus);
    return unknownPartOf(catalog, id.substr(plus + 1));
}

Result<void> completeRecipe(const Catalog& catalog, RecipeInfo& recipe)
{
    if (recipe.onTopOf.empty())
        return {};
    const RecipeInfo* base = catalog.recipe(recipe.onTopOf);
    if (base == nullptr || !base->onTopOf.empty())
        return fail(ErrorKind::User,
            "on_top_of: \"" + recipe.onTopOf
                + (base == nullptr ? "\" is no recipe; name one that is there"
                                   : "\" lies on top of another recipe itself; name one that stands alone"));
    for (const Slot slot : kSingleSlots)
        if (PartChoice& choice = singleChoice(recipe, slot); choice.part.empty())
            choice = singleChoice(*base, slot);
    for (const Slot slot : {Slot::Loss, Slot::Hook})
        namedChoices(recipe, slot).insert(namedChoices(*base, slot).begin(), namedChoices(*base, slot).end());
    recipe.model.insert(base->model.begin(), base->model.end());
    recipe.modelDefaults.insert(base->modelDefaults.begin(), base->modelDefaults.end());
    return {};
}

RecipeInfo recipeOf(const RoutingConfig& routing)
{
    RecipeInfo recipe;
    recipe.id = routing.recipe;
    for (const Slot slot : kSingleSlots)
        singleChoice(recipe, slot) = singleChoice(routing, slot);
    recipe.losses = routing.losses;
    recipe.hooks = routing.hooks;
    return recipe;
}

}  // namespace moescope
