// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/visible_text.h"

namespace moescope {

QString visibleLine(const QString& text, int limit)
{
    QString line = text.left(4 * limit).simplified();
    for (QChar& c : line)
        if (c.category() == QChar::Other_Control || c.category() == QChar::Other_Format)
            c = QChar::ReplacementCharacter;
    return line.size() > limit ? line.left(limit) + QChar(0x2026) : line;
}

QString visibleLine(std::string_view text, int limit)
{
    return visibleLine(
        QString::fromUtf8(text.data(),
            static_cast<qsizetype>(std::min<std::size_t>(text.size(), 16 * static_cast<std::size_t>(limit)))),
        limit);
}

}  // namespace moescope
