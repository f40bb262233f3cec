// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/matrix_view.h"

#include <algorithm>
#include <cmath>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include "widgets/color_bar.h"
#include "widgets/crisp.h"
#include "widgets/matrix_layout.h"
#include "widgets/number_text.h"

namespace moescope {

MatrixView::MatrixView(QWidget* parent)
    : QWidget(parent)
{
    installAccessibleGrids();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setAccessibleName(tr("Matrix"));
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Expanding);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void MatrixView::setData(MatrixData data)
{
    const auto n = std::size_t(std::max(data.size, 0));
    data.values.resize(n * n, 0);
    std::vector<int> places(n, -1);
    for (std::size_t place = 0; place < data.order.size() && data.order.size() == n; ++place) {
        const int id = data.order[place];
        if (id >= 0 && std::size_t(id) < n)
            places[std::size_t(id)] = int(place);
    }
    if (std::find(places.begin(), places.end(), -1) != places.end()) {
        data.order.clear();
        for (std::size_t id = 0; id < n; ++id) {
            data.order.push_back(int(id));
            places[id] = int(id);
        }
    }
    const bool sameShape = data.size == m_data.size && data.tree.empty() == m_data.tree.empty();
    m_data = std::move(data);
    m_places = std::move(places);
    if (!sameShape) {
        m_hoverFirst = m_hoverSecond = -1;
        updateGeometry();
    }
    update();
}

void MatrixView::setTitle(const QString& title)
{
    m_title = title;
    setAccessibleName(title);
}

void MatrixView::setMap(MapKind kind, ValueScale scale)
{
    m_kind = kind;
    m_scale = std::move(scale);
    update();
}

void MatrixView::setSmall(bool on)
{
    m_small = on;
    updateGeometry();
    update();
}

void MatrixView::setHeading(const QString& left, const QString& right, State state)
{
    m_headingLeft = left;
    m_headingRight = right;
    m_headingState = state;
    setAccessibleDescription(left + QLatin1Char(' ') + right);
    update();
}

void MatrixView::setSelected(bool on)
{
    m_selected = on;
    update();
}

void MatrixView::setLegendVisible(bool on)
{
    m_legend = on;
    updateGeometry();
    update();
}

void MatrixView::setHoverLineVisible(bool on)
{
    m_hoverLine = on;
    updateGeometry();
    update();
}

void MatrixView::setDescriber(std::function<QString(int, int)> describe) { m_describe = std::move(describe); }

void MatrixView::setPairs(std::vector<std::pair<int, int>> pairs, const QString& legend)
{
    m_pairs = std::move(pairs);
    m_pairLegend = legend;
    update();
}

void MatrixView::setSelection(int first, int second)
{
    m_first = first < m_data.size ? first : -1;
    m_second = second < m_data.size ? second : -1;
    notifyGridCurrent(this);
    update();
}

void MatrixView::setHover(int first, int second)
{
    m_hoverFirst = first < m_data.size ? first : -1;
    m_hoverSecond = second < m_data.size ? second : -1;
    update();
}

void MatrixView::setCut(double height)
{
    m_cut = height;
    update();
}

void MatrixView::setMaximumCell(int pixels)
{
    m_maximumCell = pixels;
    updateGeometry();
    update();
}

QRect MatrixView::Layout::cell(int row, int column) const
{
    return {cells.left() + column * pitch, cells.top() + row * pitch, pitch - gap, pitch - gap};
}

MatrixView::Layout MatrixView::layoutFor(const QRect& rect) const
{
    const Theme& theme = currentTheme();
    Layout at;
    const int tick = metrics::tick(), n = std::max(m_data.size, 1);
    if (m_small) {
        const int heading = m_headingLeft.isEmpty() && m_headingRight.isEmpty() ? 0 : tick + 6;
        at.heading = QRect(rect.left() + 8, rect.top() + 2, rect.width() - 16, heading);
        const int side = std::min(rect.width() - 16, rect.height() - heading - 10);
        at.pitch = std::max(1, side / n);
        at.gap = at.pitch >= 10 ? 1 : 0;
        const int used = at.pitch * n;
        at.cells = QRect(rect.left() + (rect.width() - used + at.gap) / 2, rect.top() + heading + 4, used, used);
        const int words =
            int(crisp::textWidth(theme.title, m_headingLeft + QStringLiteral("  ") + m_headingRight)) + 20;
        if (words <= used)
            at.heading = QRect(at.cells.left(), at.heading.top(), used - at.gap, heading);
        return at;
    }
    const int tree = m_data.tree.empty() ? 0 : std::clamp(rect.width() / 6, 40, 70);
    const int label = int(std::ceil(crisp::textWidth(theme.small, QString::number(n - 1)))) + 10;
    const int legend = m_legend ? int(std::ceil(colorBarHeight(theme))) + 8 : 0;
    const int hover = m_hoverLine ? tick + 4 : 0;
    const int top = tick + 6;
    const int side = std::min(rect.width() - tree - label - 4, rect.height() - top - legend - hover - 2);
    at.pitch = std::clamp(side / n, 1, m_maximumCell);
    at.gap = at.pitch >= 10 ? 1 : 0;
    const int used = tree + label + at.pitch * n;
    const int left = rect.left() + std::max(0, (rect.width() - used) / 2) + tree + label;
    at.cells = QRect(left, rect.top() + top, at.pitch * n, at.pitch * n);
    at.tree = QRect(left - label - tree, at.cells.top(), tree, at.cells.height());
    at.labelWidth = label;
    const int width = rect.right() - left;
    at.legend = m_legend ? QRect(left, at.cells.bottom() + 7, width, legend - 8) : QRect();
    at.hoverLine = m_hoverLine ? QRect(left, at.cells.bottom() + 1 + legend, width, hover) : QRect();
    return at;
}

QRect MatrixView::cellsRect() const { return layoutFor(rect()).cells; }

QSize MatrixView::sizeHint() const
{
    if (m_small)
        return {140, heightForWidth(140)};
    const int n = std::max(m_data.size, 4), tick = metrics::tick();
    const int legend = m_legend ? int(colorBarHeight(currentTheme())) + 9 : 0;
    const int side = n * std::min(m_maximumCell, 24);
    return {side + 36 + (m_data.tree.empty() ? 0 : 70), side + tick + 8 + legend + (m_hoverLine ? tick + 4 : 0)};
}

QSize MatrixView::minimumSizeHint() const
{
    if (m_small)
        return {96, heightForWidth(96)};
    return {160, 140};
}

bool MatrixView::hasHeightForWidth() const { return m_small; }

int MatrixView::heightForWidth(int width) const
{
    if (!m_small)
        return -1;
    const int heading = m_headingLeft.isEmpty() && m_headingRight.isEmpty() ? 0 : metrics::tick() + 6;
    return std::min(width, 160) - 16 + heading + 10;
}

int MatrixView::idAt(int place) const
{
    return place >= 0 && place < m_data.size ? m_data.order[std::size_t(place)] : -1;
}

int MatrixView::placeOf(int id) const { return id >= 0 && id < m_data.size ? m_places[std::size_t(id)] : -1; }

QPoint MatrixView::idsAt(QPoint position) const
{
    const Layout at = layoutFor(rect());
    if (!at.cells.contains(position))
        return {-1, -1};
    return {idAt((position.x() - at.cells.left()) / at.pitch), idAt((position.y() - at.cells.top()) / at.pitch)};
}

QString MatrixView::describe(int first, int second) const
{
    if (m_describe)
        return m_describe(first, second);
    const float value = m_data.values[std::size_t(first) * std::size_t(m_data.size) + std::size_t(second)];
    const QString number = std::isfinite(value) ? numberText::fixed(double(value), 2) : tr("not finite");
    return QStringLiteral("%1–%2   %3").arg(first).arg(second).arg(number);
}

void MatrixView::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    updateGeometry();
    update();
}

