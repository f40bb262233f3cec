// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/key_list.h"

#include <QAction>
#include <QBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLineEdit>
#include <QTreeView>

#include "app/actions.h"
#include "widgets/theme.h"

namespace moescope {

KeyList::KeyList(Actions& actions, QWidget* parent)
    : QWidget(parent, Qt::Window)
{
    setObjectName(QStringLiteral("keyList"));
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("Keys and commands"));
    resize(520, 560);
    m_all.setHorizontalHeaderLabels({tr("Command"), tr("Key")});
    for (QAction* action : actions.findChildren<QAction*>()) {
        const QString tip = action->toolTip();
        const QString key = tip.contains(QLatin1Char('(')) ? tip.section(QLatin1Char('('), -1).chopped(1) : QString();
        auto* name = new QStandardItem(QString(action->text()).remove(QLatin1Char('&')));
        name->setData(QVariant::fromValue(static_cast<QObject*>(action)));
        name->setEnabled(action->isEnabled());
        name->setToolTip(tip);
        m_all.appendRow({name, new QStandardItem(action->isEnabled() ? key : QString())});
    }
    m_filtered.setSourceModel(&m_all);
    m_filtered.setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_filtered.sort(0);
    auto* filter = new QLineEdit;
    filter->setObjectName(QStringLiteral("keyFilter"));
    filter->setPlaceholderText(tr("Filter commands"));
    filter->setAccessibleName(tr("Filter commands"));
    auto* list = new QTreeView;
    list->setObjectName(QStringLiteral("keyTable"));
    list->setAccessibleName(tr("Commands"));
    list->setModel(&m_filtered);
    list->setRootIsDecorated(false);
    list->setAlternatingRowColors(true);
    list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    list->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(metrics::gap(), metrics::gap(), metrics::gap(), metrics::gap());
    column->addWidget(filter);
    column->addWidget(list, 1);
    connect(filter, &QLineEdit::textChanged, &m_filtered, &QSortFilterProxyModel::setFilterFixedString);
    const auto act = [this](const QModelIndex& index) {
        auto* action = qobject_cast<QAction*>(index.siblingAtColumn(0).data(Qt::UserRole + 1).value<QObject*>());
        close();
        if (action && action->isEnabled())
            action->trigger();
    };
    connect(list, &QTreeView::activated, this, act);
    connect(filter, &QLineEdit::returnPressed, this, [this, act] {
        if (m_filtered.rowCount() > 0)
            act(m_filtered.index(0, 0));
    });
    filter->setFocus();
}

void KeyList::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape)
        close();
    else
        QWidget::keyPressEvent(event);
}

}  // namespace moescope
