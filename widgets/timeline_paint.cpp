// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include <QPainter>

#include "widgets/crisp.h"
#include "widgets/number_text.h"
#include "widgets/state_glyph.h"
#include "widgets/timeline_lanes.h"

namespace moescope {

void TimelineLanes::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme& theme = currentTheme();
    const Layout at = lanes();
    const AxisMap x = axisMap();
    painter.fillRect(rect(), theme.base);
    const qreal last = x.pixel(double(m_data.last));
    painter.fillRect(QRectF(last, 0, width() - last, at.axis.top()), theme.alternate);
    if (m_brush) {
        const qreal from = x.pixel(double(m_brush->first)), to = x.pixel(double(m_brush->second));
        painter.fillRect(QRectF(from, 0, std::max(to - from, 1.0), at.axis.top()), theme.selectedSoft);
    }
    paintNames(painter, at, theme);
    paintSegments(painter, at, theme);
    paintLoss(painter, at, theme);
    paintEvents(painter, at, theme);
    paintAlarms(painter, at, theme);
    paintAxis(painter, at, theme);
    paintCursors(painter, at, theme);
    if (hasFocus())
        crisp::frame(painter, rect(), theme.accent);
}

void TimelineLanes::paintNames(QPainter& painter, const Layout& at, const Theme& theme) const
{
    const std::pair<QString, QRectF> names[] = {
        {tr("Segments"), at.segments}, {tr("Loss"), at.loss}, {tr("Events"), at.events}, {tr("Alarms"), at.alarms}};
    for (const auto& [name, lane] : names) {
        if (lane.isEmpty())
            continue;
        crisp::text(painter, QRectF(8, lane.top(), at.plot.left() - 16, lane.height()),
            Qt::AlignLeft | Qt::AlignVCenter, name, theme.small, theme.text2);
        if (lane.top() > 4)
            crisp::horizontal(painter, at.plot.left(), width(), lane.top() - 1, theme.grid);
    }
    const qreal last = axisMap().pixel(double(m_data.last));
    const qreal room = at.plot.right() - last - 12;
    if (!m_data.remaining.isEmpty() && crisp::textWidth(theme.small, m_data.remaining) < room)
        crisp::text(painter, QRectF(last + 6, at.loss.top(), room, at.loss.height()), Qt::AlignCenter, m_data.remaining,
            theme.small, theme.text3);
}

void TimelineLanes::paintSegments(QPainter& painter, const Layout& at, const Theme& theme) const
{
    const AxisMap x = axisMap();
    const qreal middle = std::round(at.segments.center().y());
    for (std::size_t i = 0; i < m_data.segments.size(); ++i) {
        const TimelineSegment& segment = m_data.segments[i];
        const bool newest = i + 1 == m_data.segments.size();
        const double from = x.pixel(double(segment.from)), to = x.pixel(double(segment.to));
        const double kept = segment.rolledBackFrom ? x.pixel(double(*segment.rolledBackFrom)) : to;
        if (newest) {
            painter.fillRect(QRectF(from, middle + 4, std::max(to - from, 2.0), 3), theme.color(segment.state));
        } else {
            painter.fillRect(QRectF(from, middle - 3, std::max(kept - from, 1.0), 6), theme.strongLine);
            if (to > kept)
                crisp::hatch(painter, QRectF(kept, middle - 3, to - kept, 6), theme.strongLine, theme.base);
        }
    }
    painter.setRenderHint(QPainter::Antialiasing, true);
    double lastX = -100;
    for (const std::int64_t step : m_data.checkpoints) {
        const double px = x.pixel(double(step));
        if (px - lastX >= 5)
            paintMarker(painter, {px, middle}, 6, Marker::Diamond, theme.text2, theme.base);
        lastX = px - lastX >= 5 ? px : lastX;
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void TimelineLanes::paintLoss(QPainter& painter, const Layout& at, const Theme& theme) const
{
    if (!m_data.loss || m_data.loss->size() == 0)
        return;
    PlotMap plot;
    plot.area = QRectF(at.loss.left(), at.loss.top() + 2, at.loss.width(), at.loss.height() - 5);
    plot.columnsPerPixel = 0.5;  // calm: one column per two pixels in a lane of 18
    plot.x = axisMap();
    const auto columns = m_data.loss->columns(plot.x.low, plot.x.high, 400);
    std::optional<ValueRange> range = livingRange(columns, 0, double(m_data.last) * 0.3, false);
    if (!range)
        widen(range, columns, false);
    if (!range)
        return;
    if (!(range->high > range->low))
        range->high = range->low + 1;
    plot.y = {range->low, range->high, plot.area.bottom(), plot.area.top(), false};
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(QPen(theme.color(m_data.role), 1.25));
    const ChartPieces pieces = cutPieces(*m_data.loss, plot);
    for (const QList<QPointF>& piece : pieces.lines) {
        // The outline of a dense line takes the raster engine 50 ms to fill; its segments one by one take 1 ms.
        QList<QLineF> segments;
        for (qsizetype i = 1; isDense(piece) && i < piece.size(); ++i)
            segments.append({piece[i - 1], piece[i]});
        if (segments.isEmpty())
            painter.drawPolyline(piece.constData(), int(piece.size()));
        else
            painter.drawLines(segments);
    }
    for (const QPointF& cross : pieces.crosses)
        crisp::cross(painter, QRectF(cross - QPointF(4, 4), QSizeF(8, 8)), theme.nonFinite, 1.5);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void TimelineLanes::paintEvents(QPainter& painter, const Layout& at, const Theme& theme) const
{
    const AxisMap x = axisMap();
    std::vector<const TimelineEvent*> sorted;
    for (const TimelineEvent& event : m_data.events)
        sorted.push_back(&event);
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->step < b->step; });
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        const double from = x.pixel(double(sorted[i]->step));
        const double next = i + 1 < sorted.size() ? x.pixel(double(sorted[i + 1]->step)) : at.plot.right();
        const QColor color = sorted[i]->state == State::None ? theme.text2 : theme.color(sorted[i]->state);
        crisp::vertical(painter, from, at.events.top() + 4, at.events.bottom() - 4, color);
        if (crisp::textWidth(theme.small, sorted[i]->text) + 6 <= next - from)
            crisp::text(painter, QRectF(from + 3, at.events.top(), next - from, at.events.height()),
                Qt::AlignLeft | Qt::AlignVCenter, sorted[i]->text, theme.small, color);
    }
}

