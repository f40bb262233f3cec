// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What can be exported: a view that paints itself on any painter without a window, and writes its numbers as a table.
#pragma once

#include <QRectF>
#include <QSizeF>
#include <QString>
#include <QStringList>

#include "widgets/theme.h"

class QPainter;

namespace moescope {

enum class TableFormat { Csv, Tabs, Markdown };

/// Collects rows into text. Numbers are written in the C locale with all their digits; Csv quotes as RFC 4180 says.
class TableWriter {
public:
    TableWriter(TableFormat format, const QStringList& header);
    void row(const QStringList& cells);
    QString text() const { return m_text; }
    static QString number(double value);  ///< shortest text that reads back equal; "nan", "inf", "-inf"

private:
    TableFormat m_format;
    QString m_text;
};

class Figure {
public:
    virtual ~Figure() = default;
    virtual QString figureTitle() const = 0;
    /// Natural size in logical pixels at 96 dpi; a painted figure may be of any size from about 120 × 80 on.
    virtual QSizeF figureSize() const = 0;
    /// Paints everything that the view shows, without hover, in the given theme. GUI thread.
    virtual void paintFigure(QPainter& painter, const QRectF& rect, const Theme& theme) const = 0;
    virtual QString tableText(TableFormat format) const = 0;
};

}  // namespace moescope
