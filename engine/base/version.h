// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Which build this is.
#pragma once

#include <string_view>

namespace moescope {

std::string_view programVersion();  ///< "0.1.0"
std::string_view
gitRevision();  ///< of the tree when it was configured, 12 digits, "+" behind it when changed; empty outside of git

}  // namespace moescope
