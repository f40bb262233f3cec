// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The list of runs with its filter; without any run it greets with the demo.
#pragma once

#include <QSortFilterProxyModel>
#include <QWidget>

class QLabel;
class QLineEdit;
class QListView;
class QStackedWidget;

namespace moescope {

class RunsDelegate;
class RunsModel;
class Selection;

class RunsDock : public QWidget {
    Q_OBJECT

public:
    RunsDock(RunsModel& model, Selection& selection, QWidget* parent = nullptr);

    QListView* list() const { return m_list; }
    QLineEdit* filter() const { return m_filter; }

Q_SIGNALS:
    void countChanged(const QString& text);  ///< "8 of 8", for the dock's title
    void demoRequested();
    void openRequested();

private:
    void selectFromModel();
    void refresh();

    RunsModel& m_model;
    Selection& m_selection;
    QSortFilterProxyModel m_filtered;
    QLineEdit* m_filter;
    QListView* m_list;
    QStackedWidget* m_stack;
    RunsDelegate* m_delegate;
};

}  // namespace moescope
