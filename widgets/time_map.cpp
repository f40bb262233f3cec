// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/time_map.h"

#include <algorithm>
#include <cmath>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QWheelEvent>

#include "widgets/chart_scene.h"
#include "widgets/number_text.h"
#include "widgets/time_map_state.h"

namespace moescope {

TimeMap::TimeMap(QWidget* parent)
    : QWidget(parent)
    , m_impl(std::make_unique<Impl>())
{
    installAccessibleGrids();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Map over time"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

TimeMap::~TimeMap() = default;

void TimeMap::setSource(int rows, double xFirst, double xLast, Fetch fetch)
{
    m_impl->rows = std::max(rows, 0);
    m_impl->first = xFirst;
    m_impl->last = std::max(xLast, xFirst);
    m_impl->fetch = std::move(fetch);
    refresh();
}

void TimeMap::setColumns(TimeMapColumns columns)
{
    m_impl->columns = std::move(columns);
    m_impl->image = {};
    update();
}

void TimeMap::setTitle(const QString& title)
{
    m_impl->title = title;
    setAccessibleName(title);
}

void TimeMap::setRowLabels(QStringList labels)
{
    m_impl->labels = std::move(labels);
    refresh();
}

void TimeMap::setMap(MapKind kind, ValueScale scale)
{
    m_impl->kind = kind;
    m_impl->scale = std::move(scale);
    m_impl->image = {};
    update();
}

void TimeMap::setXAxis(AxisSpec axis)
{
    m_impl->axis = std::move(axis);
    update();
}

void TimeMap::setXRange(double from, double to)
{
    if (!(to > from))
        return;
    m_impl->view = ValueRange{from, to};
    refresh();
}

void TimeMap::showAll()
{
    m_impl->view.reset();
    refresh();
}

void TimeMap::setCursors(std::optional<double> a, std::optional<double> b)
{
    m_impl->cursorA = a;
    m_impl->cursorB = b;
    update();
}

void TimeMap::setMarks(std::vector<ChartMark> marks)
{
    m_impl->marks = std::move(marks);
    update();
}

void TimeMap::setSelectedRow(int row)
{
    m_impl->row = row < m_impl->rows ? row : -1;
    update();
}

void TimeMap::setBars(std::vector<double> atA, std::vector<double> atB, const QString& title)
{
    m_impl->barsA = std::move(atA);
    m_impl->barsB = std::move(atB);
    m_impl->barsTitle = title;
    refresh();
}

QRect TimeMap::plotRect() const { return m_impl->layoutFor(rect(), true).plot; }

void TimeMap::refresh()
{
    m_impl->image = {};
    const int wanted = int(std::ceil(plotRect().width() * devicePixelRatioF()));
    if (wanted > 0 && m_impl->rows > 0) {
        const ValueRange range = m_impl->range();
        if (m_impl->fetch)
            m_impl->columns = m_impl->fetch(range.low, range.high, wanted);
        else
            Q_EMIT rangeNeeded(range.low, range.high, wanted);
    }
    update();
}

QSize TimeMap::sizeHint() const { return {560, 60 + m_impl->rows * 12}; }

QSize TimeMap::minimumSizeHint() const { return {220, 50 + m_impl->rows * 3}; }

QString TimeMap::figureTitle() const { return m_impl->title; }

QSizeF TimeMap::figureSize() const { return {640.0, 90.0 + m_impl->rows * 12}; }

QString TimeMap::tableText(TableFormat format) const
{
    TableWriter writer(format, {m_impl->axis.name, tr("expert"), tr("minimum"), tr("maximum")});
    const TimeMapColumns& c = m_impl->columns;
    const double width = c.columns > 0 ? (c.xTo - c.xFrom) / c.columns : 0;
    for (int column = 0; column < c.columns; ++column) {
        for (int row = 0; row < c.rows; ++row) {
            const std::size_t i = std::size_t(column) * std::size_t(c.rows) + std::size_t(row);
            if (!std::isnan(c.maximum[i]))
                writer.row({TableWriter::number(c.xFrom + (column + 1) * width), gridRowLabel(row),
                    TableWriter::number(double(c.minimum[i])), TableWriter::number(double(c.maximum[i]))});
        }
    }
    return writer.text();
}

int TimeMap::gridRows() const { return m_impl->rows; }

int TimeMap::gridColumns() const { return m_impl->columns.columns; }

QString TimeMap::gridRowLabel(int row) const { return m_impl->labels.value(row, QString::number(row)); }

QString TimeMap::gridColumnLabel(int column) const
{
    const TimeMapColumns& c = m_impl->columns;
    return axisValueText(c.xFrom + (column + 1) * (c.xTo - c.xFrom) / std::max(c.columns, 1), m_impl->axis, 2);
}

QString TimeMap::gridText(int row, int column) const
{
    const TimeMapColumns& c = m_impl->columns;
    const std::size_t i = std::size_t(column) * std::size_t(c.rows) + std::size_t(row);
    if (row >= c.rows || i >= c.maximum.size() || std::isnan(c.maximum[i]))
        return numberText::missing();
    const QString low = numberText::fixed(double(c.minimum[i]), 2), high = numberText::fixed(double(c.maximum[i]), 2);
    return low == high ? low : tr("%1 to %2").arg(low, high);
}

QRect TimeMap::gridRect(int row, int column) const
{
    const Impl::Layout at = m_impl->layoutFor(rect(), true);
    const QRect line = at.row(row);
    const int columns = std::max(m_impl->columns.columns, 1);
    return {at.plot.left() + column * at.plot.width() / columns, line.top(), std::max(1, at.plot.width() / columns),
        line.height()};
}

QPoint TimeMap::gridCurrent() const
{
    const TimeMapColumns& c = m_impl->columns;
    if (!m_impl->cursorA || c.columns == 0)
        return {-1, m_impl->row};
    const double share = (*m_impl->cursorA - c.xFrom) / std::max(c.xTo - c.xFrom, 1e-9);
    return {std::clamp(int(std::ceil(share * c.columns)) - 1, 0, c.columns - 1), m_impl->row};
}

void TimeMap::setGridCurrent(int row, int column)
{
    const QPoint now = gridCurrent();
    const TimeMapColumns& c = m_impl->columns;
    if (row != m_impl->row) {
        m_impl->row = row;
        Q_EMIT rowSelected(row);
    }
    if (column != now.x() && c.columns > 0)
        Q_EMIT cursorMoved(c.xFrom + (column + 1) * (c.xTo - c.xFrom) / c.columns);
    notifyGridCurrent(this);
    update();
}

void TimeMap::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    refresh();
}

void TimeMap::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    refresh();
}

