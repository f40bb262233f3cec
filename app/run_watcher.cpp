// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_watcher.h"

#include "app/watch_worker.h"

namespace moescope {

RunWatcher::RunWatcher(QObject* parent)
    : QObject(parent)
    , m_worker(new WatchWorker)
{
    qRegisterMetaType<RunViewPtr>();
    qRegisterMetaType<FramePtr>();
    m_thread.setObjectName(QStringLiteral("run watcher"));
    m_worker->moveToThread(&m_thread);
    connect(&m_thread, &QThread::started, m_worker, &WatchWorker::begin);
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    connect(m_worker, &WatchWorker::viewRead, this, &RunWatcher::takeView, Qt::QueuedConnection);
    connect(m_worker, &WatchWorker::frameMade, this, &RunWatcher::takeFrame, Qt::QueuedConnection);
    m_thread.start();
}

RunWatcher::~RunWatcher()
{
    m_thread.quit();
    m_thread.wait();
}

void RunWatcher::watch(const QString& folder)
{
    if (folder.isEmpty() || m_views.contains(folder))
        return;
    m_views.insert(folder, {});
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker, folder] { worker->watch(folder); }, Qt::QueuedConnection);
}

void RunWatcher::forget(const QString& folder)
{
    if (m_views.remove(folder) > 0)
        QMetaObject::invokeMethod(
            m_worker, [worker = m_worker, folder] { worker->forget(folder); }, Qt::QueuedConnection);
}

void RunWatcher::requestFrame(const FrameRequest& request)
{
    if (m_making) {
        m_waiting = request;
        return;
    }
    m_making = true;
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker, request] { worker->make(request); }, Qt::QueuedConnection);
}

void RunWatcher::takeView(const RunViewPtr& view)
{
    if (!m_views.contains(view->folder))
        return;
    m_views.insert(view->folder, view);
    Q_EMIT viewChanged(view);
}

void RunWatcher::takeFrame(const FramePtr& frame)
{
    m_making = false;
    if (m_waiting) {
        const FrameRequest next = *m_waiting;
        m_waiting.reset();
        requestFrame(next);
    }
    Q_EMIT frameReady(frame);
}

}  // namespace moescope
