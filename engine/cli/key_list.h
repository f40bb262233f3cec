// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Every setting as text: for --help and `describe`.
#pragma once

#include <string>

#include "engine/config/catalog.h"
#include "engine/config/router_interface.h"

namespace moescope {

/// One line a key: key, default, first sentence of its help.
std::string shortKeyList();

/// All keys with type, range, unit, default and help, section by section.
std::string keyList();

/// One recipe: what it consists of, and which inputs and weights its router takes.
std::string recipePage(const Catalog& catalog, const RecipeInfo& recipe, const RouterInterface& router);

/// Recipes with what they consist of, then parts by slot with their settings.
std::string methodList(const Catalog& catalog);

}  // namespace moescope
