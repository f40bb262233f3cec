// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// "1 rank", "2 ranks": without a translation file Qt knows no plural.
#pragma once

#include <cstdint>

#include <QString>

#include "widgets/number_text.h"

namespace moescope {

inline QString counted(std::int64_t number, const QString& one, const QString& many)
{
    return (number == 1 ? one : many).arg(numberText::count(number));
}

}  // namespace moescope
