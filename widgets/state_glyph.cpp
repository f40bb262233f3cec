// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/state_glyph.h"

#include <algorithm>

#include <QCoreApplication>
#include <QPainter>
#include <QPainterPath>

#include "widgets/crisp.h"

namespace moescope {

namespace {

void strokeTick(QPainter& painter, QPointF centre, qreal size, const QColor& color)
{
    painter.setPen(QPen(color, size / 6, Qt::SolidLine, Qt::FlatCap, Qt::MiterJoin));
    painter.setBrush(Qt::NoBrush);
    const qreal u = size / 12;
    const QPointF points[] = {
        centre + QPointF(-5 * u, 0), centre + QPointF(-1.5 * u, 3.5 * u), centre + QPointF(5 * u, -4 * u)};
    painter.drawPolyline(points, 3);
}

void exclamation(QPainter& painter, QPointF centre, qreal size, const QColor& ink)
{
    const qreal width = size / 7;
    painter.fillRect(QRectF(centre.x() - width / 2, centre.y() - size * 0.3, width, size * 0.36), ink);
    painter.fillRect(QRectF(centre.x() - width / 2, centre.y() + size * 0.14, width, width), ink);
}

void paintTriangle(QPainter& painter, QPointF centre, qreal size, const QColor& fill, const QColor& ink)
{
    const qreal h = size * 0.46;
    const QPointF points[] = {
        centre + QPointF(0, -h), centre + QPointF(h * 1.1, h * 0.9), centre + QPointF(-h * 1.1, h * 0.9)};
    painter.setPen(QPen(fill, 1, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin));
    painter.setBrush(fill);
    painter.drawPolygon(points, 3);
    exclamation(painter, centre + QPointF(0, size * 0.12), size * 0.78, ink);
}

void paintRing(QPainter& painter, QPointF centre, qreal radius, const QColor& color, qreal width = 1.5)
{
    painter.setPen(QPen(color, width));
    painter.setBrush(Qt::NoBrush);
    painter.drawEllipse(centre, radius, radius);
}

void paintDisc(QPainter& painter, QPointF centre, qreal radius, const QColor& color)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    painter.drawEllipse(centre, radius, radius);
}

void paintShape(QPainter& painter, QPointF c, qreal s, State state, const Theme& theme)
{
    const QColor color = theme.color(state);
    switch (state) {
    case State::None:
        break;
    case State::Ok:
    case State::Training:
        paintDisc(painter, c, s * 0.36, color);
        break;
    case State::Finished:
        strokeTick(painter, c, s * 0.9, color);
        break;
    case State::Watch:
        paintTriangle(painter, c, s, theme.watchFill, readableInk(theme.watchFill, theme.inkDark, theme.inkLight));
        break;
    case State::Alarm:
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        painter.drawRoundedRect(QRectF(c.x() - s * 0.44, c.y() - s * 0.44, s * 0.88, s * 0.88), 2, 2);
        exclamation(painter, c, s, theme.isDark ? theme.inkDark : theme.inkLight);
        break;
    case State::Failed:
        crisp::cross(painter, QRectF(c.x() - s * 0.42, c.y() - s * 0.42, s * 0.84, s * 0.84), color, s / 6.5);
        break;
    case State::Paused:
        painter.fillRect(QRectF(c.x() - s * 0.34, c.y() - s * 0.4, s * 0.24, s * 0.8), color);
        painter.fillRect(QRectF(c.x() + s * 0.1, c.y() - s * 0.4, s * 0.24, s * 0.8), color);
        break;
    case State::Stopped:
        painter.fillRect(QRectF(c.x() - s * 0.36, c.y() - s * 0.36, s * 0.72, s * 0.72), color);
        break;
    case State::Resolved:
        paintRing(painter, c, s * 0.42, color, s / 11);
        strokeTick(painter, c, s * 0.5, color);
        break;
    case State::Queued:
        paintRing(painter, c, s * 0.36, color);
        break;
    case State::NonFinite:
        crisp::cross(painter, QRectF(c.x() - s / 2, c.y() - s / 2, s, s), color);
        break;
    }
}

void paintPolygon(QPainter& painter, const QList<QPointF>& points, QPointF centre, const QColor& color)
{
    painter.setPen(Qt::NoPen);
    painter.setBrush(color);
    QPolygonF polygon(points);
    polygon.translate(centre);
    painter.drawPolygon(polygon);
}

}  // namespace

