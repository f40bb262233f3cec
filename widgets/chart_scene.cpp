// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/chart_scene.h"

#include <algorithm>
#include <cmath>
#include <iterator>

#include <QChart>
#include <QCoreApplication>
#include <QGraphicsScene>
#include <QLineSeries>
#include <QValueAxis>

#include "widgets/crisp.h"
#include "widgets/number_text.h"

namespace moescope {

namespace {

constexpr double kDenseDash = 3;     // dashes of a dense line are longer, to be seen in its noise
constexpr double kGapShare = 0.45;   // of its colour in the gaps between them
constexpr double kRawShare = 0.35;   // of a raw line behind its smoothed one
constexpr double kThinShare = 0.75;  // of a line that shows every step, so that sparse series stand out before it
constexpr int kTop = 8, kRight = 12, kTickGap = 8, kStripHeight = 14, kMostLegendLines = 4;
constexpr qsizetype kMostSmoothSegments = 4000;
constexpr std::size_t kRangeColumns = 256;  // enough for extremes, which the pyramid keeps exactly

QColor mixed(const QColor& color, const QColor& ground, double share)
{
    const auto mix = [share](float a, float b) { return float(b + (a - b) * share); };
    return QColor::fromRgbF(
        mix(color.redF(), ground.redF()), mix(color.greenF(), ground.greenF()), mix(color.blueF(), ground.blueF()));
}

qreal widest(const std::vector<Tick>& ticks, const QFont& font)
{
    qreal width = 0;
    for (const Tick& tick : ticks)
        width = std::max(width, crisp::textWidth(font, tick.text));
    return width;
}

int numLegendLines(const ChartSpec& spec)
{
    int lines = 0;
    for (const ChartSeries& series : spec.series)
        lines += series.name.isEmpty() ? 0 : series.smoothed ? 2 : 1;
    return lines;
}

ValueRange dataRange(const ChartSpec& spec)
{
    std::optional<ValueRange> range;
    for (const ChartSeries& series : spec.series) {
        for (const ChartSource* source : {series.source.get(), series.rolledBack.get()}) {
            if (!source || source->size() == 0)
                continue;
            const double first = source->point(0).x, last = source->point(source->size() - 1).x;
            range =
                range ? ValueRange{std::min(range->low, first), std::max(range->high, last)} : ValueRange{first, last};
        }
    }
    if (!range)
        range = spec.xHigh ? ValueRange{spec.xLow.value_or(0), *spec.xHigh} : ValueRange{0, 1};
    range->low = std::min(range->low, spec.xLow.value_or(range->low));
    range->high = std::max(range->high, spec.xHigh.value_or(range->high));
    return range->high > range->low ? *range : ValueRange{range->low, range->low + 1};
}

/// All data with a calm right end: it jumps by tenths of a tick step, not with every record.
ValueRange wholeRange(ValueRange data, const AxisSpec& axis)
{
    if (axis.log)
        return {std::max(data.low, data.high > 0 ? data.high * 1e-6 : 1.0), std::max(data.high, 1e-6)};
    if (data.low > 0 && data.low < data.high * 0.1)
        data.low = 0;
    const double part = tickStep(data.low, data.high, 6) / 10;
    return {data.low, std::ceil(data.high / part + 0.2) * part};
}

}  // namespace

QString axisValueText(double value, const AxisSpec& axis, int decimals)
{
    switch (axis.unit) {
    case AxisUnit::Step:
        return numberText::count(std::llround(value));
    case AxisUnit::Count:
        return numberText::si(value, 4);
    case AxisUnit::Seconds:
        return numberText::duration(value);
    case AxisUnit::Number:
        break;
    }
    const double magnitude = std::abs(value);
    if (magnitude >= 1e5 || (magnitude > 0 && magnitude < 0.5 * std::pow(10.0, -decimals)))
        return numberText::significant(value, 3);
    return numberText::fixed(value, decimals);
}

ChartScene::ChartScene()
    : m_scene(std::make_unique<QGraphicsScene>())
    , m_chart(new QChart)
{
    m_scene->addItem(m_chart);
    m_chart->setAnimationOptions(QChart::NoAnimation);
    m_chart->setBackgroundVisible(false);
    m_chart->setPlotAreaBackgroundVisible(false);
    m_chart->setMargins({});
    m_chart->legend()->hide();
    for (const Qt::Alignment side : {Qt::AlignBottom, Qt::AlignLeft}) {
        auto* axis = new QValueAxis;
        axis->setVisible(false);
        m_chart->addAxis(axis, side);
    }
}

ChartScene::~ChartScene() = default;

void ChartScene::arrange(
    const ChartSpec& spec, const ChartView& view, QRectF rect, qreal pixelRatio, const Theme& theme)
{
    m_rect = rect;
    m_plot.columnsPerPixel = pixelRatio;
    m_endLabels = spec.endLabels || numLegendLines(spec) > kMostLegendLines;
    m_dataX = dataRange(spec);
    m_viewX = view.x.value_or(wholeRange(m_dataX, spec.x));
    m_numStored = 0;
    for (const ChartSeries& series : spec.series)
        m_numStored += series.source ? series.source->size() : 0;
    collectStrip(spec);
    findRanges(spec, view);
    placePlot(spec, rect, theme);
    cutLines(spec, theme);
    collectEntries(spec, theme);
    fillChart();
}

void ChartScene::findRanges(const ChartSpec& spec, const ChartView& view)
{
    std::optional<ValueRange> all, living;
    for (const ChartSeries& series : spec.series) {
        const bool own = series.bandLow && series.bandHigh;
        for (const ChartSource* source :
            {series.source.get(), own ? series.bandLow.get() : nullptr, own ? series.bandHigh.get() : nullptr}) {
            if (!source)
                continue;
            const auto columns = source->columns(m_viewX.low, m_viewX.high, kRangeColumns);
            widen(all, columns, spec.y.log);
            if (const auto part = livingRange(columns, m_viewX.low, m_viewX.high, spec.y.log); part && spec.clipY)
                living =
                    living ? ValueRange{std::min(living->low, part->low), std::max(living->high, part->high)} : *part;
        }
    }
    const ValueRange whole = calmRange(all.value_or(ValueRange{spec.y.log ? 0.1 : 0.0, 1}), spec.y);
    m_viewY = whole;
    if (living && !view.showClipped) {
        const ValueRange calm = calmRange(*living, spec.y);
        m_viewY = {std::max(calm.low, whole.low), std::min(calm.high, whole.high)};
    }
    m_viewY.low = spec.yLow.value_or(m_viewY.low);
    m_viewY.high = spec.yHigh.value_or(m_viewY.high);
    if (!(m_viewY.high > m_viewY.low))
        m_viewY.high = m_viewY.low + 1;
    m_clipped = all && (all->low < m_viewY.low || all->high > m_viewY.high);
}

void ChartScene::placePlot(const ChartSpec& spec, QRectF rect, const Theme& theme)
{
    const int tick = metrics::tick();
    const bool strip = !m_stripText.isEmpty();
    const double bottom = rect.bottom() - tick - 6 - (strip ? kStripHeight + 2 : 0);
    const double top = rect.top() + kTop;
    m_yTicks = axisTicks(m_viewY.low, m_viewY.high, std::clamp(int((bottom - top) / 26), 2, 6), spec.y);
    qreal right = kRight;
    if (m_endLabels) {
        QFont bold = theme.small;
        bold.setWeight(QFont::Bold);
        for (const ChartSeries& series : spec.series)
            right =
                std::max(right, crisp::textWidth(bold, series.endLabel.isEmpty() ? series.name : series.endLabel) + 12);
    }
    const double xName = crisp::textWidth(theme.small, spec.x.name) + 10;
    const double left = std::max({std::ceil(widest(m_yTicks, theme.small)) + kTickGap + 6, xName, spec.plotLeft});
    right = std::max(std::ceil(right), spec.plotRight);
    m_plot.area = QRectF(std::round(rect.left() + left), std::round(top), std::round(rect.width() - left - right),
        std::round(bottom - top));
    m_plot.area.setWidth(std::max(m_plot.area.width(), 10.0));
    m_plot.area.setHeight(std::max(m_plot.area.height(), 10.0));
    m_plot.x = {m_viewX.low, m_viewX.high, m_plot.area.left(), m_plot.area.right(), spec.x.log};
    m_plot.y = {m_viewY.low, m_viewY.high, m_plot.area.bottom(), m_plot.area.top(), spec.y.log};
    int most = 6;
    do {
        m_xTicks = axisTicks(m_viewX.low, m_viewX.high, most, spec.x);
    } while (widest(m_xTicks, theme.small) + 16 > m_plot.area.width() / std::max<double>(double(m_xTicks.size()), 1)
        && --most > 2);
    m_strip = strip ? QRectF(m_plot.area.left(), rect.bottom() - kStripHeight - 1, m_plot.area.width(), kStripHeight)
                    : QRectF();
}

void ChartScene::addLine(const ChartSource& source, const QPen& pen, const QColor& ground)
{
    m_lines.push_back({cutPieces(source, m_plot), pen.color(), pen, {}, Marker::None});
    const std::vector<QList<QPointF>>& pieces = m_lines.back().pieces.lines;
    if (pen.style() == Qt::CustomDashLine && std::any_of(pieces.begin(), pieces.end(), isDense))
        dashDenseLine(ground);
}

void ChartScene::dashDenseLine(const QColor& ground)
{
    Line& line = m_lines.back();
    QList<qreal> pattern = line.pen.dashPattern();
    for (qreal& part : pattern)
        part *= line.pen.widthF() * kDenseDash;
    Line gaps{{}, line.color, QPen(mixed(line.color, ground, kGapShare), line.pen.widthF()), {}, Marker::None};
    std::vector<QList<QPointF>> dashes;
    for (const QList<QPointF>& piece : line.pieces.lines) {
        DashedLine parts = dashesAlongX(piece, pattern);
        std::move(parts.on.begin(), parts.on.end(), std::back_inserter(dashes));
        std::move(parts.off.begin(), parts.off.end(), std::back_inserter(gaps.pieces.lines));
    }
    line.pieces.lines = std::move(dashes);
    line.pen.setStyle(Qt::SolidLine);
    m_lines.insert(m_lines.end() - 1, std::move(gaps));
}

void ChartScene::cutLines(const ChartSpec& spec, const Theme& theme)
{
    m_lines.clear();
    m_bands.clear();
    m_numInView = 0;
    m_rolledBack = false;
    for (const ChartSeries& series : spec.series) {
        if (series.source)
            cutSeries(series, theme);
    }
}

void ChartScene::cutSeries(const ChartSeries& series, const Theme& theme)
{
    const double width = series.selected ? 2 : series.thin ? 1 : 1.5;
    QPen pen = theme.pen(series.role, width);
    if (series.solid || series.selected)
        pen.setStyle(Qt::SolidLine);
    if (series.rolledBack && series.rolledBack->size() > 0) {
        QPen dotted(theme.text3, 1);
        dotted.setDashPattern({1, 2});
        addLine(*series.rolledBack, dotted, theme.base);
        m_rolledBack = m_rolledBack || m_lines.back().pieces.numInView > 0;
    }
    if (series.thin)
        pen.setColor(mixed(pen.color(), theme.base, kThinShare));
    addLine(*series.source, series.smoothed ? QPen(mixed(pen.color(), theme.base, kRawShare), 1) : pen, theme.base);
    const ChartPieces& pieces = m_lines.back().pieces;
    m_numInView += pieces.numInView;
    if (series.bandLow && series.bandHigh) {
        const ChartPieces low = cutPieces(*series.bandLow, m_plot), high = cutPieces(*series.bandHigh, m_plot);
        QPolygonF polygon(high.bandTop);
        std::for_each(low.bandBottom.rbegin(), low.bandBottom.rend(), [&](QPointF p) { polygon << p; });
        m_bands.emplace_back(polygon, mixed(pen.color(), theme.base, 0.14));
    } else if (series.band && pieces.bandTop.size() > 1) {
        QPolygonF polygon(pieces.bandTop);
        std::for_each(pieces.bandBottom.rbegin(), pieces.bandBottom.rend(), [&](QPointF p) { polygon << p; });
        m_bands.emplace_back(polygon, mixed(pen.color(), theme.base, 0.14));
    }
    if (series.markers) {
        m_lines.back().marker = theme.marker(series.role);
        const std::size_t every = pieces.numInView > std::size_t(m_plot.area.width() / 10) ? 4 : 1;
        for (const ChartPoint& point :
            pointsInView(*series.source, m_viewX.low, m_viewX.high, std::size_t(m_plot.area.width() / 3), every)) {
            if (const QPointF at = m_plot.pixel(point); m_plot.area.adjusted(-1, -1, 1, 1).contains(at))
                m_lines.back().markers.push_back(at);
        }
    }
    if (series.smoothed)
        addLine(*series.smoothed, pen, theme.base);
}

void ChartScene::fillChart()
{
    // Qt Charts computes every series anew when its plot moves, so it gets one that only a new size moves; painting
    // clips to ours.
    m_chart->resize(m_rect.right(), m_rect.bottom());
    m_chart->setPlotArea(m_rect);
    auto* x = static_cast<QValueAxis*>(m_chart->axes(Qt::Horizontal).first());
    auto* y = static_cast<QValueAxis*>(m_chart->axes(Qt::Vertical).first());
    x->setRange(m_rect.left(), m_rect.right());
    y->setRange(-m_rect.bottom(), -m_rect.top());
    qsizetype segments = 0;
    for (const Line& line : m_lines) {
        for (const QList<QPointF>& piece : line.pieces.lines)
            segments += piece.size();
    }
    m_smooth = segments <= kMostSmoothSegments;
    m_numSeries = 0;
    for (const Line& line : m_lines) {
        QPen pen = line.pen;
        // Without antialiasing 1.5 px cannot be told from 1 px, which costs a third of the time.
        if (!m_smooth && pen.widthF() < 2)
            pen.setWidthF(1);
        for (const QList<QPointF>& piece : line.pieces.lines)
            fillSeries(piece, pen);
    }
    for (qsizetype i = qsizetype(m_numSeries); i < m_series.size(); ++i) {
        if (m_series[i]->isVisible()) {
            m_series[i]->replace(QList<QPointF>{});
            m_series[i]->setVisible(false);
        }
    }
}

void ChartScene::fillSeries(QList<QPointF> points, const QPen& pen)
{
    if (std::size_t(m_series.size()) == m_numSeries) {
        auto* series = new QLineSeries;
        m_chart->addSeries(series);
        for (QAbstractAxis* axis : m_chart->axes())
            series->attachAxis(axis);
        m_series.append(series);
    }
    for (QPointF& point : points)
        point.setY(-point.y());
    QLineSeries* series = m_series[qsizetype(m_numSeries++)];
    series->setPen(pen);
    series->setVisible(true);
    series->replace(points);
}

void ChartScene::collectEntries(const ChartSpec& spec, const Theme& theme)
{
    m_entries.clear();
    for (const ChartSeries& series : spec.series) {
        if (series.name.isEmpty() || !series.source)
            continue;
        QPen pen = theme.pen(series.role, series.selected ? 2 : series.thin ? 1 : 1.5);
        if (series.solid || series.selected)
            pen.setStyle(Qt::SolidLine);
        if (series.thin)
            pen.setColor(mixed(pen.color(), theme.base, kThinShare));
        const Marker marker = series.markers ? theme.marker(series.role) : Marker::None;
        const ChartSource& lead = series.smoothed ? *series.smoothed : *series.source;
        std::size_t last = lead.lowerBound(m_viewX.high);
        last = last == lead.size() ? last : last + 1;
        double y = m_plot.area.center().y();
        while (last-- > 0) {
            if (const double value = lead.point(last).y; std::isfinite(value)) {
                y = std::clamp(m_plot.y.pixel(value), m_plot.area.top(), m_plot.area.bottom());
                break;
            }
        }
        const bool strong = series.selected || series.role.kind == LineRole::Kind::Alarm;
        if (m_endLabels) {
            m_entries.push_back(
                {series.endLabel.isEmpty() ? series.name : series.endLabel, pen.color(), pen, marker, strong, y});
        } else if (series.smoothed) {
            m_entries.push_back(
                {series.name, pen.color(), QPen(mixed(pen.color(), theme.base, kRawShare), 1), marker, strong, y});
            m_entries.push_back({series.smoothedName, pen.color(), pen, Marker::None, strong, y});
        } else {
            m_entries.push_back({series.name, pen.color(), pen, marker, strong, y});
        }
    }
    m_legend = QRectF();
    const bool onlyOne = m_entries.size() == 1 && spec.series.size() == 1 && !spec.series[0].markers && !m_rolledBack;
    if (!spec.legend || m_endLabels || m_entries.empty() || onlyOne)
        return;
    if (m_rolledBack) {
        QPen dotted(theme.text3, 1);
        dotted.setDashPattern({1, 2});
        m_entries.push_back({QCoreApplication::translate("LineChart", "rolled back"), theme.text2, dotted});
    }
    qreal width = 0;
    for (const Entry& entry : m_entries)
        width = std::max(width, crisp::textWidth(theme.small, entry.text));
    const QSizeF size(width + 18 + 6 + 12, double(m_entries.size()) * 16 + 4);
    if (size.width() < m_plot.area.width() * 0.75 && size.height() < m_plot.area.height() * 0.6)
        m_legend = QRectF(QPointF(m_plot.area.right() - size.width(), m_plot.area.top() + 1), size);
}

void ChartScene::collectStrip(const ChartSpec& spec)
{
    QStringList words;
    for (const ChartSeries& series : spec.series) {
        if (!series.source || series.source->numNonFinite() == 0)
            continue;
        const ChartSource& source = *series.source;
        const double first = source.point(0).x, last = source.point(source.size() - 1).x;
        std::size_t numNaN = 0, numInfinite = 0;
        for (const ChartColumn& column : source.columns(first, last, 1)) {
            numNaN += column.numNaN;
            numInfinite += column.numInfinite;
        }
        QStringList kinds;
        if (numNaN > 0)
            kinds << QStringLiteral("NaN × %1").arg(numberText::count(std::int64_t(numNaN)));
        if (numInfinite > 0)
            kinds << QStringLiteral("±Inf × %1").arg(numberText::count(std::int64_t(numInfinite)));
        const QString from = axisValueText(source.point(source.firstNonFinite()).x, spec.x, 3);
        const QString what =
            QCoreApplication::translate("LineChart", "%1 from %2").arg(kinds.join(QStringLiteral(", ")), from);
        words << (spec.series.size() > 1 ? QStringLiteral("%1: %2").arg(series.name, what) : what);
    }
    m_stripText = words.join(QStringLiteral(" · "));
}

int ChartScene::largestSeries() const
{
    qsizetype most = 0;
    for (std::size_t i = 0; i < m_numSeries; ++i)
        most = std::max<qsizetype>(most, m_series[qsizetype(i)]->count());
    return int(most);
}

}  // namespace moescope