void TimeMap::wheelEvent(QWheelEvent* event)
{
    const AxisMap x = m_impl->axisMap(m_impl->layoutFor(rect(), true));
    const double turns = event->angleDelta().y() / 120.0;
    if (turns == 0)
        return event->ignore();
    const double at = x.value(event->position().x()), factor = std::pow(0.8, turns);
    const ValueRange whole = m_impl->whole();
    const double low = std::max(at + (x.low - at) * factor, whole.low),
                 high = std::min(at + (x.high - at) * factor, whole.high);
    setXRange(low, high);
    if (high > low)
        Q_EMIT xRangeChanged(low, high);
    event->accept();
}

void TimeMap::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return QWidget::mousePressEvent(event);
    m_impl->press = event->position().x();
    const int row = m_impl->layoutFor(rect(), true).rowAt(event->pos(), m_impl->rows);
    if (row >= 0 && row != m_impl->row) {
        m_impl->row = row;
        notifyGridCurrent(this);
        update();
        Q_EMIT rowSelected(row);
    }
}

void TimeMap::mouseMoveEvent(QMouseEvent* event)
{
    const Impl::Layout at = m_impl->layoutFor(rect(), true);
    const AxisMap x = m_impl->axisMap(at);
    if (m_impl->press && std::abs(event->position().x() - *m_impl->press) > 3) {
        m_impl->brush = ValueRange{x.value(std::min(*m_impl->press, event->position().x())),
            x.value(std::max(*m_impl->press, event->position().x()))};
        update();
        return;
    }
    m_impl->hover = at.plot.contains(event->pos()) ? std::optional<QPoint>(event->pos()) : std::nullopt;
    update();
    if (m_impl->hover)
        Q_EMIT hovered(at.rowAt(event->pos(), m_impl->rows), x.value(event->position().x()));
}

void TimeMap::mouseReleaseEvent(QMouseEvent* event)
{
    const Impl::Layout at = m_impl->layoutFor(rect(), true);
    const bool click = m_impl->press && !m_impl->brush;
    if (m_impl->brush)
        Q_EMIT brushed(m_impl->brush->low, m_impl->brush->high);
    m_impl->press.reset();
    m_impl->brush.reset();
    update();
    if (!click || !at.plot.contains(event->pos()))
        return;
    const double x = std::clamp(m_impl->axisMap(at).value(event->position().x()), m_impl->first, m_impl->last);
    if (event->modifiers().testFlag(Qt::ShiftModifier))
        Q_EMIT secondCursorMoved(x);
    else
        Q_EMIT cursorMoved(x);
}

void TimeMap::mouseDoubleClickEvent(QMouseEvent*)
{
    m_impl->press.reset();
    showAll();
    Q_EMIT followRequested();
}

void TimeMap::leaveEvent(QEvent*)
{
    m_impl->hover.reset();
    update();
    Q_EMIT hovered(-1, 0);
}

void TimeMap::keyPressEvent(QKeyEvent* event)
{
    if (!handleGridKey(this, *this, *event))
        QWidget::keyPressEvent(event);
}

}  // namespace moescope
