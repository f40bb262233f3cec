// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Text from outside as it may be shown: control characters stand as a mark, too much of it ends with an ellipsis.
#pragma once

#include <string_view>

#include <QString>

namespace moescope {

/// One line of at most `limit` characters; white space is one space.
QString visibleLine(std::string_view text, int limit = 400);
QString visibleLine(const QString& text, int limit = 400);

}  // namespace moescope