void paintState(QPainter& painter, const QRectF& rect, State state, const Theme& theme)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, true);
    paintShape(painter, rect.center(), std::min({rect.width(), rect.height(), qreal(14)}), state, theme);
    painter.restore();
}

void paintQuietDot(QPainter& painter, const QRectF& rect, const Theme& theme)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, true);
    paintDisc(painter, rect.center(), 2, theme.strongLine);
    painter.restore();
}

void paintMarker(
    QPainter& painter, QPointF centre, qreal size, Marker marker, const QColor& color, const QColor& ground)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, true);
    const qreal h = size / 2;
    switch (marker) {
    case Marker::None:
        break;
    case Marker::Disc:
        paintDisc(painter, centre, h, color);
        break;
    case Marker::Square:
        painter.fillRect(QRectF(centre.x() - h * 0.9, centre.y() - h * 0.9, h * 1.8, h * 1.8), color);
        break;
    case Marker::Triangle:
        paintPolygon(painter, {{0, -h * 1.1}, {h * 1.15, h * 0.9}, {-h * 1.15, h * 0.9}}, centre, color);
        break;
    case Marker::Diamond:
        paintPolygon(painter, {{0, -h * 1.25}, {h * 1.25, 0}, {0, h * 1.25}, {-h * 1.25, 0}}, centre, color);
        break;
    case Marker::TriangleDown:
        paintPolygon(painter, {{0, h * 1.1}, {h * 1.15, -h * 0.9}, {-h * 1.15, -h * 0.9}}, centre, color);
        break;
    case Marker::Ring:
        paintDisc(painter, centre, h * 1.1, ground);
        paintRing(painter, centre, h * 1.1, color);
        break;
    case Marker::SmallRing:
        paintDisc(painter, centre, h * 0.75, ground);
        paintRing(painter, centre, h * 0.75, color);
        break;
    case Marker::DoubleRing:
        paintDisc(painter, centre, h * 1.3, ground);
        paintRing(painter, centre, h * 1.3, color, 1.2);
        paintRing(painter, centre, h * 0.5, color, 1.2);
        break;
    }
    painter.restore();
}

void paintSwatch(QPainter& painter, const QRectF& rect, const LineRole& role, const Theme& theme, bool withMarker)
{
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing, true);
    painter.setPen(theme.pen(role, 1.5));
    painter.drawLine(QPointF(rect.left(), rect.center().y()), QPointF(rect.right(), rect.center().y()));
    if (withMarker)
        paintMarker(painter, rect.center(), 6, theme.marker(role), theme.color(role), theme.base);
    painter.restore();
}

QString stateName(State state)
{
    const auto word = [](const char* text) { return QCoreApplication::translate("State", text); };
    switch (state) {
    case State::None:
        return {};
    case State::Ok:
        return word("within limits");
    case State::Training:
        return word("training");
    case State::Finished:
        return word("finished");
    case State::Watch:
        return word("watch");
    case State::Alarm:
        return word("alarm");
    case State::Failed:
        return word("failed");
    case State::Paused:
        return word("paused");
    case State::Stopped:
        return word("stopped");
    case State::Resolved:
        return word("resolved");
    case State::Queued:
        return word("queued");
    case State::NonFinite:
        return word("not finite");
    }
    return {};
}

StateGlyph::StateGlyph(State state, QWidget* parent)
    : QWidget(parent)
    , m_state(state)
{
    setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    setState(state);
}

void StateGlyph::setState(State state)
{
    m_state = state;
    setAccessibleName(stateName(state));
    setToolTip(stateName(state));
    update();
}

QSize StateGlyph::sizeHint() const { return {16, 16}; }

void StateGlyph::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paintState(painter, rect(), m_state, currentTheme());
}

}  // namespace moescope
