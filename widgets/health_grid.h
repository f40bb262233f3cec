// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Layer × metric table with states: a shape and a ground for watch and alarm, a plain number for the rest.
#pragma once

#include <vector>

#include <QWidget>

#include "widgets/accessible_grid.h"
#include "widgets/figure.h"

namespace moescope {

struct HealthColumn {
    QString title, subtitle;  ///< "Dead", "of 16"
};

struct HealthCell {
    QString text;
    State state = State::None;  ///< Ok and None: number alone, or a quiet dot without text
};

class HealthGrid : public QWidget, public Figure, public AccessibleGrid {
    Q_OBJECT
public:
    explicit HealthGrid(QWidget* parent = nullptr);
    void setRows(std::vector<HealthColumn> columns, QStringList rowLabels, std::vector<std::vector<HealthCell>> cells);
    void setTitle(const QString& title);
    void setSelectedRow(int row);
    void setSelectedColumn(int column);
    void setLegendVisible(bool on);
    void setHint(const QString& text);  ///< right of the legend: "Click a cell to open its view"

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    QString figureTitle() const override;
    QSizeF figureSize() const override;
    void paintFigure(QPainter& painter, const QRectF& rect, const Theme& theme) const override;
    QString tableText(TableFormat format) const override;
    int gridRows() const override { return int(m_cells.size()); }
    int gridColumns() const override { return int(m_columns.size()); }
    QString gridRowLabel(int row) const override;
    QString gridColumnLabel(int column) const override;
    QString gridText(int row, int column) const override;
    QRect gridRect(int row, int column) const override;
    QPoint gridCurrent() const override { return {m_column, m_row}; }
    void setGridCurrent(int row, int column) override;
    void activateGridCurrent() override { Q_EMIT activated(m_row, m_column); }

Q_SIGNALS:
    void selected(int row, int column);   ///< column −1: the row's label
    void activated(int row, int column);  ///< a click on a cell, or Enter

protected:
    void paintEvent(QPaintEvent*) override;
    void mousePressEvent(QMouseEvent*) override;
    void mouseMoveEvent(QMouseEvent*) override;
    void leaveEvent(QEvent*) override;
    void keyPressEvent(QKeyEvent*) override;

private:
    struct Layout;
    Layout layoutFor(const QRectF& rect) const;
    void paint(QPainter& painter, const QRectF& rect, const Theme& theme, bool screen) const;
    void paintLegend(QPainter& painter, const QRectF& rect, const Theme& theme) const;
    QPoint cellAt(QPoint position) const;

    std::vector<HealthColumn> m_columns;
    QStringList m_rowLabels;
    std::vector<std::vector<HealthCell>> m_cells;
    QString m_title, m_hint;
    int m_row = -1, m_column = -1;
    QPoint m_hover{-1, -1};
    bool m_legend = true;
};

}  // namespace moescope
