// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Line chart on Qt Charts: at most two points per pixel column in any series, own axes, legend, cursors and read-out.
#pragma once

#include <optional>

#include <QWidget>

#include "widgets/chart_spec.h"
#include "widgets/figure.h"

namespace moescope {

/// GUI thread. Wheel = zoom x at the mouse, drag = pan, double click = all, click = cursor A, Shift+click = cursor B,
/// ← → = previous and next stored point (Shift ×10), + − = zoom, Home = all.
class LineChart : public QWidget, public Figure {
    Q_OBJECT
public:
    explicit LineChart(QWidget* parent = nullptr);
    ~LineChart() override;

    /// New data never moves a view that the user has set.
    void setSpec(ChartSpec spec);
    const ChartSpec& spec() const;
    void setTitle(const QString& title);  ///< of exports and for screen readers
    void setCursors(std::optional<double> a, std::optional<double> b);
    void setHoverX(std::optional<double> x);  ///< from a linked chart

    /// The x-range in view. Programs set it for linked charts; that emits nothing.
    void setXRange(double from, double to);
    void showAll();  ///< back to all data (and following it)
    bool isFollowing() const;
    double xFrom() const;
    double xTo() const;
    double yLow() const;
    double yHigh() const;
    QRectF plotArea() const;  ///< in widget coordinates

    /// "6,180 of 6,180 points · 932 above 2.7": shown in view, stored in view, clipped, non-finite.
    QString badge() const;
    /// Most points that any QLineSeries holds now; never above 2 × columns().
    int largestSeries() const;
    int columns() const;  ///< pixel columns of the plot, in device pixels

    QString figureTitle() const override;
    QSizeF figureSize() const override;
    void paintFigure(QPainter& painter, const QRectF& rect, const Theme& theme) const override;
    QString tableText(TableFormat format) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void xRangeChanged(double from, double to);  ///< by the user
    void followRequested();                      ///< double click or Home: all data again
    void cursorMoved(double x);                  ///< A: x of the stored point nearest to the click
    void secondCursorMoved(double x);            ///< B
    void hovered(double x);
    void hoverLeft();
    void badgeChanged(const QString& text);
    void nonFiniteClicked(double x);  ///< x of the series' first non-finite point

protected:
    bool event(QEvent*) override;
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
    void zoom(double factor, double atX);
    void moveCursor(int points);
    void userRange(double from, double to);
    void refresh();
    void arrange();
    double nearestStored(double x) const;
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Links charts in x: range and hover of one are those of all; a double click frees all.
void linkX(const QList<LineChart*>& charts);

}  // namespace moescope
