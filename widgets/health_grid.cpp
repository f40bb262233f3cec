// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/health_grid.h"

#include <algorithm>
#include <cmath>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include "widgets/crisp.h"
#include "widgets/state_glyph.h"

namespace moescope {

namespace {

constexpr int kGlyphRoom = 22;

QFont bold(QFont font)
{
    font.setWeight(QFont::DemiBold);
    return font;
}

bool isLoud(State state) { return state == State::Watch || state == State::Alarm || state == State::Failed; }

}  // namespace

struct HealthGrid::Layout {
    qreal labelWidth = 0, columnWidth = 0, top = 0, rowHeight = 0, left = 0, legendTop = 0;
    QRectF cell(int row, int column) const
    {
        return {left + labelWidth + column * columnWidth, top + row * rowHeight, columnWidth, rowHeight};
    }
};

HealthGrid::HealthGrid(QWidget* parent)
    : QWidget(parent)
{
    installAccessibleGrids();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

void HealthGrid::setRows(
    std::vector<HealthColumn> columns, QStringList rowLabels, std::vector<std::vector<HealthCell>> cells)
{
    m_columns = std::move(columns);
    m_rowLabels = std::move(rowLabels);
    m_cells = std::move(cells);
    for (std::vector<HealthCell>& row : m_cells)
        row.resize(m_columns.size());
    m_row = m_row < gridRows() ? m_row : -1;
    m_column = m_column < gridColumns() ? m_column : -1;
    m_hover = {-1, -1};
    updateGeometry();
    update();
}

void HealthGrid::setTitle(const QString& title)
{
    m_title = title;
    setAccessibleName(title);
}

void HealthGrid::setSelectedRow(int row)
{
    m_row = row < gridRows() ? row : -1;
    update();
}

void HealthGrid::setSelectedColumn(int column)
{
    m_column = column < gridColumns() ? column : -1;
    update();
}

void HealthGrid::setLegendVisible(bool on)
{
    m_legend = on;
    updateGeometry();
    update();
}

void HealthGrid::setHint(const QString& text)
{
    m_hint = text;
    update();
}

HealthGrid::Layout HealthGrid::layoutFor(const QRectF& rect) const
{
    const Theme& t = currentTheme();
    Layout at;
    at.left = rect.left();
    for (const QString& label : m_rowLabels)
        at.labelWidth = std::max(at.labelWidth, crisp::textWidth(bold(t.table), label));
    at.labelWidth += 2 * metrics::edge();
    const bool subtitles =
        std::any_of(m_columns.begin(), m_columns.end(), [](const HealthColumn& c) { return !c.subtitle.isEmpty(); });
    const qreal header = metrics::tick() * (subtitles ? 2 : 1) + 6;
    at.top = rect.top() + header;
    const qreal legend = m_legend ? metrics::tableRow() + 2 : 0;
    const qreal room = (rect.height() - header - legend) / std::max(gridRows(), 1);
    at.rowHeight = std::floor(std::clamp<qreal>(room, metrics::tick() + 2, metrics::tableRow() + 4));
    at.columnWidth = std::floor((rect.width() - at.labelWidth - 4) / std::max(gridColumns(), 1));
    at.legendTop = at.top + at.rowHeight * gridRows() + 2;
    return at;
}

QSize HealthGrid::sizeHint() const
{
    const Layout at = layoutFor(QRectF(0, 0, 400, 200));
    const int legend = m_legend ? metrics::tableRow() + 2 : 0;
    return {
        int(at.labelWidth) + gridColumns() * 54 + 4, int(at.top) + gridRows() * (metrics::tableRow() + 4) + legend + 4};
}

QSize HealthGrid::minimumSizeHint() const
{
    const Layout at = layoutFor(QRectF(0, 0, 400, 200));
    const int legend = m_legend ? metrics::tableRow() + 2 : 0;
    return {int(at.labelWidth) + gridColumns() * 50 + 4, int(at.top) + gridRows() * (metrics::tick() + 2) + legend};
}

QString HealthGrid::figureTitle() const { return m_title; }

QSizeF HealthGrid::figureSize() const
{
    return {std::max(420.0, double(sizeHint().width())), double(sizeHint().height())};
}

void HealthGrid::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    paint(painter, rect(), currentTheme(), true);
}

void HealthGrid::paintFigure(QPainter& painter, const QRectF& rect, const Theme& theme) const
{
    paint(painter, rect, theme, false);
}

void HealthGrid::paint(QPainter& painter, const QRectF& rect, const Theme& theme, bool screen) const
{
    painter.fillRect(rect, theme.base);
    const Layout at = layoutFor(rect);
    if (m_row >= 0)
        painter.fillRect(
            QRectF(rect.left() + 4, at.top + m_row * at.rowHeight, rect.width() - 8, at.rowHeight), theme.selectedSoft);
    crisp::horizontal(painter, rect.left() + 4, rect.right() - 4, at.top - 1, theme.grid);
    for (int column = 0; column < gridColumns(); ++column) {
        const QRectF box = at.cell(0, column).adjusted(0, 0, -kGlyphRoom, 0);
        const HealthColumn& head = m_columns[std::size_t(column)];
        const bool two = !head.subtitle.isEmpty();
        const qreal tick = metrics::tick();
        const qreal y = two ? at.top - 2 * tick - 4 : at.top - tick - 4;
        crisp::text(painter, QRectF(box.left(), y, box.width(), tick), Qt::AlignRight | Qt::AlignVCenter, head.title,
            bold(theme.small), theme.text2);
        crisp::text(painter, QRectF(box.left(), y + tick, box.width(), tick), Qt::AlignRight | Qt::AlignVCenter,
            head.subtitle, theme.small, theme.text3);
    }
    for (int row = 0; row < gridRows(); ++row) {
        const QRectF line(rect.left() + 4, at.top + row * at.rowHeight, rect.width() - 8, at.rowHeight);
        crisp::text(painter, line.adjusted(8, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, m_rowLabels.value(row),
            row == m_row ? bold(theme.table) : theme.table, theme.text);
        crisp::horizontal(painter, line.left(), line.right(), line.bottom() - 1, theme.grid);
        for (int column = 0; column < gridColumns(); ++column) {
            const HealthCell& cell = m_cells[std::size_t(row)][std::size_t(column)];
            const QRectF box = at.cell(row, column);
            if (isLoud(cell.state))
                painter.fillRect(
                    box.adjusted(box.width() > 70 ? box.width() - 68 : 2, 1, -2, -2), theme.ground(cell.state));
            const QRectF number = box.adjusted(0, 0, -kGlyphRoom, 0);
            if (cell.text.isEmpty() && !isLoud(cell.state))
                paintQuietDot(painter, number, theme);
            crisp::text(painter, number, Qt::AlignRight | Qt::AlignVCenter, cell.text,
                isLoud(cell.state) ? bold(theme.table) : theme.table, theme.text);
            if (isLoud(cell.state) || cell.state == State::Resolved)
                paintState(
                    painter, QRectF(box.right() - kGlyphRoom + 3, box.top(), 14, box.height() - 1), cell.state, theme);
        }
    }
    if (screen && m_hover.x() >= 0)
        crisp::frame(painter, at.cell(m_hover.y(), m_hover.x()).adjusted(0, 0, 0, -1), theme.strongLine);
    if (m_row >= 0 && m_column >= 0)
        crisp::frame(
            painter, at.cell(m_row, m_column).adjusted(0, 0, 0, -1), theme.accent, screen && hasFocus() ? 2 : 1);
    else if (screen && hasFocus())
        crisp::frame(painter, rect, theme.accent);
    if (m_legend)
        paintLegend(painter, QRectF(rect.left() + 12, at.legendTop, rect.width() - 24, metrics::tableRow()), theme);
}

void HealthGrid::paintLegend(QPainter& painter, const QRectF& rect, const Theme& theme) const
{
    qreal x = rect.left();
    for (const State state : {State::Ok, State::Watch, State::Alarm}) {
        paintState(painter, QRectF(x, rect.top(), state == State::Ok ? 8 : 12, rect.height()), state, theme);
        x += state == State::Ok ? 13 : 17;
        crisp::text(painter, QRectF(x, rect.top(), 100, rect.height()), Qt::AlignLeft | Qt::AlignVCenter,
            stateName(state), theme.small, theme.text2);
        x += crisp::textWidth(theme.small, stateName(state)) + 18;
    }
    if (rect.right() - x > crisp::textWidth(theme.small, m_hint))
        crisp::text(painter, rect, Qt::AlignRight | Qt::AlignVCenter, m_hint, theme.small, theme.text3);
}

QPoint HealthGrid::cellAt(QPoint position) const
{
    const Layout at = layoutFor(rect());
    const int row = int(std::floor((position.y() - at.top) / at.rowHeight));
    const int column = int(std::floor((position.x() - at.left - at.labelWidth) / at.columnWidth));
    if (row < 0 || row >= gridRows())
        return {-1, -1};
    return {std::min(column, gridColumns() - 1), row};
}

void HealthGrid::mousePressEvent(QMouseEvent* event)
{
    const QPoint cell = cellAt(event->pos());
    if (cell.y() < 0)
        return;
    m_row = cell.y();
    m_column = std::max(cell.x(), -1);
    update();
    Q_EMIT selected(m_row, m_column);
    if (m_column >= 0)
        Q_EMIT activated(m_row, m_column);
}

void HealthGrid::mouseMoveEvent(QMouseEvent* event)
{
    const QPoint cell = cellAt(event->pos());
    m_hover = cell.x() >= 0 ? cell : QPoint(-1, -1);
    update();
}

void HealthGrid::leaveEvent(QEvent*)
{
    m_hover = {-1, -1};
    update();
}

void HealthGrid::keyPressEvent(QKeyEvent* event)
{
    if (!handleGridKey(this, *this, *event))
        QWidget::keyPressEvent(event);
}

QString HealthGrid::tableText(TableFormat format) const { return gridTableText(*this, format); }

QString HealthGrid::gridRowLabel(int row) const { return m_rowLabels.value(row); }

QString HealthGrid::gridColumnLabel(int column) const
{
    const HealthColumn& head = m_columns[std::size_t(column)];
    return (head.title + QLatin1Char(' ') + head.subtitle).trimmed();
}

QString HealthGrid::gridText(int row, int column) const
{
    const HealthCell& cell = m_cells[std::size_t(row)][std::size_t(column)];
    return isLoud(cell.state) ? (cell.text + QLatin1Char(' ') + stateName(cell.state)).trimmed() : cell.text;
}

QRect HealthGrid::gridRect(int row, int column) const { return layoutFor(rect()).cell(row, column).toRect(); }

void HealthGrid::setGridCurrent(int row, int column)
{
    m_row = row;
    m_column = column;
    notifyGridCurrent(this);
    update();
    Q_EMIT selected(row, column);
}

}  // namespace moescope
