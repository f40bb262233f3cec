// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "tests/support/places.h"

#include <filesystem>

namespace moescope {

std::string sourceFolder() { return MOESCOPE_SOURCE_DIR; }

std::string programPath(const std::string& name)
{
    return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

}  // namespace moescope
