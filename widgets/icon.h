// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The program's own icons: one-colour SVG from the resource file, tinted from the theme.
#pragma once

#include <QIcon>
#include <QString>

#include "widgets/theme.h"

namespace moescope {

/// "start", "pause", … (resources/icons/NAME.svg). Follows currentTheme() at every paint; disabled is text 3.
/// An unknown name is our bug: a warning, and an empty icon.
QIcon icon(const QString& name);
/// The same in one fixed colour.
QPixmap iconPixmap(const QString& name, int size, qreal devicePixelRatio, const QColor& color);
/// Names of all icons, sorted.
QStringList iconNames();

}  // namespace moescope
