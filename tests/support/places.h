// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Where tests find the source tree and the programs built beside them. One file knows the tree's path, so that a clone
// elsewhere finds the objects of all others in the compiler's cache.
#pragma once

#include <string>

namespace moescope {

std::string sourceFolder();

/// Of a program in the folder of the one that runs.
std::string programPath(const std::string& name);

}  // namespace moescope
