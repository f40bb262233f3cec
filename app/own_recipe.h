// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// A composed routing as a recipe of the user's own: a JSON file that the engine finds beside the shipped ones.
#pragma once

#include <filesystem>
#include <string>

#include <QString>
#include <QStringList>

#include "engine/base/result.h"
#include "engine/config/catalog.h"
#include "engine/config/run_config.h"

namespace moescope {

/// Slots in which two recipes have other parts or settings: "selector", "losses".
QStringList changedSlots(const RecipeInfo& base, const RoutingConfig& routing, const Catalog& catalog);

/// $XDG_DATA_HOME/moescope/methods, where the engine looks too.
std::filesystem::path ownRecipesFolder();

/// The file's text: title, where it comes from, every part with all its settings.
std::string recipeText(const RecipeInfo& recipe);

/// Writes ID.json, where the id is made of the title. Refuses a title that gives no id, and an id that a recipe has.
/// The recipe as it was read back.
Result<RecipeInfo> saveOwnRecipe(const QString& title, const RoutingConfig& routing, const Catalog& catalog);

}  // namespace moescope
