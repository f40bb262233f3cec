// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Splits a domain of many files 90/5/5 so that each split looks like the whole: the rule of the corpus debian-texts.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moescope {

inline constexpr std::size_t kUnitBytes = 64 * 1024;

struct NamedText {
    std::string name;
    std::string bytes;
};

/// End of the unit that begins at `start`: behind the last line end within `unitBytes`, the end of the line where a
/// line is longer, or the end of the data.
std::size_t unitEnd(std::string_view data, std::size_t start, std::size_t unitBytes = kUnitBytes);

/// Train, validation and test text (90, 5, 5 % of the bytes). Files are cut into units of at most `unitBytes` at line
/// ends; in the order of SHA-1("NAME#OFFSET") each unit goes to the split that is furthest behind its quota; within a
/// split the units keep their natural order. No unit is in two splits, and equal files give equal splits on every
/// machine.
std::array<std::string, 3> splitByUnits(const std::vector<NamedText>& files, std::size_t unitBytes = kUnitBytes);

}  // namespace moescope
