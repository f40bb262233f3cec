// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// "did you mean …?": the known word that is nearest to a misspelt one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace moescope {

/// The known word with the fewest edits (insert, delete, replace, swap of neighbours; case and `-` against `_` cost
/// nothing), the first of equals; empty when none is near enough to be meant. A word whose last dotted part is known
/// elsewhere counts as near.
std::string nearestWord(std::string_view word, const std::vector<std::string>& known);

}  // namespace moescope
