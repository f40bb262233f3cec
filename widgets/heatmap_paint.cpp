// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include <QPainter>

#include "widgets/color_bar.h"
#include "widgets/crisp.h"
#include "widgets/heatmap.h"
#include "widgets/number_text.h"

namespace moescope {

void Heatmap::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paint(painter, contentsRect(), currentTheme(), true);
}

void Heatmap::paintFigure(QPainter& painter, const QRectF& rect, const Theme& theme) const
{
    paint(painter, rect.toAlignedRect(), theme, false);
}

void Heatmap::paint(QPainter& painter, const QRect& rect, const Theme& theme, bool screen) const
{
    painter.fillRect(rect, theme.base);
    if (m_data.rows <= 0 || m_data.columns <= 0)
        return;
    const HeatmapLayout at = layoutFor(rect);
    paintCells(painter, at, theme);
    paintLabels(painter, at, theme);
    paintFrames(painter, at, theme);
    if (m_legend)
        paintLegend(painter, at, theme);
    if (m_hoverLine && screen) {
        const QPoint place = m_hover.x() >= 0 ? m_hover : QPoint(m_column, m_row);
        if (place.x() >= 0 && place.y() >= 0)
            crisp::elided(painter, at.hoverLine, Qt::AlignLeft | Qt::AlignVCenter, describe(place.y(), place.x()),
                theme.small, theme.text);
    }
    if (screen && hasFocus() && m_row < 0)
        crisp::frame(painter, QRectF(at.cells).adjusted(-2, -2, 1, 1), theme.accent);
}

void Heatmap::paintCells(QPainter& painter, const HeatmapLayout& at, const Theme& theme) const
{
    painter.setRenderHint(QPainter::Antialiasing, false);
    const ColorMap& map = theme.map(m_kind);
    for (int row = 0; row < m_data.rows; ++row) {
        for (int column = 0; column < m_data.columns; ++column) {
            const std::size_t i = std::size_t(row) * std::size_t(m_data.columns) + std::size_t(column);
            const float value = m_data.values[i];
            const CellState state = m_data.states.empty() ? CellState::Number : m_data.states[i];
            const QRect cell = at.cell(row, column);
            QColor ground(map.fast(m_scale.position(double(value))));
            if (state == CellState::NoRecord) {
                painter.fillRect(cell, theme.noRecord);
                continue;
            }
            if (!std::isfinite(value)) {
                painter.fillRect(cell, theme.base);
                crisp::frame(painter, cell, theme.nonFinite);
                crisp::cross(painter, cell, theme.nonFinite);
                continue;
            }
            if (state == CellState::Dead) {
                crisp::hatch(painter, cell, theme.text2, theme.base);
                if (at.pitch.gap > 0)
                    crisp::frame(painter, cell, theme.strongLine);
                ground = theme.base;
                if (at.numbers)
                    painter.fillRect(QRect(cell.center() - QPoint(6, 7), QSize(13, 14)), theme.base);
            } else {
                painter.fillRect(cell, ground);
            }
            if (at.numbers)
                crisp::text(painter, cell, Qt::AlignCenter, numberText::cell(double(value)), theme.small,
                    readableInk(ground, theme.inkDark, theme.inkLight));
        }
    }
}

