// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline_lanes.h"

#include <algorithm>
#include <cmath>

#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include "widgets/crisp.h"
#include "widgets/number_text.h"

namespace moescope {

namespace {

constexpr int kFlag = 14, kNear = 6, kLeast = 3;

}  // namespace

TimelineLanes::TimelineLanes(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("timeline.lanes"));
    setAccessibleName(tr("Timeline"));
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void TimelineLanes::setData(TimelineData data)
{
    m_data = std::move(data);
    update();
}

void TimelineLanes::setCursors(std::optional<std::int64_t> a, std::optional<std::int64_t> b)
{
    m_a = a;
    m_b = b;
    const auto text = [](std::optional<std::int64_t> step) {
        return step ? numberText::count(*step) : numberText::missing();
    };
    setAccessibleDescription(tr("A at step %1, B at step %2").arg(text(a), text(b)));
    update();
}

QSize TimelineLanes::sizeHint() const { return {600, metrics::tick() * 5 + 24}; }

TimelineLanes::Layout TimelineLanes::lanes() const
{
    Layout at;
    qreal label = 0;
    for (const QString& name : {tr("Segments"), tr("Events"), tr("Alarms")})
        label = std::max(label, crisp::textWidth(currentTheme().small, name));
    const qreal left = std::ceil(label) + 24, right = width() - 16, tick = metrics::tick();
    at.plot = QRectF(left, 0, std::max(right - left, 10.0), height());
    const qreal axisHeight = tick + 3, lanes = m_data.alarms.empty() ? 3 : 4;
    const qreal lane = std::floor((height() - axisHeight - 4) / lanes);
    qreal y = 3;
    for (QRectF* part : {&at.segments, &at.loss, &at.events, &at.alarms}) {
        if (part == &at.alarms && m_data.alarms.empty())
            break;
        *part = QRectF(left, y, at.plot.width(), lane);
        y += lane;
    }
    at.axis = QRectF(left, height() - axisHeight, at.plot.width(), axisHeight);
    return at;
}

AxisMap TimelineLanes::axisMap() const
{
    const QRectF plot = lanes().plot;
    const double end = double(std::max<std::int64_t>({m_data.planned, m_data.last, 1}));
    return {0, end, plot.left(), plot.right(), false};
}

std::int64_t TimelineLanes::stepAt(qreal x) const
{
    const std::int64_t step = std::llround(axisMap().value(x));
    return std::clamp<std::int64_t>(
        step, std::min<std::int64_t>(1, m_data.last), std::max<std::int64_t>(m_data.last, 0));
}

std::vector<TimelineLanes::AlarmBar> TimelineLanes::alarmBars() const
{
    const Layout at = lanes();
    const AxisMap x = axisMap();
    std::vector<AlarmBar> bars;
    std::vector<double> rowEnds(3, -1);
    const double height = std::max(3.0, std::floor(at.alarms.height() / 3) - 1);
    for (std::size_t i = 0; i < m_data.alarms.size(); ++i) {
        const TimelineAlarm& alarm = m_data.alarms[i];
        const double from = x.pixel(double(alarm.watchFrom));
        const double to = std::max(x.pixel(double(std::max(alarm.to, alarm.watchFrom))), from + kLeast);
        // The row that has been free for the longest takes the next one.
        std::size_t row = std::size_t(std::min_element(rowEnds.begin(), rowEnds.end()) - rowEnds.begin());
        for (std::size_t r = 0; r < rowEnds.size(); ++r) {
            if (rowEnds[r] < from) {
                row = r;
                break;
            }
        }
        rowEnds[row] = to;
        bars.push_back(
            {int(i), int(row), QRectF(from, at.alarms.top() + 1 + double(row) * (height + 1), to - from, height)});
    }
    return bars;
}

QString TimelineLanes::describe(QPoint position) const
{
    const Layout at = lanes();
    const AxisMap x = axisMap();
    if (at.alarms.contains(position)) {
        for (const AlarmBar& bar : alarmBars()) {
            if (bar.rect.adjusted(-2, -1, 2, 1).contains(position))
                return m_data.alarms[std::size_t(bar.index)].text;
        }
    }
    if (at.events.contains(position)) {
        for (const TimelineEvent& event : m_data.events) {
            if (std::abs(x.pixel(double(event.step)) - position.x()) < kNear)
                return tr("step %1: %2").arg(numberText::count(event.step), event.text);
        }
    }
    if (at.segments.contains(position)) {
        for (const std::int64_t step : m_data.checkpoints) {
            if (std::abs(x.pixel(double(step)) - position.x()) < kNear)
                return tr("checkpoint %1").arg(numberText::count(step));
        }
    }
    return {};
}

bool TimelineLanes::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        auto* help = static_cast<QHelpEvent*>(event);
        const QString text = describe(help->pos());
        if (text.isEmpty())
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos() + QPoint(8, 12), text, this);
        return true;
    }
    return QWidget::event(event);
}

