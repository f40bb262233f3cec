// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The two docks at the bottom: the console with the engine's output, and the run's events.
#pragma once

#include <QPlainTextEdit>
#include <QTimer>
#include <QWidget>

#include "app/events_model.h"
#include "app/run_view.h"

class QTableView;

namespace moescope {

class Selection;

/// Follows logs/rank-0.log of the selected run, only new bytes; at most 2,000 lines stay.
class ConsoleDock : public QWidget {
    Q_OBJECT

public:
    explicit ConsoleDock(QWidget* parent = nullptr);
    void setRun(const QString& folder);

Q_SIGNALS:
    void lastLineChanged(const QString& line);

private:
    void poll();
    void take(const QByteArray& bytes);

    QPlainTextEdit* m_text;
    QTimer m_timer;
    QString m_file;
    qint64 m_offset = 0;
    QString m_last;
    bool m_reading = false;
};

class EventsDock : public QWidget {
    Q_OBJECT

public:
    explicit EventsDock(Selection& selection, QWidget* parent = nullptr);
    void setView(const RunViewPtr& view);
    const EventsModel& model() const { return m_model; }

private:
    EventsModel m_model;
    QTableView* m_table;
};

}  // namespace moescope
