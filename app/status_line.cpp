// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/status_line.h"

#include <cmath>
#include <fstream>

#include <QAction>
#include <QBoxLayout>
#include <QLabel>
#include <QToolButton>

#include <unistd.h>

#include "app/counted.h"
#include "app/key_figures.h"
#include "app/vertical_line.h"
#include "widgets/elided_label.h"
#include "widgets/number_text.h"

namespace moescope {

double ownMemory()
{
    std::ifstream file("/proc/self/statm");
    double total = 0, resident = 0;
    return file >> total >> resident ? resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) : 0;
}

StatusLine::StatusLine(QAction* console, QAction* events, QWidget* parent)
    : QStatusBar(parent)
    , m_console(new QToolButton)
    , m_events(new QToolButton)
    , m_line(new ElidedLabel)
{
    setObjectName(QStringLiteral("statusLine"));
    setSizeGripEnabled(false);
    m_console->setDefaultAction(console);
    m_console->setObjectName(QStringLiteral("consoleButton"));
    m_events->setDefaultAction(events);
    m_events->setObjectName(QStringLiteral("eventsButton"));
    for (QToolButton* button : {m_console, m_events}) {
        button->setAutoRaise(true);
        button->setToolButtonStyle(Qt::ToolButtonTextOnly);
        button->setFont(currentTheme().table);
        addWidget(button);
    }
    m_line->setObjectName(QStringLiteral("consoleLine"));
    m_line->setAccessibleName(tr("Newest console line"));
    m_line->setFont(currentTheme().mono);
    addWidget(m_line, 1);
    m_engine = addCell("statusEngine", tr("Process that trains the selected run"));
    m_speed = addCell("statusSpeed", tr("Tokens per second at the newest record"));
    m_step = addCell("statusStep", tr("Time of the newest step"));
    m_left = addCell("statusLeft", tr("Time to the last planned step"));
    m_telemetry = addCell("statusTelemetry", tr("Share of the step that recording and probes took"));
    m_memory = addCell("statusMemory", tr("Memory of this window"));
    m_timer.setInterval(2000);
    connect(&m_timer, &QTimer::timeout, this, &StatusLine::refreshMemory);
    m_timer.start();
    refreshMemory();
}

QLabel* StatusLine::addCell(const char* objectName, const QString& tip)
{
    auto* label = new QLabel;
    label->setObjectName(QLatin1String(objectName));
    label->setToolTip(tip);
    label->setAccessibleName(tip);
    label->setFont(currentTheme().table);
    label->setContentsMargins(6, 0, 6, 0);
    auto* cell = new QWidget;
    auto* row = new QHBoxLayout(cell);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(new VerticalLine(4));
    row->addWidget(label);
    cell->hide();
    addPermanentWidget(cell);
    return label;
}

void StatusLine::refreshMemory()
{
    if (const double bytes = ownMemory(); bytes > 0) {
        m_memory->setText(tr("window %1").arg(numberText::bytes(bytes)));
        m_memory->parentWidget()->show();
    }
}

void StatusLine::setConsoleLine(const QString& line) { m_line->setFullText(line); }

void StatusLine::setNumEvents(int number)
{
    m_events->setText(number > 0 ? tr("Events %1").arg(number) : tr("Events"));
}

void StatusLine::setRun(const NamedRun& run)
{
    const auto show = [](QLabel* label, const QString& text) {
        label->setText(text);
        label->parentWidget()->setVisible(!text.isEmpty());
    };
    const bool active = run.view && run.view->active();
    show(m_engine,
        active ? tr("engine pid %1 · %2")
                     .arg(run.view->status.pid)
                     .arg(counted(run.view->facts.numRanks, tr("%1 rank"), tr("%1 ranks")))
               : QString());
    double speed = NAN, step = NAN, record = NAN, probe = NAN;
    if (active) {
        const RunSnapshot& log = *run.view->snapshot;
        speed = scalarAt(log, "speed/tokens_per_second", log.lastStep);
        step = scalarAt(log, "speed/step_ms", log.lastStep);
        record = scalarAt(log, "speed/record_ms", log.lastStep);
        probe = scalarAt(log, "speed/probe_ms", log.lastStep);
    }
    show(m_speed, std::isfinite(speed) ? tr("%1 tok/s").arg(numberText::si(speed)) : QString());
    show(m_step, std::isfinite(step) ? tr("%1/step").arg(numberText::duration(step / 1000)) : QString());
    const double left = active ? secondsLeft(*run.view) : -1;
    show(m_left, left > 0 ? tr("%1 left").arg(numberText::duration(left)) : QString());
    const double price = (std::isfinite(record) ? record : 0) + (std::isfinite(probe) ? probe : 0);
    show(m_telemetry,
        std::isfinite(step) && step > 0 && std::isfinite(record)
            ? tr("telemetry %1").arg(numberText::percent(price / step))
            : QString());
}

}  // namespace moescope
