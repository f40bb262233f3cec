// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The status bar: buttons for the bottom docks, newest console line, engine, speed, time left, telemetry, own memory.
#pragma once

#include <QStatusBar>
#include <QTimer>

#include "app/chart_specs.h"

class QAction;
class QLabel;
class QToolButton;

namespace moescope {

class ElidedLabel;

class StatusLine : public QStatusBar {
    Q_OBJECT

public:
    StatusLine(QAction* console, QAction* events, QWidget* parent = nullptr);
    void setRun(const NamedRun& run);
    void setConsoleLine(const QString& line);
    void setNumEvents(int number);

private:
    QLabel* addCell(const char* objectName, const QString& tip);
    void refreshMemory();

    QToolButton *m_console, *m_events;
    ElidedLabel* m_line;
    QLabel *m_engine, *m_speed, *m_step, *m_left, *m_telemetry, *m_memory;
    QTimer m_timer;
};

/// Resident bytes of this process; 0 when the system does not say.
double ownMemory();

}  // namespace moescope
