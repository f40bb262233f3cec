// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QGraphicsScene>
#include <QPainter>

#include "widgets/chart_scene.h"
#include "widgets/crisp.h"
#include "widgets/state_glyph.h"

namespace moescope {

namespace {

QFont boldSmall(const Theme& theme)
{
    QFont font = theme.small;
    font.setWeight(QFont::Bold);
    return font;
}

}  // namespace

void ChartScene::paint(QPainter& painter, const ChartSpec& spec, const ChartView& view, const Theme& theme) const
{
    painter.save();
    painter.fillRect(m_rect, theme.base);
    paintGround(painter, spec, theme);
    paintGrid(painter, theme);
    paintBands(painter);
    paintMarks(painter, spec, theme);
    paintLines(painter, theme);
    paintThresholds(painter, spec, theme);
    paintAxes(painter, spec, theme);
    paintCursors(painter, view, theme);
    paintStrip(painter, theme);
    if (m_endLabels)
        paintEndLabels(painter, theme);
    else
        paintLegend(painter, theme);
    paintReadout(painter, spec, view, theme);
    if (view.focused)
        crisp::frame(painter, m_rect, theme.accent);
    painter.restore();
}

void ChartScene::paintGround(QPainter& painter, const ChartSpec& spec, const Theme& theme) const
{
    const QRectF& area = m_plot.area;
    if (m_dataX.high < m_viewX.high) {
        const double x = std::clamp(m_plot.x.pixel(m_dataX.high), area.left(), area.right());
        painter.fillRect(QRectF(x, area.top(), area.right() - x, area.height()), theme.alternate);
    }
    for (const ChartThreshold& threshold : spec.thresholds) {
        const double y = std::clamp(m_plot.y.pixel(threshold.value), area.top(), area.bottom());
        QColor tint = theme.ground(threshold.state);
        tint.setAlphaF(0.6F);
        if (threshold.forbidden == ChartThreshold::Side::Below)
            painter.fillRect(QRectF(area.left(), y, area.width(), area.bottom() - y), tint);
        else if (threshold.forbidden == ChartThreshold::Side::Above)
            painter.fillRect(QRectF(area.left(), area.top(), area.width(), y - area.top()), tint);
    }
    for (const ChartNullBand& band : spec.nulls) {
        const double top = std::clamp(m_plot.y.pixel(band.high), area.top(), area.bottom());
        const double bottom = std::clamp(m_plot.y.pixel(band.low), area.top(), area.bottom());
        painter.fillRect(QRectF(area.left(), top, area.width(), std::max(bottom - top, 1.0)), theme.grid);
        crisp::text(painter, QRectF(area.left() + 6, bottom - metrics::tick(), 0, metrics::tick()),
            Qt::AlignLeft | Qt::AlignBottom, band.name, theme.small, theme.text3);
    }
}

void ChartScene::paintGrid(QPainter& painter, const Theme& theme) const
{
    const QRectF& area = m_plot.area;
    for (const Tick& tick : m_yTicks)
        crisp::horizontal(painter, area.left(), area.right(), m_plot.y.pixel(tick.value), theme.grid);
    for (const Tick& tick : m_xTicks)
        crisp::vertical(painter, m_plot.x.pixel(tick.value), area.top(), area.bottom(), theme.grid);
}

void ChartScene::paintBands(QPainter& painter) const
{
    painter.setPen(Qt::NoPen);
    for (const auto& [polygon, color] : m_bands) {
        painter.setBrush(color);
        painter.drawPolygon(polygon);
    }
}

void ChartScene::paintLines(QPainter& painter, const Theme& theme) const
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, m_smooth);
    m_scene->render(&painter, m_plot.area, m_plot.area, Qt::IgnoreAspectRatio);
    painter.restore();
    painter.setRenderHint(QPainter::Antialiasing, true);
    for (const Line& line : m_lines) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(line.color);
        for (const QPointF& point : line.pieces.lonely)
            painter.drawEllipse(point, 1.5, 1.5);
    }
    for (const Line& line : m_lines) {
        for (const QPointF& at : line.markers)
            paintMarker(painter, at, 5.5, line.marker, line.color, theme.base);
        for (const QPointF& at : line.pieces.crosses)
            crisp::cross(painter, QRectF(at - QPointF(5, 5), QSizeF(10, 10)), theme.nonFinite, 2);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void ChartScene::paintThresholds(QPainter& painter, const ChartSpec& spec, const Theme& theme) const
{
    const QRectF& area = m_plot.area;
    for (const ChartThreshold& threshold : spec.thresholds) {
        const double y = m_plot.y.pixel(threshold.value);
        if (y < area.top() || y > area.bottom())
            continue;
        const bool neutral = threshold.state == State::None;
        const QColor color = neutral ? theme.text2 : theme.color(threshold.state);
        if (threshold.dotted)
            crisp::dashedHorizontal(painter, area.left(), area.right(), y, color, 1, 2);
        else
            crisp::dashedHorizontal(painter, area.left(), area.right(), y, color, 4, 3);
        const int tick = metrics::tick();
        const bool below = threshold.forbidden == ChartThreshold::Side::Below ? y + tick + 2 < area.bottom()
                                                                              : y - tick - 2 < area.top();
        const double top = below ? y + 1 : y - tick - 1;
        const QRectF box(area.left() + 6, top, area.width() - 12, tick);
        crisp::text(painter, box, (neutral ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter, threshold.name,
            theme.small, color);
    }
}

void ChartScene::paintMarks(QPainter& painter, const ChartSpec& spec, const Theme& theme) const
{
    const QRectF& area = m_plot.area;
    for (const ChartMark& mark : spec.marks) {
        const double x = m_plot.x.pixel(mark.x);
        if (x < area.left() || x > area.right())
            continue;
        const QColor color = theme.color(mark.state);
        crisp::dashedVertical(painter, x, area.top(), area.bottom(), color, 2, 3);
        const double width = crisp::textWidth(theme.small, mark.text);
        const bool left = x - width - 6 > area.left();
        const QRectF box(left ? x - width - 5 : x + 5, area.bottom() - metrics::tick() - 2, width, metrics::tick());
        crisp::text(painter, box, Qt::AlignLeft | Qt::AlignVCenter, mark.text, theme.small, color);
    }
}

void ChartScene::paintAxes(QPainter& painter, const ChartSpec& spec, const Theme& theme) const
{
    const QRectF& area = m_plot.area;
    const int tick = metrics::tick();
    crisp::vertical(painter, area.left(), area.top(), area.bottom() + 1, theme.strongLine);
    crisp::horizontal(painter, area.left(), area.right(), area.bottom(), theme.strongLine);
    for (const Tick& t : m_yTicks) {
        const QRectF box(m_rect.left(), m_plot.y.pixel(t.value) - tick / 2.0, area.left() - 8 - m_rect.left(), tick);
        crisp::text(painter, box, Qt::AlignRight | Qt::AlignVCenter, t.text, theme.small, theme.text2);
    }
    double nameRight = area.left() - 6;
    for (const Tick& t : m_xTicks) {
        const double x = m_plot.x.pixel(t.value), width = crisp::textWidth(theme.small, t.text);
        const double left = std::min(x - width / 2, m_rect.right() - width - 1);
        crisp::vertical(painter, x, area.bottom(), area.bottom() + 4, theme.strongLine);
        crisp::text(
            painter, QRectF(left, area.bottom() + 4, width, tick), Qt::AlignCenter, t.text, theme.small, theme.text2);
        if (&t == &m_xTicks.front())
            nameRight = std::min(nameRight, left - 4);
    }
    crisp::text(painter, QRectF(m_rect.left(), area.bottom() + 4, nameRight - m_rect.left(), tick),
        Qt::AlignRight | Qt::AlignVCenter, spec.x.name, theme.small, theme.text3);
}

void ChartScene::paintStrip(QPainter& painter, const Theme& theme) const
{
    if (m_strip.isEmpty())
        return;
    painter.fillRect(m_strip, theme.alternate);
    double first = m_strip.right();
    double last = m_strip.left();
    for (const Line& line : m_lines) {
        for (const double x : line.pieces.nonFinite) {
            painter.fillRect(QRectF(std::round(x) - 1, m_strip.top() + 2, 3, m_strip.height() - 4), theme.nonFinite);
            first = std::min(first, x);
            last = std::max(last, x);
        }
    }
    const double width = crisp::textWidth(theme.small, m_stripText);
    double left = last + 6;
    if (left + width > m_strip.right())
        left = first - width - 6;
    if (left < m_strip.left() || first > last)
        left = m_strip.left() + 4;
    crisp::text(painter, QRectF(left, m_strip.top(), width, m_strip.height()), Qt::AlignLeft | Qt::AlignVCenter,
        m_stripText, theme.small, theme.nonFinite);
}

void ChartScene::paintCursors(QPainter& painter, const ChartView& view, const Theme& theme) const
{
    const QRectF& area = m_plot.area;
    const auto visible = [&](const std::optional<double>& x) { return x && *x >= m_viewX.low && *x <= m_viewX.high; };
    if (visible(view.cursorB))
        crisp::dashedVertical(painter, m_plot.x.pixel(*view.cursorB), area.top(), area.bottom(), theme.accent);
    if (visible(view.cursorA))
        crisp::vertical(painter, m_plot.x.pixel(*view.cursorA), area.top(), area.bottom(), theme.accent);
    if (visible(view.hoverX))
        crisp::vertical(painter, m_plot.x.pixel(*view.hoverX), area.top(), area.bottom(), theme.text3);
}

void ChartScene::paintLegend(QPainter& painter, const Theme& theme) const
{
    if (m_legend.isEmpty())
        return;
    painter.fillRect(m_legend, theme.base);
    double y = m_legend.top() + 2;
    for (const Entry& entry : m_entries) {
        const QPointF left(m_legend.left() + 6, y + 8), right = left + QPointF(18, 0);
        painter.setRenderHint(QPainter::Antialiasing, true);
        painter.setPen(entry.pen);
        painter.drawLine(left, right);
        paintMarker(painter, (left + right) / 2, 5.5, entry.marker, entry.color, theme.base);
        painter.setRenderHint(QPainter::Antialiasing, false);
        crisp::text(painter, QRectF(right.x() + 6, y, m_legend.width(), 16), Qt::AlignLeft | Qt::AlignVCenter,
            entry.text, theme.small, theme.text2);
        y += 16;
    }
}

void ChartScene::paintEndLabels(QPainter& painter, const Theme& theme) const
{
    std::vector<std::size_t> order(m_entries.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        order[i] = i;
    std::stable_sort(
        order.begin(), order.end(), [this](std::size_t a, std::size_t b) { return m_entries[a].y < m_entries[b].y; });
    std::vector<double> wanted;
    for (const std::size_t i : order)
        wanted.push_back(m_entries[i].y);
    const std::vector<double> places = spreadLabels(wanted, 12, m_plot.area.top() + 4, m_plot.area.bottom() - 4);
    for (std::size_t i = 0; i < order.size(); ++i) {
        const Entry& entry = m_entries[order[i]];
        crisp::text(painter, QRectF(m_plot.area.right() + 7, places[i] - 8, 0, 16), Qt::AlignLeft | Qt::AlignVCenter,
            entry.text, entry.strong ? boldSmall(theme) : theme.small, entry.color);
    }
}

std::vector<ChartScene::ReadoutRow> ChartScene::readoutRows(const ChartSpec& spec, double x) const
{
    constexpr std::size_t kMostRows = 12;
    std::vector<ReadoutRow> rows;
    for (const ChartSeries& series : spec.series) {
        if (!series.source || series.source->size() == 0 || series.name.isEmpty() || rows.size() == kMostRows)
            continue;
        const ChartPoint point = series.source->point(nearestPoint(*series.source, x));
        ReadoutRow row{series.shortName.isEmpty() ? series.name : series.shortName,
            QCoreApplication::translate("LineChart", "not finite"), &series, {}};
        if (std::isfinite(point.y)) {
            row.value = axisValueText(point.y, spec.y, series.decimals);
            row.point = m_plot.pixel(point);
        }
        const QString at = axisValueText(point.x, spec.x, 3);
        if (at != axisValueText(x, spec.x, 3))
            row.name += QLatin1Char(' ') + at;
        rows.push_back(row);
        if (series.smoothed && rows.size() < kMostRows) {
            const ChartPoint mean = series.smoothed->point(nearestPoint(*series.smoothed, x));
            rows.push_back({series.smoothedName, axisValueText(mean.y, spec.y, series.decimals), &series, {}});
        }
    }
    return rows;
}

void ChartScene::paintReadout(QPainter& painter, const ChartSpec& spec, const ChartView& view, const Theme& theme) const
{
    const bool roomy = m_plot.area.width() >= 260 && m_plot.area.height() >= 110;
    const bool atCursor =
        spec.readout && roomy && view.cursorA && *view.cursorA >= m_viewX.low && *view.cursorA <= m_viewX.high;
    if (!view.hoverX && !atCursor)
        return;
    const double x = view.hoverX.value_or(view.cursorA.value_or(0));
    const std::vector<ReadoutRow> rows = readoutRows(spec, x);
    if (rows.empty())
        return;
    const QFont bold = boldSmall(theme);
    QString header = axisValueText(x, spec.x, 3);
    if (!view.hoverX)
        header = QStringLiteral("A  ") + header;
    const int line = metrics::tick() + 1;
    const auto sameRole = [&rows](const ReadoutRow& row) { return row.series->role == rows.front().series->role; };
    const double swatch = std::all_of(rows.begin(), rows.end(), sameRole) ? 0 : 24;
    double nameWidth = 0, valueWidth = 0;
    for (const ReadoutRow& row : rows) {
        nameWidth = std::max(nameWidth, crisp::textWidth(theme.small, row.name));
        valueWidth = std::max(valueWidth, crisp::textWidth(theme.small, row.value));
    }
    const double inner = std::max(swatch + nameWidth + 14 + valueWidth, crisp::textWidth(bold, header));
    const QRectF box = readoutPlace({inner + 16, line * double(rows.size() + 1) + 8}, m_plot.x.pixel(x));
    painter.setRenderHint(QPainter::Antialiasing, true);
    for (const ReadoutRow& row : rows) {
        if (view.hoverX && row.point && m_plot.area.contains(*row.point))
            paintMarker(painter, *row.point, 6, Marker::Ring, theme.color(row.series->role), theme.base);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.fillRect(box, theme.base);
    crisp::frame(painter, box, theme.strongLine);
    QRectF at(box.left() + 8, box.top() + 4, inner, line);
    crisp::text(painter, at, Qt::AlignLeft | Qt::AlignVCenter, header, bold, theme.text);
    for (const ReadoutRow& row : rows) {
        at.translate(0, line);
        if (swatch > 0)
            paintSwatch(painter, QRectF(at.left(), at.top(), 18, line), row.series->role, theme, false);
        crisp::text(painter, at.adjusted(swatch, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, row.name, theme.small,
            theme.text2);
        crisp::text(painter, at, Qt::AlignRight | Qt::AlignVCenter, row.value, theme.small,
            row.point ? theme.text : theme.text2);
    }
}

QRectF ChartScene::readoutPlace(QSizeF size, double x) const
{
    const QRectF& area = m_plot.area;
    const auto covered = [this](const QRectF& box) {
        std::size_t points = 0;
        for (const Line& line : m_lines) {
            for (const QList<QPointF>& piece : line.pieces.lines)
                points +=
                    std::size_t(std::count_if(piece.begin(), piece.end(), [&](QPointF p) { return box.contains(p); }));
        }
        return points + (box.intersects(m_legend) ? 1000 : 0);
    };
    std::optional<QRectF> best;
    std::size_t least = 0;
    for (const double left : {x - size.width() - 10, x + 10}) {
        if (left < area.left() || left + size.width() > area.right() + 4)
            continue;
        for (const double share : {0.5, 0.06, 0.94, 0.28, 0.72}) {
            const QRectF box(std::round(left), std::round(area.top() + share * (area.height() - size.height())),
                std::round(size.width()), size.height());
            const std::size_t points = covered(box);
            if (!best || points < least) {
                best = box;
                least = points;
            }
        }
    }
    const double left = std::clamp(
        x - size.width() - 10, m_rect.left() + 1, std::max(m_rect.left() + 1, m_rect.right() - size.width() - 1));
    return best.value_or(QRectF(QPointF(std::round(left), area.top() + 2), size));
}

}  // namespace moescope
