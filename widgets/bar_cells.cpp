// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/bar_cells.h"

#include <algorithm>
#include <cmath>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include "widgets/crisp.h"
#include "widgets/heatmap.h"
#include "widgets/state_glyph.h"

namespace moescope {

namespace {

constexpr int kBetween = 16, kBesideBar = 42, kGlyph = 16, kMostSpread = 28;

QFont heading(const Theme& theme)
{
    QFont font = theme.small;
    font.setWeight(QFont::DemiBold);
    return font;
}

}  // namespace

BarCells::BarCells(QWidget* parent)
    : QWidget(parent)
{
    installAccessibleGrids();
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Expanding);
}

void BarCells::setColumns(std::vector<BarColumn> columns, QStringList rowLabels)
{
    m_columns = std::move(columns);
    m_rowLabels = std::move(rowLabels);
    m_row = m_row < gridRows() ? m_row : -1;
    updateGeometry();
    update();
}

void BarCells::setTitle(const QString& title)
{
    m_title = title;
    setAccessibleName(title);
}

void BarCells::alignTo(const Heatmap* map)
{
    m_map = map;
    connect(map, &Heatmap::rowsMoved, this, [this] { update(); });
    connect(map, &Heatmap::selected, this, [this](int row) { setSelectedRow(row); });
    update();
}

void BarCells::setSelectedRow(int row)
{
    m_row = row < gridRows() ? row : -1;
    update();
}

BarCells::Rows BarCells::rows() const
{
    if (!m_map)
        return {metrics::tick() + 8, metrics::tableRow()};
    const HeatmapLayout at = m_map->cellLayout();
    const QPoint top = mapFromGlobal(m_map->mapToGlobal(at.cells.topLeft()));
    return {top.y(), at.pitch.height};
}

int BarCells::columnWidth(const BarColumn& column) const { return leastWidth(column) + m_spread; }

int BarCells::leastWidth(const BarColumn& column) const
{
    const Theme& t = currentTheme();
    qreal width = crisp::textWidth(heading(t), column.title);
    bool glyphs = false;
    for (const BarCell& cell : column.cells) {
        width = std::max(width, crisp::textWidth(t.table, cell.text) + (column.barBeside ? kBesideBar : 0));
        glyphs = glyphs || cell.state == State::Watch || cell.state == State::Alarm;
    }
    return int(std::ceil(width)) + kBetween + (glyphs ? kGlyph : 0);
}

QSize BarCells::sizeHint() const
{
    int width = 8;
    for (const BarColumn& column : m_columns)
        width += leastWidth(column);
    return {width, metrics::tick() + 8 + gridRows() * metrics::tableRow() + 2};
}

QSize BarCells::minimumSizeHint() const { return sizeHint(); }

QString BarCells::figureTitle() const { return m_title; }

QSizeF BarCells::figureSize() const { return sizeHint(); }

void BarCells::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    m_spread = std::clamp((width() - sizeHint().width()) / std::max(gridColumns(), 1), 0, kMostSpread);
}

void BarCells::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paint(painter, rect(), currentTheme(), rows());
    if (hasFocus())
        crisp::frame(painter, rect(), currentTheme().accent);
}

void BarCells::paintFigure(QPainter& painter, const QRectF& rect, const Theme& theme) const
{
    paint(painter, rect, theme, {int(rect.top()) + metrics::tick() + 8, metrics::tableRow()});
}

void BarCells::paintBeside(QPainter& painter, const QRectF& rect, const HeatmapLayout& map, const Theme& theme) const
{
    paint(painter, rect, theme, {map.cells.top(), map.pitch.height});
}

