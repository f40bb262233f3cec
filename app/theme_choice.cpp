// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/theme_choice.h"

#include <QSettings>

#include "app/settings.h"

namespace moescope {

const Theme& storedTheme(const QString& settingsFile)
{
    const QSettings store(settingsFile.isEmpty() ? Settings::defaultFile() : settingsFile, QSettings::IniFormat);
    const QString theme = store.value(QStringLiteral("theme")).toString();
    if (theme == QStringLiteral("light"))
        return Theme::light();
    return theme == QStringLiteral("dark") ? Theme::dark() : Theme::system();
}

}  // namespace moescope
