// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// A chart ready to be painted at one size in one theme: ranges, plot area, lines in Qt Charts, everything else by hand.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QList>
#include <QPen>
#include <QPolygonF>

#include "widgets/chart_lines.h"
#include "widgets/chart_spec.h"

class QChart;
class QGraphicsScene;
class QLineSeries;
class QPainter;

namespace moescope {

/// What the user has set, apart from the data.
struct ChartView {
    std::optional<ValueRange> x;  ///< none = all data
    bool showClipped = false;     ///< after a double click: y over everything
    std::optional<double> cursorA, cursorB, hoverX;
    bool focused = false;
};

class ChartScene {
public:
    ChartScene();
    ~ChartScene();
    Q_DISABLE_COPY_MOVE(ChartScene)

    /// Everything that depends on data, size, range or theme. `pixelRatio` = device pixels per logical pixel.
    void arrange(const ChartSpec& spec, const ChartView& view, QRectF rect, qreal pixelRatio, const Theme& theme);
    /// Cursors and hover come from `view`; nothing else is computed anew.
    void paint(QPainter& painter, const ChartSpec& spec, const ChartView& view, const Theme& theme) const;

    const PlotMap& plot() const { return m_plot; }
    ValueRange dataX() const { return m_dataX; }
    bool isClipped() const { return m_clipped; }
    std::size_t numStored() const { return m_numStored; }
    std::size_t numInView() const { return m_numInView; }
    int largestSeries() const;
    QRectF stripRect() const { return m_strip; }

private:
    struct Line {
        ChartPieces pieces;
        QColor color;
        QPen pen;
        std::vector<QPointF> markers;
        Marker marker = Marker::None;
    };
    struct Entry {
        QString text;
        QColor color;
        QPen pen;
        Marker marker = Marker::None;
        bool strong = false;
        double y = 0;  ///< of its line's end, for labels there
    };

    void findRanges(const ChartSpec& spec, const ChartView& view);
    void placePlot(const ChartSpec& spec, QRectF rect, const Theme& theme);
    void cutLines(const ChartSpec& spec, const Theme& theme);
    void cutSeries(const ChartSeries& series, const Theme& theme);
    void addLine(const ChartSource& source, const QPen& pen, const QColor& ground);
    void dashDenseLine(const QColor& ground);
    void fillChart();
    void fillSeries(QList<QPointF> points, const QPen& pen);
    void collectEntries(const ChartSpec& spec, const Theme& theme);
    void collectStrip(const ChartSpec& spec);

    void paintGround(QPainter& painter, const ChartSpec& spec, const Theme& theme) const;
    void paintGrid(QPainter& painter, const Theme& theme) const;
    void paintBands(QPainter& painter) const;
    void paintLines(QPainter& painter, const Theme& theme) const;
    void paintThresholds(QPainter& painter, const ChartSpec& spec, const Theme& theme) const;
    void paintMarks(QPainter& painter, const ChartSpec& spec, const Theme& theme) const;
    void paintAxes(QPainter& painter, const ChartSpec& spec, const Theme& theme) const;
    void paintStrip(QPainter& painter, const Theme& theme) const;
    void paintCursors(QPainter& painter, const ChartView& view, const Theme& theme) const;
    void paintLegend(QPainter& painter, const Theme& theme) const;
    void paintEndLabels(QPainter& painter, const Theme& theme) const;
    struct ReadoutRow {
        QString name, value;
        const ChartSeries* series = nullptr;
        std::optional<QPointF> point;
    };
    std::vector<ReadoutRow> readoutRows(const ChartSpec& spec, double x) const;
    void paintReadout(QPainter& painter, const ChartSpec& spec, const ChartView& view, const Theme& theme) const;
    QRectF readoutPlace(QSizeF size, double x) const;

    PlotMap m_plot;
    ValueRange m_dataX, m_viewX, m_viewY;
    bool m_clipped = false, m_endLabels = false, m_smooth = true, m_rolledBack = false;
    std::size_t m_numStored = 0, m_numInView = 0;
    std::vector<Tick> m_xTicks, m_yTicks;
    std::vector<Line> m_lines;
    std::vector<Entry> m_entries;
    std::vector<std::pair<QPolygonF, QColor>> m_bands;
    QString m_stripText;
    QRectF m_rect, m_strip, m_legend;
    std::unique_ptr<QGraphicsScene> m_scene;
    QChart* m_chart = nullptr;
    QList<QLineSeries*> m_series;
    std::size_t m_numSeries = 0;
};

/// "6,180" for steps, "12.3 M" for tokens, "1 h 8 min" for time.
QString axisValueText(double value, const AxisSpec& axis, int decimals);

}  // namespace moescope
