// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/accessible_grid.h"

#include <algorithm>
#include <map>

#include <QAccessible>
#include <QAccessibleWidget>
#include <QKeyEvent>
#include <QPointer>
#include <QWidget>

namespace moescope {

namespace {

AccessibleGrid* gridOf(QObject* object) { return dynamic_cast<AccessibleGrid*>(object); }

class GridCell : public QAccessibleInterface, public QAccessibleTableCellInterface {
public:
    GridCell(QWidget* widget, int row, int column)
        : m_widget(widget)
        , m_row(row)
        , m_column(column)
    {
    }

    bool isValid() const override { return m_widget && m_row < grid().gridRows() && m_column < grid().gridColumns(); }
    QObject* object() const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    QAccessibleInterface* parent() const override { return QAccessible::queryAccessibleInterface(m_widget.data()); }
    QAccessibleInterface* child(int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QString text(QAccessible::Text kind) const override
    {
        if (!isValid())
            return {};
        if (kind == QAccessible::Name)
            return grid().gridRowLabel(m_row) + QLatin1Char(' ') + grid().gridColumnLabel(m_column);
        return kind == QAccessible::Value ? grid().gridText(m_row, m_column) : QString();
    }
    void setText(QAccessible::Text, const QString&) override { }
    QRect rect() const override
    {
        if (!isValid())
            return {};
        const QRect local = grid().gridRect(m_row, m_column);
        return {m_widget->mapToGlobal(local.topLeft()), local.size()};
    }
    QAccessible::Role role() const override { return QAccessible::Cell; }
    QAccessible::State state() const override
    {
        QAccessible::State state;
        state.readOnly = true;
        state.selectable = true;
        state.selected = isSelected();
        state.focused = state.selected && m_widget && m_widget->hasFocus();
        return state;
    }
    void* interface_cast(QAccessible::InterfaceType type) override
    {
        return type == QAccessible::TableCellInterface ? static_cast<QAccessibleTableCellInterface*>(this) : nullptr;
    }

    bool isSelected() const override { return isValid() && grid().gridCurrent() == QPoint(m_column, m_row); }
    QList<QAccessibleInterface*> columnHeaderCells() const override { return {}; }
    QList<QAccessibleInterface*> rowHeaderCells() const override { return {}; }
    int columnIndex() const override { return m_column; }
    int rowIndex() const override { return m_row; }
    int columnExtent() const override { return 1; }
    int rowExtent() const override { return 1; }
    QAccessibleInterface* table() const override { return parent(); }

private:
    AccessibleGrid& grid() const { return *gridOf(m_widget.data()); }
    QPointer<QWidget> m_widget;
    int m_row, m_column;
};

class GridTable : public QAccessibleWidget, public QAccessibleTableInterface {
public:
    explicit GridTable(QWidget* widget)
        : QAccessibleWidget(widget, QAccessible::Table)
    {
    }
    ~GridTable() override
    {
        for (const auto& [place, id] : m_cells)
            QAccessible::deleteAccessibleInterface(id);
    }
    Q_DISABLE_COPY_MOVE(GridTable)

    void* interface_cast(QAccessible::InterfaceType type) override
    {
        return type == QAccessible::TableInterface ? static_cast<QAccessibleTableInterface*>(this)
                                                   : QAccessibleWidget::interface_cast(type);
    }
    int childCount() const override { return rowCount() * columnCount(); }
    QAccessibleInterface* child(int index) const override
    {
        const int columns = columnCount();
        return columns > 0 ? cellAt(index / columns, index % columns) : nullptr;
    }
    int indexOfChild(const QAccessibleInterface* child) const override
    {
        const auto* cell = dynamic_cast<const GridCell*>(child);
        return cell ? cell->rowIndex() * columnCount() + cell->columnIndex() : -1;
    }

