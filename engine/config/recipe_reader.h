// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One recipe file (resources/methods/ID.json) as a RecipeInfo, checked against the parts that exist.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/config/catalog.h"
#include "engine/config/read_config.h"

namespace moescope {

struct RecipeReading {
    RecipeInfo recipe;          ///< meaningful only when there are no errors
    std::vector<Issue> errors;  ///< all of them, with places
};

/// `id` is the file name without .json: a-z, 0-9 and -. Never throws; limits as in readConfig. The form:
/// `{"title", "summary", "paper", "code"?, "differences"?, "on_top_of"?: ID,
///   "scorer", "score_map", "selector", "capacity", "weigher",
///   "losses"?: {NAME: PART}, "hooks"?: {NAME: PART}, "model"?: {FIELD: VALUE}}`,
/// where a part is `"top-k"` or `{"part": "top-k", "k": 2}`; in losses and hooks the part may be left out when it has
/// the name.
RecipeReading readRecipe(
    std::string_view json, std::string_view file, std::string_view id, const std::vector<PartInfo>& parts);

}  // namespace moescope
