// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// All keys and commands in one list with a filter (F1, Ctrl+K); Enter does what is selected.
#pragma once

#include <QSortFilterProxyModel>
#include <QStandardItemModel>
#include <QWidget>

namespace moescope {

class Actions;

class KeyList : public QWidget {
    Q_OBJECT

public:
    KeyList(Actions& actions, QWidget* parent);

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QStandardItemModel m_all;
    QSortFilterProxyModel m_filtered;
};

}  // namespace moescope