    QAccessibleInterface* caption() const override { return nullptr; }
    QAccessibleInterface* summary() const override { return nullptr; }
    QAccessibleInterface* cellAt(int row, int column) const override
    {
        if (row < 0 || column < 0 || row >= rowCount() || column >= columnCount())
            return nullptr;
        const auto known = m_cells.find({row, column});
        if (known != m_cells.end())
            return QAccessible::accessibleInterface(known->second);
        auto* cell = new GridCell(widget(), row, column);
        m_cells[{row, column}] = QAccessible::registerAccessibleInterface(cell);
        return cell;
    }
    int selectedCellCount() const override { return current().x() >= 0 && current().y() >= 0 ? 1 : 0; }
    QList<QAccessibleInterface*> selectedCells() const override
    {
        return selectedCellCount() > 0 ? QList<QAccessibleInterface*>{cellAt(current().y(), current().x())}
                                       : QList<QAccessibleInterface*>{};
    }
    QString columnDescription(int column) const override { return grid().gridColumnLabel(column); }
    QString rowDescription(int row) const override { return grid().gridRowLabel(row); }
    int selectedColumnCount() const override { return 0; }
    int selectedRowCount() const override { return 0; }
    int columnCount() const override { return grid().gridColumns(); }
    int rowCount() const override { return grid().gridRows(); }
    QList<int> selectedColumns() const override { return {}; }
    QList<int> selectedRows() const override { return {}; }
    bool isColumnSelected(int) const override { return false; }
    bool isRowSelected(int) const override { return false; }
    bool selectRow(int row) override { return choose(row, std::max(current().x(), 0)); }
    bool selectColumn(int column) override { return choose(std::max(current().y(), 0), column); }
    bool unselectRow(int) override { return false; }
    bool unselectColumn(int) override { return false; }
    void modelChange(QAccessibleTableModelChangeEvent*) override { }

private:
    AccessibleGrid& grid() const { return *gridOf(object()); }
    QPoint current() const { return grid().gridCurrent(); }
    bool choose(int row, int column)
    {
        if (row < 0 || column < 0 || row >= rowCount() || column >= columnCount())
            return false;
        grid().setGridCurrent(row, column);
        return true;
    }
    mutable std::map<std::pair<int, int>, QAccessible::Id> m_cells;
};

QAccessibleInterface* makeGrid(const QString&, QObject* object)
{
    auto* widget = qobject_cast<QWidget*>(object);
    return widget && gridOf(widget) ? new GridTable(widget) : nullptr;
}

}  // namespace

void installAccessibleGrids()
{
    static const bool installed = (QAccessible::installFactory(makeGrid), true);
    Q_UNUSED(installed)
}

void notifyGridCurrent(QWidget* widget)
{
    if (!QAccessible::isActive())
        return;
    const AccessibleGrid* grid = gridOf(widget);
    const QPoint at = grid->gridCurrent();
    QAccessibleEvent event(widget, QAccessible::Focus);
    event.setChild(at.y() * grid->gridColumns() + at.x());
    QAccessible::updateAccessibility(&event);
}

bool handleGridKey(QWidget* widget, AccessibleGrid& grid, const QKeyEvent& event)
{
    if (event.key() == Qt::Key_T && event.modifiers() == Qt::ControlModifier) {
        openGridTable(widget);
        return true;
    }
    if ((event.modifiers() & ~(Qt::KeypadModifier | Qt::ShiftModifier)) != Qt::NoModifier || grid.gridRows() == 0
        || grid.gridColumns() == 0)
        return false;
    const QPoint now = grid.gridCurrent();
    if ((event.key() == Qt::Key_Return || event.key() == Qt::Key_Enter) && now.y() >= 0) {
        grid.activateGridCurrent();
        return true;
    }
    const int by = event.modifiers().testFlag(Qt::ShiftModifier) ? 10 : 1;
    QPoint next = now;
    switch (event.key()) {
    case Qt::Key_Left:
        next.rx() -= by;
        break;
    case Qt::Key_Right:
        next.rx() += by;
        break;
    case Qt::Key_Up:
        next.ry() -= by;
        break;
    case Qt::Key_Down:
        next.ry() += by;
        break;
    case Qt::Key_Home:
        next.rx() = 0;
        break;
    case Qt::Key_End:
        next.rx() = grid.gridColumns() - 1;
        break;
    default:
        return false;
    }
    next.rx() = std::clamp(next.x(), 0, grid.gridColumns() - 1);
    next.ry() = std::clamp(next.y(), 0, grid.gridRows() - 1);
    if (next != now)
        grid.setGridCurrent(next.y(), next.x());
    return true;
}

}  // namespace moescope
