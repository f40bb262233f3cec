// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Columns of numbers with thin bars beside a heatmap, one row per layer: MaxVio with its floor, entropy, dead, dropped.
#pragma once

#include <optional>
#include <vector>

#include <QPointer>
#include <QWidget>

#include "widgets/accessible_grid.h"
#include "widgets/figure.h"

namespace moescope {

class Heatmap;
struct HeatmapLayout;

struct BarCell {
    QString text;                 ///< "0.88"; "–" for missing
    std::optional<double> share;  ///< of the bar, 0 … 1
    std::optional<double> floor;  ///< tick in the bar, 0 … 1
    State state = State::None;
};

struct BarColumn {
    QString title;
    std::vector<BarCell> cells;  ///< one per row
    bool barBeside = false;      ///< thick bar left of the number (overview) instead of a thin one below it
};

class BarCells : public QWidget, public Figure, public AccessibleGrid {
    Q_OBJECT
public:
    explicit BarCells(QWidget* parent = nullptr);
    void setColumns(std::vector<BarColumn> columns, QStringList rowLabels);
    void setTitle(const QString& title);
    void alignTo(const Heatmap* map);  ///< rows stand beside its rows; both must lie in one layout row
    void setSelectedRow(int row);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    QString figureTitle() const override;
    QSizeF figureSize() const override;
    void paintFigure(QPainter& painter, const QRectF& rect, const Theme& theme) const override;
    /// The same with its rows beside those of a map that was painted with this layout.
    void paintBeside(QPainter& painter, const QRectF& rect, const HeatmapLayout& map, const Theme& theme) const;
    QString tableText(TableFormat format) const override;
    int gridRows() const override;
    int gridColumns() const override;
    QString gridRowLabel(int row) const override;
    QString gridColumnLabel(int column) const override;
    QString gridText(int row, int column) const override;
    QRect gridRect(int row, int column) const override;
    QPoint gridCurrent() const override { return {m_column, m_row}; }
    void setGridCurrent(int row, int column) override;
    void activateGridCurrent() override { Q_EMIT activated(m_row, m_column); }

Q_SIGNALS:
    void selected(int row, int column);
    void activated(int row, int column);

protected:
    void paintEvent(QPaintEvent*) override;
    void resizeEvent(QResizeEvent*) override;
    void mousePressEvent(QMouseEvent*) override;
    void mouseDoubleClickEvent(QMouseEvent*) override;
    void keyPressEvent(QKeyEvent*) override;

private:
    struct Rows {
        int top = 0, height = 0;
    };
    Rows rows() const;
    void paint(QPainter& painter, const QRectF& rect, const Theme& theme, Rows rows) const;
    void paintCell(QPainter& painter, const QRectF& rect, const BarCell& cell, bool beside, const Theme& theme) const;
    QPoint cellAt(QPoint position) const;
    int columnWidth(const BarColumn& column) const;
    int leastWidth(const BarColumn& column) const;

    std::vector<BarColumn> m_columns;
    QStringList m_rowLabels;
    QString m_title;
    QPointer<const Heatmap> m_map;
    int m_row = -1, m_column = 0, m_spread = 0;
};

}  // namespace moescope
