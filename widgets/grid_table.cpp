// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractTableModel>
#include <QClipboard>
#include <QDialog>
#include <QGuiApplication>
#include <QHeaderView>
#include <QPushButton>
#include <QTableView>
#include <QVBoxLayout>

#include "widgets/accessible_grid.h"
#include "widgets/figure.h"

namespace moescope {

namespace {

/// Reads the grid at every call, so that an open table follows the map.
class GridModel : public QAbstractTableModel {
public:
    GridModel(const AccessibleGrid& grid, QObject* parent)
        : QAbstractTableModel(parent)
        , m_grid(grid)
    {
    }
    int rowCount(const QModelIndex& parent = {}) const override { return parent.isValid() ? 0 : m_grid.gridRows(); }
    int columnCount(const QModelIndex& parent = {}) const override
    {
        return parent.isValid() ? 0 : m_grid.gridColumns();
    }
    QVariant data(const QModelIndex& index, int role) const override
    {
        if (role == Qt::DisplayRole)
            return m_grid.gridText(index.row(), index.column());
        if (role == Qt::TextAlignmentRole)
            return int(Qt::AlignRight | Qt::AlignVCenter);
        return {};
    }
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override
    {
        if (role != Qt::DisplayRole)
            return {};
        return orientation == Qt::Horizontal ? m_grid.gridColumnLabel(section) : m_grid.gridRowLabel(section);
    }

private:
    const AccessibleGrid& m_grid;
};

}  // namespace

QString gridTableText(const AccessibleGrid& grid, TableFormat format)
{
    QStringList header{QString()};
    for (int column = 0; column < grid.gridColumns(); ++column)
        header << grid.gridColumnLabel(column);
    TableWriter writer(format, header);
    for (int row = 0; row < grid.gridRows(); ++row) {
        QStringList cells{grid.gridRowLabel(row)};
        for (int column = 0; column < grid.gridColumns(); ++column)
            cells << grid.gridText(row, column);
        writer.row(cells);
    }
    return writer.text();
}

QWidget* openGridTable(QWidget* widget)
{
    auto* grid = dynamic_cast<AccessibleGrid*>(widget);
    if (!grid)
        return nullptr;
    auto* dialog = new QDialog(widget);
    dialog->setObjectName(QStringLiteral("gridTable"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(widget->accessibleName());
    auto* view = new QTableView;
    view->setObjectName(QStringLiteral("gridTable.view"));
    view->setAccessibleName(widget->accessibleName());
    view->setModel(new GridModel(*grid, view));
    view->resizeColumnsToContents();
    const QPoint at = grid->gridCurrent();
    if (at.x() >= 0 && at.y() >= 0)
        view->setCurrentIndex(view->model()->index(at.y(), at.x()));
    auto* copy = new QPushButton(QObject::tr("Copy as table"));
    copy->setObjectName(QStringLiteral("gridTable.copy"));
    QObject::connect(copy, &QPushButton::clicked, dialog,
        [grid] { QGuiApplication::clipboard()->setText(gridTableText(*grid, TableFormat::Tabs)); });
    auto* layout = new QVBoxLayout(dialog);
    layout->addWidget(view);
    layout->addWidget(copy, 0, Qt::AlignRight);
    dialog->resize(720, 420);
    dialog->show();
    return dialog;
}

}  // namespace moescope
