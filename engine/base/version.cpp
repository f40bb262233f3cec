// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/version.h"

namespace moescope {

std::string_view programVersion() { return MOESCOPE_VERSION; }

std::string_view gitRevision() { return MOESCOPE_GIT_REVISION; }

}  // namespace moescope