void BarCells::paintCell(
    QPainter& painter, const QRectF& rect, const BarCell& cell, bool beside, const Theme& theme) const
{
    const bool stated = cell.state == State::Watch || cell.state == State::Alarm;
    QFont font = theme.table;
    font.setWeight(stated ? QFont::Bold : QFont::Normal);
    const QColor ink = cell.state == State::Alarm ? theme.alarm : theme.text;
    const qreal textWidth = crisp::textWidth(font, cell.text);
    const bool below = cell.share && !beside && rect.height() >= metrics::tick() + 8;
    const QRectF number = rect.adjusted(0, 0, 0, below ? -6 : 0);
    crisp::text(painter, number, Qt::AlignRight | Qt::AlignVCenter, cell.text, font, ink);
    if (stated)
        paintState(
            painter, QRectF(number.right() - textWidth - 20, number.top(), 14, number.height()), cell.state, theme);
    if (!cell.share)
        return;
    const double share = std::clamp(*cell.share, 0.0, 1.0);
    QRectF bar(rect.left(), std::round(rect.bottom()) - 7, rect.width(), 2);
    if (beside)
        bar = QRectF(rect.left(), std::round(rect.center().y()) - 4, rect.width() - 36, 8);
    painter.fillRect(bar, theme.line);
    painter.fillRect(QRectF(bar.left(), bar.top(), std::round(bar.width() * share), bar.height()),
        beside ? theme.text3 : theme.text2);
    if (cell.floor)
        crisp::vertical(painter, bar.left() + std::clamp(*cell.floor, 0.0, 1.0) * bar.width(), bar.top() - 2,
            bar.bottom() + 2, theme.text);
}

void BarCells::paint(QPainter& painter, const QRectF& rect, const Theme& theme, Rows rows) const
{
    painter.fillRect(rect, theme.base);
    const qreal headingTop = rows.top - metrics::tick() - 4;
    const bool lines = !m_columns.empty() && !m_columns.front().barBeside;
    for (int row = 0; row < gridRows(); ++row) {
        const QRectF line(rect.left(), rows.top + row * rows.height, rect.width(), rows.height);
        if (row == m_row)
            painter.fillRect(line, theme.selectedSoft);
        if (lines)
            crisp::horizontal(painter, line.left(), line.right(), line.bottom() - 1, theme.grid);
    }
    qreal x = rect.left();
    for (const BarColumn& column : m_columns) {
        const int width = columnWidth(column);
        const QRectF box(x + kBetween, 0, width - kBetween, rows.height);
        crisp::text(painter, QRectF(box.left(), headingTop, box.width(), metrics::tick()),
            (column.barBeside ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter, column.title, heading(theme),
            theme.text2);
        for (std::size_t row = 0; row < column.cells.size(); ++row)
            paintCell(painter, box.translated(0, rows.top + int(row) * rows.height), column.cells[row],
                column.barBeside, theme);
        x += width;
    }
}

QPoint BarCells::cellAt(QPoint position) const
{
    const Rows at = rows();
    const int row = position.y() < at.top ? -1 : (position.y() - at.top) / std::max(at.height, 1);
    if (row < 0 || row >= gridRows())
        return {-1, -1};
    int x = 0;
    for (std::size_t column = 0; column < m_columns.size(); ++column) {
        x += columnWidth(m_columns[column]);
        if (position.x() < x)
            return {int(column), row};
    }
    return {gridColumns() - 1, row};
}

void BarCells::mousePressEvent(QMouseEvent* event)
{
    const QPoint cell = cellAt(event->pos());
    if (cell.y() >= 0)
        setGridCurrent(cell.y(), cell.x());
}

void BarCells::mouseDoubleClickEvent(QMouseEvent* event)
{
    const QPoint cell = cellAt(event->pos());
    if (cell.y() >= 0)
        Q_EMIT activated(cell.y(), cell.x());
}

void BarCells::keyPressEvent(QKeyEvent* event)
{
    if (!handleGridKey(this, *this, *event))
        QWidget::keyPressEvent(event);
}

QString BarCells::tableText(TableFormat format) const { return gridTableText(*this, format); }

int BarCells::gridRows() const { return int(m_rowLabels.size()); }

int BarCells::gridColumns() const { return int(m_columns.size()); }

QString BarCells::gridRowLabel(int row) const { return m_rowLabels.value(row); }

QString BarCells::gridColumnLabel(int column) const { return m_columns[std::size_t(column)].title; }

QString BarCells::gridText(int row, int column) const
{
    const std::vector<BarCell>& cells = m_columns[std::size_t(column)].cells;
    return std::size_t(row) < cells.size() ? cells[std::size_t(row)].text : QString();
}

QRect BarCells::gridRect(int row, int column) const
{
    int x = 0;
    for (int i = 0; i < column; ++i)
        x += columnWidth(m_columns[std::size_t(i)]);
    const Rows at = rows();
    return {x, at.top + row * at.height, columnWidth(m_columns[std::size_t(column)]), at.height};
}

void BarCells::setGridCurrent(int row, int column)
{
    m_row = row;
    m_column = column;
    notifyGridCurrent(this);
    update();
    Q_EMIT selected(row, column);
}

}  // namespace moescope
