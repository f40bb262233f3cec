// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Rows × columns of coloured cells with their numbers: layer × expert load. Also the small map of the inspector.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <QWidget>

#include "widgets/accessible_grid.h"
#include "widgets/figure.h"
#include "widgets/map_layout.h"

namespace moescope {

enum class CellState : unsigned char { Number, NoRecord, Dead };

struct HeatmapData {
    int rows = 0, columns = 0;
    std::vector<float> values;      ///< row-major; a value that is not finite is drawn as magenta cross
    std::vector<CellState> states;  ///< row-major; empty = all Number
    QStringList rowLabels, columnLabels;
    QString corner;  ///< above the row labels: "expert"
};

/// Where everything lies, in whole pixels.
struct HeatmapLayout {
    QRect cells;  ///< all cells
    CellPitch pitch;
    bool numbers = false;
    QRect legend, hoverLine;
    QRect cell(int row, int column) const;  ///< painted part, without the gap
    QRect row(int row) const;
};

class Heatmap : public QWidget, public Figure, public AccessibleGrid {
    Q_OBJECT
public:
    explicit Heatmap(QWidget* parent = nullptr);

    void setData(HeatmapData data);
    const HeatmapData& data() const { return m_data; }
    void setTitle(const QString& title);
    void setMap(MapKind kind, ValueScale scale);
    void setCompact(bool compact);  ///< no numbers, labels below, legend small, no hover line: the inspector's map
    void setLegendVisible(bool on);
    void setHoverLineVisible(bool on);
    void setDeadText(const QString& text);  ///< "dead in window"; empty hides the legend entry
    /// One line for a place: "L3 · e5   0.97 × fair   99,773 of 1,638,400 assignments". Without it: labels and value.
    void setDescriber(std::function<QString(int row, int column)> describe);
    void setMaximumCell(QSize cell);  ///< cells never grow beyond; default 34 × 30

    void setSelection(int row, int column);  ///< −1 = none; emits nothing
    int selectedRow() const { return m_row; }
    int selectedColumn() const { return m_column; }
    void setAlarmCells(std::vector<QPoint> cells);  ///< x = column, y = row: 2-px red frame

    HeatmapLayout cellLayout() const;
    HeatmapLayout layoutFor(const QRect& rect) const;  ///< where a figure painted into `rect` has its cells
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    QString figureTitle() const override;
    QSizeF figureSize() const override;
    void paintFigure(QPainter& painter, const QRectF& rect, const Theme& theme) const override;
    QString tableText(TableFormat format) const override;

    int gridRows() const override { return m_data.rows; }
    int gridColumns() const override { return m_data.columns; }
    QString gridRowLabel(int row) const override;
    QString gridColumnLabel(int column) const override;
    QString gridText(int row, int column) const override;
    QRect gridRect(int row, int column) const override;
    QPoint gridCurrent() const override { return {m_column, m_row}; }
    void setGridCurrent(int row, int column) override;
    void activateGridCurrent() override { Q_EMIT activated(m_row, m_column); }

Q_SIGNALS:
    void selected(int row, int column);   ///< click on a cell, arrows; column −1: click on a row label
    void activated(int row, int column);  ///< Enter or double click
    void rangeSelected(int fromRow, int fromColumn, int toRow, int toColumn);  ///< drag
    void hovered(int row, int column);                                         ///< −1, −1 when the mouse leaves
    void rowsMoved(int top, int rowHeight, int rows);                          ///< for a column of bars beside the map

protected:
    void paintEvent(QPaintEvent*) override;
    void resizeEvent(QResizeEvent*) override;
    void changeEvent(QEvent*) override;
    void mousePressEvent(QMouseEvent*) override;
    void mouseMoveEvent(QMouseEvent*) override;
    void mouseReleaseEvent(QMouseEvent*) override;
    void mouseDoubleClickEvent(QMouseEvent*) override;
    void leaveEvent(QEvent*) override;
    void keyPressEvent(QKeyEvent*) override;

private:
    int labelWidth(const Theme& theme) const;
    QPoint cellAt(QPoint position) const;
    void paint(QPainter& painter, const QRect& rect, const Theme& theme, bool screen) const;
    void paintCells(QPainter& painter, const HeatmapLayout& at, const Theme& theme) const;
    void paintLabels(QPainter& painter, const HeatmapLayout& at, const Theme& theme) const;
    void paintFrames(QPainter& painter, const HeatmapLayout& at, const Theme& theme) const;
    void paintLegend(QPainter& painter, const HeatmapLayout& at, const Theme& theme) const;
    bool hasState(CellState state) const;
    ValueScale shownScale() const;
    void choose(int row, int column);
    QString describe(int row, int column) const;

    HeatmapData m_data;
    QString m_title, m_deadText;
    MapKind m_kind = MapKind::Load;
    ValueScale m_scale = ValueScale::loadLog2();
    std::function<QString(int, int)> m_describe;
    std::vector<QPoint> m_alarms;
    QSize m_maximumCell{34, 30};
    bool m_compact = false, m_legend = true, m_hoverLine = true;
    int m_row = -1, m_column = -1;
    QPoint m_hover{-1, -1};
    std::optional<QPoint> m_press;
};

}  // namespace moescope
