// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Expert × time: one row per expert, every pixel column keeps the minimum (lower half) and maximum (upper half) of its
// records.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <QWidget>

#include "widgets/accessible_grid.h"
#include "widgets/chart_spec.h"
#include "widgets/figure.h"

namespace moescope {

/// Column-major values of `rows` experts in equal columns of (xFrom, xTo]; NaN where a column has no record.
struct TimeMapColumns {
    int rows = 0, columns = 0;
    double xFrom = 0, xTo = 0;
    std::vector<float> minimum, maximum;  ///< [column][row]
};

class TimeMap : public QWidget, public Figure, public AccessibleGrid {
    Q_OBJECT
public:
    using Fetch = std::function<TimeMapColumns(double xFrom, double xTo, int numColumns)>;
    explicit TimeMap(QWidget* parent = nullptr);
    ~TimeMap() override;

    /// `fetch` answers at once for any range inside [xFirst, xLast]. Called when size or range change, GUI thread.
    void setSource(int rows, double xFirst, double xLast, Fetch fetch);
    /// Columns that were computed elsewhere for the range in view (see rangeNeeded); shown stretched until better ones
    /// come.
    void setColumns(TimeMapColumns columns);
    void setTitle(const QString& title);
    void setRowLabels(QStringList labels);
    void setMap(MapKind kind, ValueScale scale);
    void setXAxis(AxisSpec axis);
    void setXRange(double from, double to);
    void showAll();
    void setCursors(std::optional<double> a, std::optional<double> b);
    void setMarks(std::vector<ChartMark> marks);
    void setSelectedRow(int row);
    /// Bars at the right: value at A (thick) and at B (thin), with a line at 1; empty hides them.
    void setBars(std::vector<double> atA, std::vector<double> atB, const QString& title);
    /// Left and right edge of the plot in widget coordinates, to line up charts below.
    QRect plotRect() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    QString figureTitle() const override;
    QSizeF figureSize() const override;
    void paintFigure(QPainter& painter, const QRectF& rect, const Theme& theme) const override;
    QString tableText(TableFormat format) const override;
    int gridRows() const override;
    int gridColumns() const override;
    QString gridRowLabel(int row) const override;
    QString gridColumnLabel(int column) const override;
    QString gridText(int row, int column) const override;
    QRect gridRect(int row, int column) const override;
    QPoint gridCurrent() const override;
    void setGridCurrent(int row, int column) override;

Q_SIGNALS:
    void rangeNeeded(double from, double to, int numColumns);  ///< without a fetch function: columns wanted
    void rowSelected(int row);
    void cursorMoved(double x);
    void secondCursorMoved(double x);
    void brushed(double from, double to);  ///< drag along time
    void xRangeChanged(double from, double to);
    void followRequested();
    void hovered(int row, double x);

protected:
    void paintEvent(QPaintEvent*) override;
    void resizeEvent(QResizeEvent*) override;
    void changeEvent(QEvent*) override;
    void wheelEvent(QWheelEvent*) override;
    void mousePressEvent(QMouseEvent*) override;
    void mouseMoveEvent(QMouseEvent*) override;
    void mouseReleaseEvent(QMouseEvent*) override;
    void mouseDoubleClickEvent(QMouseEvent*) override;
    void leaveEvent(QEvent*) override;
    void keyPressEvent(QKeyEvent*) override;

private:
    void refresh();
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace moescope