void Heatmap::paintLabels(QPainter& painter, const HeatmapLayout& at, const Theme& theme) const
{
    QFont bold = theme.small;
    bold.setWeight(QFont::Bold);
    qreal widest = 0;
    for (int column = 0; column < m_data.columns; ++column)
        widest = std::max(widest, crisp::textWidth(bold, gridColumnLabel(column)));
    const int height = metrics::tick();
    const int y = m_compact ? at.cells.bottom() + 2 : at.cells.top() - height - 3;
    for (const int column : labelPlaces(m_data.columns, at.pitch.width, m_compact ? 2.5 * widest : widest, m_column)) {
        const bool chosen = column == m_column;
        const QRectF box(at.cells.left() + column * at.pitch.width, y, at.pitch.width - at.pitch.gap, height);
        crisp::text(painter, box, Qt::AlignCenter, gridColumnLabel(column), chosen ? bold : theme.small,
            chosen ? theme.text : theme.text2);
    }
    const int left = at.cells.left();
    for (const int row : labelPlaces(m_data.rows, at.pitch.height, height - 6, m_row)) {
        const bool chosen = row == m_row;
        const QRectF box(0, at.cells.top() + row * at.pitch.height, left - 7, at.pitch.height - at.pitch.gap);
        crisp::text(painter, box, Qt::AlignRight | Qt::AlignVCenter, gridRowLabel(row), chosen ? bold : theme.small,
            chosen ? theme.text : theme.text2);
    }
    if (!m_compact)
        crisp::text(painter, QRectF(0, y, left - 7, height), Qt::AlignRight | Qt::AlignVCenter, m_data.corner,
            theme.small, theme.text3);
}

void Heatmap::paintFrames(QPainter& painter, const HeatmapLayout& at, const Theme& theme) const
{
    const int around = at.pitch.gap > 0 ? 1 : 0;
    if (m_row >= 0)
        crisp::frame(painter, QRectF(at.row(m_row)).adjusted(-around, -around, 0, around), theme.accent);
    for (const QPoint& cell : m_alarms) {
        if (cell.y() >= 0 && cell.y() < m_data.rows && cell.x() >= 0 && cell.x() < m_data.columns)
            crisp::frame(painter, QRectF(at.cell(cell.y(), cell.x())).adjusted(-around, -around, around, around),
                theme.alarm, 2);
    }
    if (m_row >= 0 && m_column >= 0)
        crisp::frame(
            painter, QRectF(at.cell(m_row, m_column)).adjusted(-around, -around, around, around), theme.accent, 2);
    if (m_hover.x() >= 0 && m_hover != QPoint(m_column, m_row))
        crisp::frame(
            painter, QRectF(at.cell(m_hover.y(), m_hover.x())).adjusted(-around, -around, around, around), theme.text2);
}

ValueScale Heatmap::shownScale() const
{
    ValueScale scale = m_scale;
    for (const float value : m_data.values) {
        scale.clippedLow = scale.clippedLow || double(value) < scale.low;
        scale.clippedHigh = scale.clippedHigh || double(value) > scale.high;
    }
    if (m_compact) {
        for (ScaleTick& tick : scale.ticks)
            tick.text = tick.text.section(QStringLiteral(" ="), 0, 0);
    }
    return scale;
}

void Heatmap::paintLegend(QPainter& painter, const HeatmapLayout& at, const Theme& theme) const
{
    const int width = std::clamp(at.cells.width(), 80, m_compact ? at.cells.width() : 230);
    paintColorBar(
        painter, QRectF(at.legend.left(), at.legend.top(), width, at.legend.height()), m_kind, shownScale(), theme);
    if (m_compact)
        return;
    qreal x = at.legend.left() + width + 24;
    const qreal y = at.legend.top() + 5;
    const auto entry = [&](const QString& text, bool dead) {
        const qreal needed = 22 + crisp::textWidth(theme.small, text);
        if (x + needed > at.legend.right() + 24)
            return;
        const QRectF swatch(x, y, 16, 11);
        if (dead) {
            crisp::hatch(painter, swatch, theme.text2, theme.base);
            crisp::frame(painter, swatch, theme.strongLine);
        } else {
            painter.fillRect(swatch, theme.noRecord);
        }
        crisp::text(painter, QRectF(x + 22, y - 3, needed, 17), Qt::AlignLeft | Qt::AlignVCenter, text, theme.small,
            theme.text2);
        x += needed + 16;
    };
    if (!m_deadText.isEmpty())
        entry(m_deadText, true);
    if (hasState(CellState::NoRecord))
        entry(tr("no record yet"), false);
}

}  // namespace moescope
