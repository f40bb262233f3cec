// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/heatmap.h"

#include <algorithm>
#include <cmath>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include "widgets/color_bar.h"
#include "widgets/crisp.h"
#include "widgets/number_text.h"

namespace moescope {

Heatmap::Heatmap(QWidget* parent)
    : QWidget(parent)
{
    installAccessibleGrids();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    setAccessibleName(tr("Map"));
}

void Heatmap::setData(HeatmapData data)
{
    const std::size_t cells = std::size_t(std::max(data.rows, 0)) * std::size_t(std::max(data.columns, 0));
    data.values.resize(cells, 0);
    if (!data.states.empty())
        data.states.resize(cells, CellState::NoRecord);
    const bool sameShape = data.rows == m_data.rows && data.columns == m_data.columns;
    m_data = std::move(data);
    if (!sameShape) {
        m_hover = {-1, -1};
        updateGeometry();
        const HeatmapLayout at = cellLayout();
        Q_EMIT rowsMoved(at.cells.top(), at.pitch.height, m_data.rows);
    }
    update();
}

void Heatmap::setTitle(const QString& title)
{
    m_title = title;
    setAccessibleName(title);
}

void Heatmap::setMap(MapKind kind, ValueScale scale)
{
    m_kind = kind;
    m_scale = std::move(scale);
    update();
}

void Heatmap::setCompact(bool compact)
{
    m_compact = compact;
    m_hoverLine = m_hoverLine && !compact;
    updateGeometry();
    update();
}

void Heatmap::setLegendVisible(bool on)
{
    m_legend = on;
    updateGeometry();
    update();
}

void Heatmap::setHoverLineVisible(bool on)
{
    m_hoverLine = on;
    updateGeometry();
    update();
}

void Heatmap::setDeadText(const QString& text)
{
    m_deadText = text;
    update();
}

void Heatmap::setDescriber(std::function<QString(int, int)> describe) { m_describe = std::move(describe); }

void Heatmap::setMaximumCell(QSize cell)
{
    m_maximumCell = cell;
    updateGeometry();
    update();
}

void Heatmap::setSelection(int row, int column)
{
    m_row = row < m_data.rows ? row : -1;
    m_column = column < m_data.columns ? column : -1;
    notifyGridCurrent(this);
    update();
}

void Heatmap::setAlarmCells(std::vector<QPoint> cells)
{
    m_alarms = std::move(cells);
    update();
}

QRect HeatmapLayout::cell(int row, int column) const
{
    return {cells.left() + column * pitch.width, cells.top() + row * pitch.height, pitch.width - pitch.gap,
        pitch.height - pitch.gap};
}

QRect HeatmapLayout::row(int row) const
{
    return {cells.left(), cells.top() + row * pitch.height, cells.width(), pitch.height - pitch.gap};
}

int Heatmap::labelWidth(const Theme& theme) const
{
    QFont bold = theme.small;
    bold.setWeight(QFont::DemiBold);
    qreal width = m_compact ? 0 : crisp::textWidth(theme.small, m_data.corner);
    for (const QString& label : m_data.rowLabels)
        width = std::max(width, crisp::textWidth(bold, label));
    return int(std::ceil(width)) + 8;
}

HeatmapLayout Heatmap::layoutFor(const QRect& rect) const
{
    const Theme& theme = currentTheme();
    HeatmapLayout at;
    const int label = metrics::tick() + 4;
    const int legend = m_legend ? int(std::ceil(colorBarHeight(theme))) + 6 : 0;
    const int hover = m_hoverLine ? metrics::tick() + 4 : 0;
    const int left = rect.left() + labelWidth(theme), right = rect.right() - 1;
    const int top = rect.top() + (m_compact ? 2 : label), below = (m_compact ? label : 0) + legend + hover;
    const QSize area(right - left, rect.bottom() + 1 - top - below);
    at.pitch = cellPitch(area, m_data.columns, m_data.rows, m_maximumCell);
    at.cells = QRect(left, top, at.pitch.width * m_data.columns, at.pitch.height * m_data.rows);
    at.numbers = !m_compact && at.pitch.width >= 28 && at.pitch.height >= 20;
    int y = at.cells.bottom() + 1 + (m_compact ? label : 0);
    at.legend = m_legend ? QRect(left, y + 4, right - left, legend - 6) : QRect();
    y += legend;
    at.hoverLine = m_hoverLine ? QRect(left, y, rect.right() - left, hover) : QRect();
    return at;
}

HeatmapLayout Heatmap::cellLayout() const { return layoutFor(contentsRect()); }

QSize Heatmap::sizeHint() const
{
    const Theme& theme = currentTheme();
    const int label = metrics::tick() + 4;
    const int below = (m_legend ? int(colorBarHeight(theme)) + 7 : 0) + (m_hoverLine ? label : 0);
    return {labelWidth(theme) + std::max(m_data.columns, 4) * m_maximumCell.width() + 2,
        label + below + std::max(m_data.rows, 2) * m_maximumCell.height()};
}

QSize Heatmap::minimumSizeHint() const
{
    const int label = metrics::tick() + 4;
    const int below = (m_legend ? int(colorBarHeight(currentTheme())) + 7 : 0) + (m_hoverLine ? label : 0);
    return {labelWidth(currentTheme()) + 120, label + below + 6 * std::max(m_data.rows, 4)};
}

QString Heatmap::figureTitle() const { return m_title; }

QSizeF Heatmap::figureSize() const { return sizeHint(); }

QString Heatmap::describe(int row, int column) const
{
    if (m_describe)
        return m_describe(row, column);
    return QStringLiteral("%1 · %2   %3").arg(gridRowLabel(row), gridColumnLabel(column), gridText(row, column));
}

bool Heatmap::hasState(CellState state) const
{
    return std::find(m_data.states.begin(), m_data.states.end(), state) != m_data.states.end();
}

QPoint Heatmap::cellAt(QPoint position) const
{
    const HeatmapLayout at = cellLayout();
    if (!at.cells.contains(position))
        return {-1, -1};
    return {(position.x() - at.cells.left()) / at.pitch.width, (position.y() - at.cells.top()) / at.pitch.height};
}

void Heatmap::choose(int row, int column)
{
    if (row < 0)
        return;
    m_row = row;
    m_column = column;
    notifyGridCurrent(this);
    update();
    Q_EMIT selected(row, column);
}

void Heatmap::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const HeatmapLayout at = cellLayout();
    Q_EMIT rowsMoved(at.cells.top(), at.pitch.height, m_data.rows);
}

