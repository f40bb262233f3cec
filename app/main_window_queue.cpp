// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The window and the queue: adding what the Set-up tab shows, and seeing to it that somebody works on it.
#include "app/actions.h"
#include "app/dock_title.h"
#include "app/main_window.h"
#include "app/notice_bar.h"
#include "app/pages/setup_page.h"
#include "app/queue_dock.h"

namespace moescope {

void MainWindow::connectQueue()
{
    connect(m_queueList, &QueueDock::countChanged, this,
        [this](const QString& text) { static_cast<DockTitle*>(m_queueDock->titleBarWidget())->setSubtitle(text); });
    connect(m_queueList, &QueueDock::startWanted, this, &MainWindow::workOnQueue);
    connect(m_actions->addToQueue, &QAction::triggered, this, &MainWindow::queueRun);
    connect(m_setup, &SetupPage::queueWanted, this, &MainWindow::queueRun);
    connect(&m_queue, &QueueLink::failed, this, [this](const QString& cause) { m_notice->say(State::Failed, cause); });
    connect(&m_queue, &QueueLink::runFailed, this, [this](const QString& name, const QString& cause) {
        m_notice->say(State::Failed, tr("%1, from the queue: %2").arg(name, cause));
    });
    connect(&m_queue, &QueueLink::added, this, [this](const QString& name) {
        m_notice->say(
            State::None, tr("%1 waits in the queue. It is trained also when this window is closed.").arg(name));
        workOnQueue();
    });
}

void MainWindow::queueRun()
{
    if (m_setup->whyNotStart().isEmpty())
        m_queue.add(m_setup->runName(), m_setup->draft()->text(), EngineLink::newRunFolder(m_setup->runName()));
}

void MainWindow::workOnQueue()
{
    // One that finds another at work ends at once.
    if (const Result<void> started = m_engine.startQueue(m_queue.folder()); !started)
        m_notice->say(State::Failed, QString::fromStdString(started.error().text));
}

}  // namespace moescope
