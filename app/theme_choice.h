// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Which theme the user chose last, before any window exists.
#pragma once

#include <QString>

#include "widgets/theme.h"

namespace moescope {

/// From the settings file (empty = the user's); the desktop's when nothing is stored.
const Theme& storedTheme(const QString& settingsFile);

}  // namespace moescope
