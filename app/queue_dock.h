// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The queue under the runs: what trains now, what comes next, and the buttons that change it.
#pragma once

#include <QWidget>

class QListWidget;
class QToolButton;

namespace moescope {

class QueueLink;

class QueueDock : public QWidget {
    Q_OBJECT

public:
    explicit QueueDock(QueueLink& queue, QWidget* parent = nullptr);
    QSize sizeHint() const override { return {200, 150}; }

Q_SIGNALS:
    void countChanged(const QString& text);  ///< "3 waiting", for the dock's title
    void startWanted();                      ///< nobody works on what waits

private:
    void refresh();
    void showButtons();
    void moveBy(int places);
    void removeCurrent();

    QueueLink& m_queue;
    QListWidget* m_list;
    QToolButton *m_up, *m_down, *m_remove, *m_start;
};

}  // namespace moescope
