// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// docs/methods.md, made from the recipes.
#pragma once

#include <map>
#include <string>

#include "engine/config/catalog.h"
#include "engine/config/router_interface.h"

namespace moescope {

/// A table of all recipes, then a section for each: what it does, paper, code, what is trained, traits, defaults, and
/// where paper and code differ. Markdown; the same catalogue gives the same bytes.
std::string methodPage(const Catalog& catalog, const std::map<std::string, RouterInterface>& interfaces);

}  // namespace moescope