void MatrixView::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton)
        return QWidget::mousePressEvent(event);
    if (m_small) {
        Q_EMIT clicked();
        return;
    }
    const Layout at = layoutFor(rect());
    if (!m_data.tree.empty() && at.tree.adjusted(0, -20, 4, 0).contains(event->pos())) {
        m_dragCut = true;
        mouseMoveEvent(event);
        return;
    }
    const QPoint ids = idsAt(event->pos());
    if (ids.x() < 0)
        return;
    m_first = ids.y();
    m_second = ids.x();
    notifyGridCurrent(this);
    update();
    Q_EMIT pairSelected(m_first, m_second);
}

void MatrixView::mouseMoveEvent(QMouseEvent* event)
{
    const Layout at = layoutFor(rect());
    if (m_dragCut) {
        m_cut = std::clamp(at.heightAt(event->pos().x(), treeTop()), 0.0, treeTop());
        update();
        Q_EMIT cutChanged(m_cut);
        return;
    }
    const bool overTree = !m_small && !m_data.tree.empty() && at.tree.contains(event->pos());
    setCursor(overTree ? Qt::SplitHCursor : m_small ? Qt::PointingHandCursor : Qt::ArrowCursor);
    const QPoint ids = idsAt(event->pos());
    if (ids == QPoint(m_hoverSecond, m_hoverFirst))
        return;
    m_hoverFirst = ids.y();
    m_hoverSecond = ids.x();
    update();
    Q_EMIT hovered(m_hoverFirst, m_hoverSecond);
}

