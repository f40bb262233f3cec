// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The shapes that go with states and lines: dot, tick, cross, bars, square, ring, triangle; markers and run swatches.
#pragma once

#include <QWidget>

#include "widgets/theme.h"

class QPainter;

namespace moescope {

/// Paints the shape of a state, centred in `rect`, at most 14 px. None and NonFinite: nothing, and a magenta cross.
void paintState(QPainter& painter, const QRectF& rect, State state, const Theme& theme);
/// A small grey dot for "within limits" in a table, where the full one would shout.
void paintQuietDot(QPainter& painter, const QRectF& rect, const Theme& theme);
void paintMarker(
    QPainter& painter, QPointF centre, qreal size, Marker marker, const QColor& color, const QColor& ground);
/// Dash and marker of a run, as in lists and legends. About 20 × 12 px.
void paintSwatch(
    QPainter& painter, const QRectF& rect, const LineRole& role, const Theme& theme, bool withMarker = true);

/// "ok", "watch", "alarm", …, for accessible names and tables.
QString stateName(State state);

/// One shape as a widget, 16 × 16.
class StateGlyph : public QWidget {
    Q_OBJECT
public:
    explicit StateGlyph(State state = State::None, QWidget* parent = nullptr);
    void setState(State state);
    State state() const { return m_state; }
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent*) override;

private:
    State m_state;
};

}  // namespace moescope