void Heatmap::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    updateGeometry();
    update();
}

void Heatmap::mousePressEvent(QMouseEvent* event)
{
    const QPoint cell = cellAt(event->pos());
    if (event->button() != Qt::LeftButton)
        return QWidget::mousePressEvent(event);
    m_press.reset();
    const HeatmapLayout at = cellLayout();
    if (cell.x() >= 0) {
        m_press = cell;
        choose(cell.y(), cell.x());
    } else if (event->pos().x() < at.cells.left() && event->pos().y() >= at.cells.top()
        && event->pos().y() <= at.cells.bottom()) {
        choose((event->pos().y() - at.cells.top()) / at.pitch.height, -1);
    }
}

void Heatmap::mouseMoveEvent(QMouseEvent* event)
{
    const QPoint cell = cellAt(event->pos());
    if (cell == m_hover)
        return;
    m_hover = cell;
    update();
    Q_EMIT hovered(cell.y(), cell.x());
}

void Heatmap::mouseReleaseEvent(QMouseEvent* event)
{
    const QPoint cell = cellAt(event->pos());
    if (m_press && cell.x() >= 0 && cell != *m_press)
        Q_EMIT rangeSelected(std::min(m_press->y(), cell.y()), std::min(m_press->x(), cell.x()),
            std::max(m_press->y(), cell.y()), std::max(m_press->x(), cell.x()));
    m_press.reset();
}

void Heatmap::mouseDoubleClickEvent(QMouseEvent* event)
{
    const QPoint cell = cellAt(event->pos());
    if (cell.x() >= 0)
        Q_EMIT activated(cell.y(), cell.x());
}

void Heatmap::leaveEvent(QEvent*)
{
    m_hover = {-1, -1};
    update();
    Q_EMIT hovered(-1, -1);
}

void Heatmap::keyPressEvent(QKeyEvent* event)
{
    if (!handleGridKey(this, *this, *event))
        QWidget::keyPressEvent(event);
}

QString Heatmap::tableText(TableFormat format) const
{
    TableWriter writer(format, QStringList{m_data.corner} + m_data.columnLabels);
    for (int row = 0; row < m_data.rows; ++row) {
        QStringList cells{gridRowLabel(row)};
        for (int column = 0; column < m_data.columns; ++column) {
            const std::size_t i = std::size_t(row) * std::size_t(m_data.columns) + std::size_t(column);
            const bool none = !m_data.states.empty() && m_data.states[i] == CellState::NoRecord;
            cells << (none ? QString() : TableWriter::number(double(m_data.values[i])));
        }
        writer.row(cells);
    }
    return writer.text();
}

QString Heatmap::gridRowLabel(int row) const { return m_data.rowLabels.value(row, QString::number(row)); }

QString Heatmap::gridColumnLabel(int column) const
{
    return m_data.columnLabels.value(column, QString::number(column));
}

QString Heatmap::gridText(int row, int column) const
{
    const std::size_t i = std::size_t(row) * std::size_t(m_data.columns) + std::size_t(column);
    if (!m_data.states.empty() && m_data.states[i] == CellState::NoRecord)
        return tr("no record");
    const float value = m_data.values[i];
    if (!std::isfinite(value))
        return tr("not finite");
    const QString number = numberText::fixed(double(value), 2);
    const bool dead = !m_data.states.empty() && m_data.states[i] == CellState::Dead;
    return dead ? tr("%1, dead").arg(number) : number;
}

QRect Heatmap::gridRect(int row, int column) const { return cellLayout().cell(row, column); }

void Heatmap::setGridCurrent(int row, int column) { choose(row, column); }

}  // namespace moescope