void TimelineLanes::paintAlarms(QPainter& painter, const Layout& at, const Theme& theme) const
{
    const AxisMap x = axisMap();
    const std::vector<AlarmBar> bars = alarmBars();
    QStringList open;
    for (const AlarmBar& bar : bars) {
        const TimelineAlarm& alarm = m_data.alarms[std::size_t(bar.index)];
        const auto part = [&](double from, double to, const QColor& color) {
            painter.fillRect(QRectF(from, bar.rect.top(), std::max(to - from, 1.0), bar.rect.height()), color);
        };
        const double resolved = alarm.resolvedAt ? x.pixel(double(*alarm.resolvedAt)) : bar.rect.right();
        const double raised = alarm.alarmFrom ? x.pixel(double(*alarm.alarmFrom)) : resolved;
        part(bar.rect.left(), std::min(raised, resolved), theme.watchFill);
        if (alarm.alarmFrom)
            part(raised, resolved, theme.alarm);
        if (alarm.resolvedAt && resolved < bar.rect.right())
            part(resolved, bar.rect.right(), theme.paused);
        if (!alarm.resolvedAt && alarm.to >= m_data.last) {
            open << alarm.text;
            continue;
        }
        const bool room = std::none_of(bars.begin(), bars.end(), [&](const AlarmBar& other) {
            return other.rect.left() > bar.rect.left()
                && other.rect.left() < bar.rect.right() + 8 + crisp::textWidth(theme.small, alarm.text);
        });
        if (room)
            crisp::text(painter, QRectF(bar.rect.right() + 5, at.alarms.top() - 1, 300, at.alarms.height() * 0.7),
                Qt::AlignLeft | Qt::AlignVCenter, alarm.text, theme.small, theme.text2);
    }
    const double after = x.pixel(double(m_data.last)) + 8;
    crisp::elided(painter, QRectF(after, at.alarms.top(), at.plot.right() - after, at.alarms.height()),
        Qt::AlignLeft | Qt::AlignVCenter, open.join(QStringLiteral(", ")), theme.small, theme.text2);
}

void TimelineLanes::paintAxis(QPainter& painter, const Layout& at, const Theme& theme) const
{
    const AxisMap x = axisMap();
    crisp::horizontal(painter, at.plot.left(), width(), at.axis.top(), theme.line);
    crisp::text(painter, QRectF(8, at.axis.top(), at.plot.left() - 16, at.axis.height()),
        Qt::AlignLeft | Qt::AlignVCenter, tr("step"), theme.small, theme.text3);
    const int most = std::clamp(int(at.plot.width() / 80), 2, 12);
    for (const Tick& tick : axisTicks(x.low, x.high, most, {.name = {}, .unit = AxisUnit::Step})) {
        const double px = x.pixel(tick.value), wide = crisp::textWidth(theme.small, tick.text);
        crisp::vertical(painter, px, at.axis.top(), at.axis.top() + 3, theme.strongLine);
        const double left = std::min(px - wide / 2, width() - wide - 4);
        crisp::text(painter, QRectF(left, at.axis.top() + 2, wide, at.axis.height() - 2), Qt::AlignCenter, tick.text,
            theme.small, theme.text2);
    }
}

void TimelineLanes::paintCursors(QPainter& painter, const Layout& at, const Theme& theme) const
{
    const AxisMap x = axisMap();
    QFont bold = theme.small;
    bold.setWeight(QFont::Bold);
    const auto flag = [&](double px, const QString& name, bool filled) {
        const QRectF box(std::round(px) - 6, 1, 13, metrics::tick() - 1);
        painter.fillRect(box, filled ? theme.accent : theme.base);
        crisp::frame(painter, box, theme.accent);
        crisp::text(painter, box, Qt::AlignCenter, name, bold, filled ? theme.onAccent : theme.accent);
    };
    const double top = metrics::tick();
    if (m_b) {
        crisp::dashedVertical(painter, x.pixel(double(*m_b)), top, at.axis.top(), theme.accent);
        flag(x.pixel(double(*m_b)), tr("B"), false);
    }
    if (m_a) {
        crisp::vertical(painter, x.pixel(double(*m_a)), top, at.axis.top(), theme.accent);
        flag(x.pixel(double(*m_a)), tr("A"), true);
    }
}

}  // namespace moescope
