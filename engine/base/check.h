// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// MOESCOPE_CHECK: what only we can get wrong. On in every build.
#pragma once

#include <string_view>

namespace moescope {

/// Prints the place and the broken promise to standard error and aborts.
[[noreturn]] void checkFailed(std::string_view condition, std::string_view file, int line, std::string_view why);

}  // namespace moescope

/// Aborts with place and text unless the condition holds: `MOESCOPE_CHECK(counts.size() == numExperts, "one count per expert");`
#define MOESCOPE_CHECK(condition, why)                                                                                 \
    do {                                                                                                               \
        if (!(condition)) [[unlikely]]                                                                                 \
            ::moescope::checkFailed(#condition, __FILE__, __LINE__, why);                                              \
    } while (false)
