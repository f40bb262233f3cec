// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Recipes on top of others: `simsmoe+switch` is what simsmoe adds, on the routing of switch.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/config/catalog.h"
#include "engine/config/run_config.h"

namespace moescope {

/// The recipe of the list with this id, or of `A+B`: recipe B, which may be a composition itself, with what A puts on
/// top of another. Nothing when one of them is unknown or A stands alone.
std::optional<RecipeInfo> findRecipe(const Catalog& catalog, std::string_view id);

/// The part of an id that findRecipe() does not know, for a message: "swich" of "simsmoe+swich", and the left side when
/// that is a recipe which stands alone.
std::string_view unknownPartOf(const Catalog& catalog, std::string_view id);

/// Fills in what a recipe with `onTopOf` leaves to the recipe below. Fails with kind User and one sentence when that
/// one is unknown or lies on top of another itself.
Result<void> completeRecipe(const Catalog& catalog, RecipeInfo& recipe);

/// The parts of a routing as a recipe without words: what traitsOf() asks for once settings have changed a method.
RecipeInfo recipeOf(const RoutingConfig& routing);

}  // namespace moescope
