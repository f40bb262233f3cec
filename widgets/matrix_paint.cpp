// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include <algorithm>
#include <cmath>

#include <QPainter>

#include "widgets/color_bar.h"
#include "widgets/crisp.h"
#include "widgets/map_layout.h"
#include "widgets/matrix_layout.h"
#include "widgets/number_text.h"
#include "widgets/state_glyph.h"

namespace moescope {

void MatrixView::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paint(painter, rect(), currentTheme(), true);
}

void MatrixView::paintFigure(QPainter& painter, const QRectF& rect, const Theme& theme) const
{
    paint(painter, rect.toAlignedRect(), theme, false);
}

void MatrixView::paint(QPainter& painter, const QRect& rect, const Theme& theme, bool screen) const
{
    painter.fillRect(rect, m_small && m_selected ? theme.selectedSoft : theme.base);
    if (m_data.size <= 0)
        return;
    const Layout at = layoutFor(rect);
    paintCells(painter, at, theme);
    if (m_small) {
        paintHeading(painter, at, theme);
        const QRectF around = QRectF(at.cells).adjusted(-1, -1, 1 - at.gap, 1 - at.gap);
        crisp::frame(painter, m_selected ? around.adjusted(-1, -1, 1, 1) : around,
            m_selected ? theme.accent : theme.line, m_selected ? 2 : 1);
        if (screen && hasFocus())
            crisp::frame(painter, rect, theme.accent);
    } else {
        paintTree(painter, at, theme);
        paintLabels(painter, at, theme);
    }
    paintFrames(painter, at, theme, screen);
    if (!m_small)
        paintBelow(painter, at, theme, screen);
}

void MatrixView::paintHeading(QPainter& painter, const Layout& at, const Theme& theme) const
{
    QFont bold = theme.small;
    bold.setWeight(QFont::Bold);
    crisp::text(painter, at.heading, Qt::AlignLeft | Qt::AlignVCenter, m_headingLeft, bold, theme.text);
    QRectF right = at.heading;
    const bool loud = m_headingState == State::Alarm || m_headingState == State::Watch;
    if (loud) {
        paintState(painter, QRectF(right.right() - 12, right.top(), 13, right.height()), m_headingState, theme);
        right.adjust(0, 0, -17, 0);
    }
    crisp::text(painter, right, Qt::AlignRight | Qt::AlignVCenter, m_headingRight, loud ? bold : theme.small,
        loud ? theme.color(m_headingState) : theme.text2);
}

void MatrixView::paintCells(QPainter& painter, const Layout& at, const Theme& theme) const
{
    painter.setRenderHint(QPainter::Antialiasing, false);
    const ColorMap& map = theme.map(m_kind);
    for (int row = 0; row < m_data.size; ++row) {
        for (int column = 0; column < m_data.size; ++column) {
            const QRect cell = at.cell(row, column);
            const float value =
                m_data.values[std::size_t(idAt(row)) * std::size_t(m_data.size) + std::size_t(idAt(column))];
            if (row == column && !m_data.diagonal) {
                painter.fillRect(cell, theme.noRecord);
            } else if (!std::isfinite(value)) {
                painter.fillRect(cell, at.pitch >= 8 ? theme.base : theme.nonFinite);
                if (at.pitch >= 8)
                    crisp::cross(painter, cell, theme.nonFinite);
            } else {
                const QColor ground(map.fast(m_scale.position(double(value))));
                painter.fillRect(cell, ground);
                if (!m_small && at.pitch >= 28)
                    crisp::text(painter, cell, Qt::AlignCenter, numberText::cell(double(value)), theme.small,
                        readableInk(ground, theme.inkDark, theme.inkLight));
            }
        }
    }
}

void MatrixView::paintTree(QPainter& painter, const Layout& at, const Theme& theme) const
{
    if (m_data.tree.empty())
        return;
    const double top = treeTop();
    for (const TreeLine& part : treeLines(m_data.tree, m_data.order, m_cut)) {
        const qreal x1 = std::round(at.treeX(part.line.x1(), top)), x2 = std::round(at.treeX(part.line.x2(), top));
        const qreal y1 = std::round(at.cells.top() + part.line.y1() * at.pitch),
                    y2 = std::round(at.cells.top() + part.line.y2() * at.pitch);
        const QColor color = part.below ? theme.alarm : theme.text2;
        if (x1 == x2)
            crisp::vertical(painter, x1, std::min(y1, y2), std::max(y1, y2) + 1, color);
        else
            crisp::horizontal(painter, std::min(x1, x2), std::max(x1, x2), y1, color);
    }
    const qreal cut = at.treeX(m_cut, top);
    crisp::dashedVertical(painter, cut, at.tree.top() - 2, at.tree.bottom() + 4, theme.alarm, 4, 3);
    const QString text = tr("cut %1").arg(numberText::fixed(m_cut, 2));
    const qreal width = crisp::textWidth(theme.small, text);
    const qreal left = std::clamp(
        cut - width / 2, qreal(at.tree.left()) - 8, std::max(at.tree.left() - 8.0, at.tree.right() + 12.0 - width));
    crisp::text(painter, QRectF(left, at.tree.top() - metrics::tick() - 4, width, metrics::tick()),
        Qt::AlignLeft | Qt::AlignVCenter, text, theme.small, theme.alarm);
}

