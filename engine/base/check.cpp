// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace moescope {

void checkFailed(std::string_view condition, std::string_view file, int line, std::string_view why)
{
    std::fprintf(stderr, "moescope: bug at %.*s:%d: %.*s (%.*s does not hold)\n", static_cast<int>(file.size()),
        file.data(), line, static_cast<int>(why.size()), why.data(), static_cast<int>(condition.size()),
        condition.data());
    std::abort();
}

}  // namespace moescope
