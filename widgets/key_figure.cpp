// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/key_figure.h"

#include <algorithm>
#include <cmath>

#include <QPainter>

#include "widgets/crisp.h"
#include "widgets/state_glyph.h"

namespace moescope {

namespace {

qreal lineHeight(const QFont& font) { return QFontMetricsF(font).height(); }

}  // namespace

KeyFigure::KeyFigure(const QString& label, QWidget* parent)
    : QWidget(parent)
    , m_label(label)
    , m_number(QStringLiteral("–"))
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    refreshAccessible();
}

void KeyFigure::setValue(const QString& number, const QString& unit, const QString& below)
{
    m_number = number;
    m_unit = unit;
    m_below = below;
    refreshAccessible();
    updateGeometry();
    update();
}

void KeyFigure::setState(State state)
{
    m_state = state;
    refreshAccessible();
    update();
}

void KeyFigure::refreshAccessible()
{
    const QString state = stateName(m_state);
    setAccessibleName(m_label);
    setAccessibleDescription(QStringList{m_number, m_unit, m_below, state}.join(QLatin1Char(' ')).simplified());
}

QSize KeyFigure::sizeHint() const
{
    const Theme& t = currentTheme();
    const qreal value = crisp::textWidth(t.figure, m_number) + 6 + crisp::textWidth(t.small, m_unit);
    const qreal width = std::max({value, crisp::textWidth(t.title, m_label) + 20, crisp::textWidth(t.small, m_below)});
    const qreal height = lineHeight(t.small) + lineHeight(t.figure) + lineHeight(t.small);
    return {int(std::ceil(width)) + 2 * metrics::edge(), int(std::ceil(height)) + 4};
}

QSize KeyFigure::minimumSizeHint() const { return sizeHint(); }

void KeyFigure::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme& t = currentTheme();
    QFont label = t.small;
    label.setWeight(QFont::DemiBold);
    QRectF line = QRectF(rect()).adjusted(metrics::edge(), 2, -metrics::edge(), 0);
    line.setHeight(lineHeight(label));
    crisp::text(painter, line, Qt::AlignLeft | Qt::AlignVCenter, m_label, label, t.text2);
    if (m_state != State::None && m_state != State::Ok)
        paintState(painter, QRectF(line.right() - 12, line.top(), 14, line.height()), m_state, t);
    line = QRectF(line.left(), line.bottom(), line.width(), lineHeight(t.figure));
    const bool loud = m_state == State::Alarm || m_state == State::Failed || m_state == State::NonFinite;
    crisp::text(painter, line, Qt::AlignLeft | Qt::AlignVCenter, m_number, t.figure, loud ? t.color(m_state) : t.text);
    const qreal after = crisp::textWidth(t.figure, m_number) + 6;
    const qreal baseline = (QFontMetricsF(t.figure).ascent() - QFontMetricsF(t.small).ascent());
    crisp::text(painter, QRectF(line.left() + after, line.top() + baseline, line.width() - after, lineHeight(t.small)),
        Qt::AlignLeft | Qt::AlignTop, m_unit, t.small, t.text2);
    line = QRectF(line.left(), line.bottom(), line.width(), lineHeight(t.small));
    crisp::text(painter, line, Qt::AlignLeft | Qt::AlignVCenter, m_below, t.small, t.text2);
}

}  // namespace moescope
