// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What `moescope-engine describe --json` prints: sections, JSON schema, parts and recipes; and the window's way to read
// it back.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/config/catalog.h"
#include "engine/config/router_interface.h"

namespace moescope {

/// `{"format_version": 1, "program": VERSION, "sections": […], "schema": {…}, "parts": […], "recipes": […]}`, indented
/// by 1. Recipes that `interfaces` knows by id get their `inputs` and `weights`.
std::string writeDescription(const Catalog& catalog, std::string_view programVersion,
    const std::map<std::string, RouterInterface>& interfaces = {});

/// `{"recipe": {…}}`: one recipe as it stands in the description, with its inputs and weights.
std::string writeRecipe(const Catalog& catalog, const RecipeInfo& recipe, const RouterInterface& router);

/// Parts and recipes of a description. An error of kind Data when it is no description, or one of a newer version.
Result<Catalog> readDescription(std::string_view json);

/// JSON Schema (draft 07) of a configuration file, with x-unit, x-order, x-advanced, x-resumable and x-follows. spec:
/// formats 3.3.
std::string writeConfigSchema(const Catalog& catalog);

}  // namespace moescope
