// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Mouse and keys of the line chart.
#include <algorithm>
#include <cmath>
#include <limits>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>

#include "widgets/line_chart.h"
#include "widgets/line_chart_state.h"

namespace moescope {

namespace {

constexpr double kLeastColumnsPerPoint = 1e-9;

/// Pans and zooms in pixels, so that log axes behave.
ValueRange rangeOfPixels(const AxisMap& axis, double from, double to) { return {axis.value(from), axis.value(to)}; }

}  // namespace

void LineChart::userRange(double from, double to)
{
    const ValueRange whole = m_impl->scene.dataX();
    const double least = std::max(whole.high - whole.low, 1.0) * kLeastColumnsPerPoint;
    if (!(to - from > least))
        return;
    setXRange(from, to);
    Q_EMIT xRangeChanged(from, to);
}

void LineChart::zoom(double factor, double atX)
{
    const AxisMap& axis = m_impl->scene.plot().x;
    const double at = axis.pixel(atX);
    const ValueRange range = rangeOfPixels(axis, at + (axis.from - at) * factor, at + (axis.to - at) * factor);
    const ValueRange whole = m_impl->scene.dataX();
    const double low = axis.log ? range.low : std::max(range.low, std::min(whole.low, axis.low));
    const double high = std::min(range.high, std::max(whole.high * 1.02, axis.high));
    userRange(low, high);
}

void LineChart::wheelEvent(QWheelEvent* event)
{
    const QPointF at = event->position();
    const double turns = event->angleDelta().y() / 120.0;
    if (turns == 0 || !plotArea().contains(at)) {
        event->ignore();
        return;
    }
    zoom(std::pow(0.8, turns), m_impl->scene.plot().x.value(at.x()));
    event->accept();
}

void LineChart::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return QWidget::mousePressEvent(event);
    m_impl->press = event->position();
    m_impl->pressRange = {xFrom(), xTo()};
    m_impl->dragged = false;
}

void LineChart::mouseMoveEvent(QMouseEvent* event)
{
    const QPointF at = event->position();
    if (m_impl->press && std::abs(at.x() - m_impl->press->x()) > 3)
        m_impl->dragged = true;
    if (m_impl->press && m_impl->dragged) {
        setCursor(Qt::ClosedHandCursor);
        AxisMap axis = m_impl->scene.plot().x;
        axis.low = m_impl->pressRange.low;
        axis.high = m_impl->pressRange.high;
        const double shift = m_impl->press->x() - at.x();
        const ValueRange range = rangeOfPixels(axis, axis.from + shift, axis.to + shift);
        userRange(range.low, range.high);
        return;
    }
    setCursor(m_impl->scene.stripRect().contains(at) ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if (!plotArea().contains(at)) {
        leaveEvent(event);
        return;
    }
    const double x = nearestStored(m_impl->scene.plot().x.value(at.x()));
    if (m_impl->view.hoverX == x)
        return;
    setHoverX(x);
    Q_EMIT hovered(x);
}

void LineChart::mouseReleaseEvent(QMouseEvent* event)
{
    const bool wasClick = m_impl->press && !m_impl->dragged;
    m_impl->press.reset();
    setCursor(Qt::ArrowCursor);
    if (!wasClick || event->button() != Qt::LeftButton)
        return;
    const QPointF at = event->position();
    if (m_impl->scene.stripRect().contains(at)) {
        for (const ChartSeries& series : m_impl->spec.series) {
            if (series.source && series.source->numNonFinite() > 0) {
                Q_EMIT nonFiniteClicked(series.source->point(series.source->firstNonFinite()).x);
                return;
            }
        }
    }
    if (!plotArea().contains(at))
        return;
    const double x = nearestStored(m_impl->scene.plot().x.value(at.x()));
    if (event->modifiers().testFlag(Qt::ShiftModifier))
        Q_EMIT secondCursorMoved(x);
    else
        Q_EMIT cursorMoved(x);
}

void LineChart::mouseDoubleClickEvent(QMouseEvent*)
{
    m_impl->press.reset();
    const bool wasFollowing = isFollowing();
    m_impl->view.showClipped = wasFollowing ? !m_impl->view.showClipped : m_impl->view.showClipped;
    showAll();
    Q_EMIT followRequested();
}

void LineChart::leaveEvent(QEvent*)
{
    if (!m_impl->view.hoverX)
        return;
    setHoverX({});
    Q_EMIT hoverLeft();
}

double LineChart::nearestStored(double x) const
{
    double best = x, distance = std::numeric_limits<double>::infinity();
    for (const ChartSeries& series : m_impl->spec.series) {
        if (!series.source || series.source->size() == 0)
            continue;
        const double at = series.source->point(nearestPoint(*series.source, x)).x;
        if (std::abs(at - x) < distance) {
            distance = std::abs(at - x);
            best = at;
        }
    }
    return best;
}

void LineChart::moveCursor(int points)
{
    const ChartSource* densest = nullptr;
    for (const ChartSeries& series : m_impl->spec.series) {
        if (series.source && series.source->size() > 0 && (!densest || series.source->size() > densest->size()))
            densest = series.source.get();
    }
    if (!densest)
        return;
    const auto last = std::ptrdiff_t(densest->size()) - 1;
    const auto now = std::ptrdiff_t(nearestPoint(*densest, m_impl->view.cursorA.value_or(xTo())));
    const auto next = std::clamp<std::ptrdiff_t>(now + points, 0, last);
    Q_EMIT cursorMoved(densest->point(std::size_t(next)).x);
}

void LineChart::keyPressEvent(QKeyEvent* event)
{
    const int by = event->modifiers().testFlag(Qt::ShiftModifier) ? 10 : 1;
    const bool plain = (event->modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier)) == Qt::NoModifier;
    const double middle = m_impl->scene.plot().x.value(plotArea().center().x());
    switch (plain ? event->key() : 0) {
    case Qt::Key_Left:
        return moveCursor(-by);
    case Qt::Key_Right:
        return moveCursor(by);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return zoom(0.8, m_impl->view.cursorA.value_or(middle));
    case Qt::Key_Minus:
        return zoom(1.25, m_impl->view.cursorA.value_or(middle));
    case Qt::Key_Home:
        showAll();
        Q_EMIT followRequested();
        return;
    default:
        QWidget::keyPressEvent(event);
    }
}

}  // namespace moescope