void MatrixView::paintLabels(QPainter& painter, const Layout& at, const Theme& theme) const
{
    QFont bold = theme.small;
    bold.setWeight(QFont::Bold);
    const qreal wide = crisp::textWidth(bold, QString::number(std::max(m_data.size - 1, 0)));
    const int tick = metrics::tick();
    const auto strong = [this](int id) {
        return id == m_first || id == m_second || id == m_hoverFirst || id == m_hoverSecond;
    };
    for (const int place : labelPlaces(m_data.size, at.pitch, wide, placeOf(m_second))) {
        const int id = idAt(place);
        const QRectF box(at.cells.left() + place * at.pitch, at.cells.top() - tick - 3, at.pitch - at.gap, tick);
        crisp::text(painter, box, Qt::AlignCenter, QString::number(id), strong(id) ? bold : theme.small,
            strong(id) ? theme.text : theme.text2);
    }
    for (const int place : labelPlaces(m_data.size, at.pitch, tick - 6, placeOf(m_first))) {
        const int id = idAt(place);
        const QRectF box(
            at.cells.left() - at.labelWidth, at.cells.top() + place * at.pitch, at.labelWidth - 6, at.pitch - at.gap);
        crisp::text(painter, box, Qt::AlignRight | Qt::AlignVCenter, QString::number(id),
            strong(id) ? bold : theme.small, strong(id) ? theme.text : theme.text2);
    }
}

void MatrixView::paintFrames(QPainter& painter, const Layout& at, const Theme& theme, bool screen) const
{
    const int around = at.gap > 0 ? 1 : 0;
    const auto frameOf = [&](int first, int second, const QColor& color, int width) {
        const int row = placeOf(first), column = placeOf(second);
        if (row >= 0 && column >= 0)
            crisp::frame(
                painter, QRectF(at.cell(row, column)).adjusted(-around, -around, around, around), color, width);
    };
    if (screen && m_hoverFirst >= 0 && m_hoverSecond >= 0) {
        const int row = placeOf(m_hoverFirst), column = placeOf(m_hoverSecond);
        const QRectF across(at.cells.left(), at.cells.top() + row * at.pitch, at.cells.width(), at.pitch - at.gap);
        const QRectF down(at.cells.left() + column * at.pitch, at.cells.top(), at.pitch - at.gap, at.cells.height());
        crisp::frame(painter, across.adjusted(-around, -around, 0, around), theme.text2);
        crisp::frame(painter, down.adjusted(-around, -around, around, 0), theme.text2);
    }
    for (const auto& [first, second] : m_pairs) {
        frameOf(first, second, theme.alarm, at.pitch >= 8 ? 2 : 1);
        frameOf(second, first, theme.alarm, at.pitch >= 8 ? 2 : 1);
    }
    if (!m_small)
        frameOf(m_first, m_second, theme.accent, 2);
}

void MatrixView::paintBelow(QPainter& painter, const Layout& at, const Theme& theme, bool screen) const
{
    if (m_legend) {
        const int width = std::clamp(at.cells.width() * 6 / 10, 120, 230);
        const QRectF bar(at.legend.left(), at.legend.top(), std::min(width, at.legend.width()), at.legend.height());
        paintColorBar(painter, bar, m_kind, m_scale, theme);
        qreal x = bar.right() + 24;
        const auto entry = [&](const QString& text, bool pair) {
            const qreal needed = 19 + crisp::textWidth(theme.small, text);
            if (text.isEmpty() || x + needed > at.legend.right())
                return;
            const QRectF swatch(x, bar.top() + 4, 13, 13);
            if (pair)
                crisp::frame(painter, swatch, theme.alarm, 2);
            else
                painter.fillRect(swatch, theme.noRecord);
            crisp::text(painter, QRectF(x + 19, bar.top() + 2, needed, 17), Qt::AlignLeft | Qt::AlignVCenter, text,
                theme.small, theme.text2);
            x += needed + 16;
        };
        if (!m_data.diagonal)
            entry(tr("self"), false);
        if (!m_pairs.empty())
            entry(m_pairLegend, true);
    }
    if (!m_hoverLine || !screen)
        return;
    const bool hover = m_hoverFirst >= 0 && m_hoverSecond >= 0;
    const int first = hover ? m_hoverFirst : m_first, second = hover ? m_hoverSecond : m_second;
    if (first >= 0 && second >= 0)
        crisp::elided(
            painter, at.hoverLine, Qt::AlignLeft | Qt::AlignVCenter, describe(first, second), theme.small, theme.text);
}

}  // namespace moescope