void TimelineLanes::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    updateGeometry();
    update();
}

void TimelineLanes::mousePressEvent(QMouseEvent* event)
{
    const qreal x = event->position().x();
    const Layout at = lanes();
    if (event->button() == Qt::RightButton || event->modifiers().testFlag(Qt::ControlModifier)) {
        m_drag = Drag::Brush;
        m_brushStart = stepAt(x);
        return;
    }
    if (event->button() != Qt::LeftButton)
        return QWidget::mousePressEvent(event);
    for (const AlarmBar& bar : alarmBars()) {
        if (at.alarms.contains(event->pos()) && bar.rect.adjusted(-1, -1, 1, 1).contains(event->position()))
            Q_EMIT alarmClicked(bar.index);
    }
    for (std::size_t i = 0; i < m_data.events.size(); ++i) {
        if (at.events.contains(event->pos()) && std::abs(axisMap().pixel(double(m_data.events[i].step)) - x) < kNear)
            Q_EMIT eventClicked(int(i));
    }
    const bool onFlagB =
        m_b && std::abs(axisMap().pixel(double(*m_b)) - x) < kNear + 1 && event->position().y() < kFlag + 2;
    m_drag = onFlagB || event->modifiers().testFlag(Qt::ShiftModifier) ? Drag::CursorB : Drag::CursorA;
    dragTo(x);
}

void TimelineLanes::dragTo(qreal x)
{
    const std::int64_t step = stepAt(x);
    switch (m_drag) {
    case Drag::None:
        break;
    case Drag::CursorA:
        if (m_a != step)
            Q_EMIT cursorMoved(step);
        break;
    case Drag::CursorB:
        if (m_b != step)
            Q_EMIT secondCursorMoved(step);
        break;
    case Drag::Brush:
        m_brush = {std::min(m_brushStart, step), std::max(m_brushStart, step)};
        update();
        break;
    }
}

void TimelineLanes::mouseMoveEvent(QMouseEvent* event)
{
    const qreal x = event->position().x();
    const auto near = [&](std::optional<std::int64_t> step) {
        return step && std::abs(axisMap().pixel(double(*step)) - x) < kNear;
    };
    setCursor(near(m_a) || near(m_b) ? Qt::SizeHorCursor : Qt::ArrowCursor);
    if (m_drag != Drag::None)
        dragTo(x);
}

void TimelineLanes::mouseReleaseEvent(QMouseEvent* event)
{
    if (m_drag == Drag::Brush) {
        dragTo(event->position().x());
        if (m_brush && m_brush->second > m_brush->first) {
            Q_EMIT brushed(m_brush->first, m_brush->second);
        } else {
            m_brush.reset();
            Q_EMIT brushCleared();
        }
        update();
    }
    m_drag = Drag::None;
}

void TimelineLanes::keyPressEvent(QKeyEvent* event)
{
    const int by = event->modifiers().testFlag(Qt::ShiftModifier) ? 10 : 1;
    switch (event->key()) {
    case Qt::Key_Left:
        Q_EMIT recordsRequested(-by);
        break;
    case Qt::Key_Right:
        Q_EMIT recordsRequested(by);
        break;
    case Qt::Key_Home:
        Q_EMIT goToFirst();
        break;
    case Qt::Key_End:
        Q_EMIT goToLast();
        break;
    case Qt::Key_Escape:
        m_brush.reset();
        update();
        Q_EMIT brushCleared();
        break;
    default:
        QWidget::keyPressEvent(event);
    }
}

}  // namespace moescope