void MatrixView::mouseReleaseEvent(QMouseEvent*) { m_dragCut = false; }

void MatrixView::mouseDoubleClickEvent(QMouseEvent* event)
{
    const QPoint ids = idsAt(event->pos());
    if (m_small || ids.x() >= 0)
        Q_EMIT activated(m_small ? -1 : ids.y(), m_small ? -1 : ids.x());
}

void MatrixView::leaveEvent(QEvent*)
{
    m_hoverFirst = m_hoverSecond = -1;
    update();
    Q_EMIT hovered(-1, -1);
}

void MatrixView::keyPressEvent(QKeyEvent* event)
{
    const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (m_small) {
        if (enter || event->key() == Qt::Key_Space) {
            Q_EMIT clicked();
            if (enter)
                Q_EMIT activated(-1, -1);
        } else {
            QWidget::keyPressEvent(event);
        }
        return;
    }
    if (!m_data.tree.empty() && event->modifiers() == Qt::ControlModifier
        && (event->key() == Qt::Key_Left || event->key() == Qt::Key_Right)) {
        m_cut = std::clamp(m_cut + (event->key() == Qt::Key_Left ? 0.01 : -0.01), 0.0, treeTop());
        update();
        Q_EMIT cutChanged(m_cut);
    } else if (!handleGridKey(this, *this, *event)) {
        QWidget::keyPressEvent(event);
    }
}

double MatrixView::treeTop() const
{
    double top = 1e-9;
    for (const TreeMerge& merge : m_data.tree)
        top = std::max(top, merge.height);
    return top * 1.08;
}

double MatrixView::Layout::heightAt(int x, double top) const
{
    return double(tree.right() - x) / std::max(tree.width(), 1) * top;
}

qreal MatrixView::Layout::treeX(double height, double top) const { return tree.right() - height / top * tree.width(); }

QString MatrixView::figureTitle() const { return m_title; }

QSizeF MatrixView::figureSize() const { return sizeHint(); }

QString MatrixView::tableText(TableFormat format) const
{
    QStringList header{tr("expert")};
    for (const int id : m_data.order)
        header << QString::number(id);
    TableWriter writer(format, header);
    for (const int row : m_data.order) {
        QStringList cells{QString::number(row)};
        for (const int column : m_data.order)
            cells << TableWriter::number(
                double(m_data.values[std::size_t(row) * std::size_t(m_data.size) + std::size_t(column)]));
        writer.row(cells);
    }
    return writer.text();
}

QString MatrixView::gridRowLabel(int row) const { return tr("expert %1").arg(idAt(row)); }

QString MatrixView::gridColumnLabel(int column) const { return tr("expert %1").arg(idAt(column)); }

QString MatrixView::gridText(int row, int column) const
{
    const int first = idAt(row), second = idAt(column);
    if (first == second && !m_data.diagonal)
        return tr("self");
    const float value = m_data.values[std::size_t(first) * std::size_t(m_data.size) + std::size_t(second)];
    return std::isfinite(value) ? numberText::fixed(double(value), 2) : tr("not finite");
}

QRect MatrixView::gridRect(int row, int column) const { return layoutFor(rect()).cell(row, column); }

QPoint MatrixView::gridCurrent() const { return {placeOf(m_second), placeOf(m_first)}; }

void MatrixView::setGridCurrent(int row, int column)
{
    m_first = idAt(row);
    m_second = idAt(column);
    notifyGridCurrent(this);
    update();
    Q_EMIT pairSelected(m_first, m_second);
}

}  // namespace moescope
