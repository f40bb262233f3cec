// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Figures to files: PNG, SVG, PDF and CSV. The ending decides; text stays text; light unless asked.
#pragma once

#include <vector>

#include <QImage>
#include <QMap>
#include <QString>

#include "widgets/figure.h"

namespace moescope {

struct FigureOptions {
    QSizeF size;  ///< logical pixels at 96 dpi; empty = the figure's own
    bool dark = false;
    qreal scale = 2;               ///< of PNG: device pixels per logical pixel
    bool title = true;             ///< the figure's title above it
    QMap<QString, QString> about;  ///< run id, configuration hash, versions: into the file's metadata
};

/// Writes the file whole or not at all. Returns an empty text, or a sentence that names file and cause.
[[nodiscard]] QString exportFigure(const Figure& figure, const QString& path, const FigureOptions& options = {});
/// Several figures under each other: one PDF page or one tall picture.
[[nodiscard]] QString exportFigures(
    const std::vector<const Figure*>& figures, const QString& path, const FigureOptions& options = {});
QImage figureImage(const Figure& figure, const FigureOptions& options = {});
/// Picture, SVG and table on the clipboard at once; the receiver takes what it understands.
void copyFigure(const Figure& figure);
/// "png", "svg", "pdf", "csv", "md".
QStringList exportEndings();

}  // namespace moescope
