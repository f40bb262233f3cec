// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/queue_link.h"

#include <algorithm>

namespace moescope {
namespace {

constexpr int kLookMs = 500;

/// A folder that no other entry will make.
std::filesystem::path freeFolder(const RunQueue& queue, const std::filesystem::path& wanted)
{
    std::vector<QueueEntry> taken = queue.list(QueuePlace::Waiting);
    std::ranges::move(queue.list(QueuePlace::Running), std::back_inserter(taken));
    std::filesystem::path folder = wanted;
    for (int n = 2; std::ranges::find(taken, folder, &QueueEntry::run) != taken.end(); ++n)
        folder = wanted.string() + '-' + std::to_string(n);
    return folder;
}

}  // namespace

QueueWatch::QueueWatch(std::filesystem::path folder)
    : m_folder(std::move(folder))
{
}

void QueueWatch::begin()
{
    m_timer = new QTimer(this);
    m_timer->setInterval(kLookMs);
    connect(m_timer, &QTimer::timeout, this, &QueueWatch::refresh);
    m_timer->start();
    refresh();
}

void QueueWatch::refresh()
{
    std::error_code error;
    if (!std::filesystem::exists(m_folder, error))
        return;  // nothing was ever added
    const Result<RunQueue> queue = RunQueue::open(m_folder);
    if (!queue) {
        m_timer->stop();
        Q_EMIT failed(QString::fromStdString(queue.error().text));
        return;
    }
    QueueState now{queue->list(QueuePlace::Running), queue->list(QueuePlace::Waiting), queue->isWorkedOn()};
    lookAtDone(*queue);
    if (now == m_told)
        return;
    m_told = now;
    Q_EMIT changed(now);
}

void QueueWatch::lookAtDone(const RunQueue& queue)
{
    std::set<std::string> done;
    for (const QueueEntry& entry : queue.list(QueuePlace::Done)) {
        done.insert(entry.id);
        if (!m_first && entry.code != 0 && !m_done.contains(entry.id))
            Q_EMIT runFailed(QString::fromStdString(entry.name), QString::fromStdString(entry.cause));
    }
    m_done = std::move(done);
    m_first = false;
}

void QueueWatch::add(const QString& name, const QString& configJson, const QString& run)
{
    const Result<RunQueue> queue = RunQueue::open(m_folder);
    const Result<std::string> id = queue
        ? queue->add(name.toStdString(), configJson.toStdString(), freeFolder(*queue, run.toStdString()))
        : Result<std::string>(tl::make_unexpected(queue.error()));
    if (id)
        Q_EMIT added(name);
    else
        Q_EMIT failed(QString::fromStdString(id.error().text));
    refresh();
}

void QueueWatch::move(const QString& id, int index)
{
    const Result<RunQueue> queue = RunQueue::open(m_folder);
    const Result<void> moved = queue ? queue->move(id.toStdString(), static_cast<std::size_t>(std::max(index, 0)))
                                     : Result<void>(tl::make_unexpected(queue.error()));
    if (!moved)
        Q_EMIT failed(QString::fromStdString(moved.error().text));
    refresh();
}

void QueueWatch::remove(const QString& id)
{
    const Result<RunQueue> queue = RunQueue::open(m_folder);
    const Result<void> removed =
        queue ? queue->remove(id.toStdString()) : Result<void>(tl::make_unexpected(queue.error()));
    if (!removed)
        Q_EMIT failed(QString::fromStdString(removed.error().text));
    refresh();
}

QueueLink::QueueLink(std::filesystem::path folder, QObject* parent)
    : QObject(parent)
    , m_folder(folder)
    , m_watch(new QueueWatch(std::move(folder)))
{
    qRegisterMetaType<QueueState>();
    m_thread.setObjectName(QStringLiteral("queue"));
    m_watch->moveToThread(&m_thread);
    connect(&m_thread, &QThread::started, m_watch, &QueueWatch::begin);
    connect(&m_thread, &QThread::finished, m_watch, &QObject::deleteLater);
    connect(
        m_watch, &QueueWatch::changed, this,
        [this](const QueueState& state) {
            m_state = state;
            Q_EMIT changed();
        },
        Qt::QueuedConnection);
    connect(m_watch, &QueueWatch::added, this, &QueueLink::added, Qt::QueuedConnection);
    connect(m_watch, &QueueWatch::failed, this, &QueueLink::failed, Qt::QueuedConnection);
    connect(m_watch, &QueueWatch::runFailed, this, &QueueLink::runFailed, Qt::QueuedConnection);
    m_thread.start();
}

QueueLink::~QueueLink()
{
    m_thread.quit();
    m_thread.wait();
}

void QueueLink::add(const QString& name, const QString& configJson, const QString& run)
{
    QMetaObject::invokeMethod(
        m_watch, [watch = m_watch, name, configJson, run] { watch->add(name, configJson, run); }, Qt::QueuedConnection);
}

void QueueLink::move(const QString& id, int index)
{
    QMetaObject::invokeMethod(
        m_watch, [watch = m_watch, id, index] { watch->move(id, index); }, Qt::QueuedConnection);
}

void QueueLink::remove(const QString& id)
{
    QMetaObject::invokeMethod(
        m_watch, [watch = m_watch, id] { watch->remove(id); }, Qt::QueuedConnection);
}

}  // namespace moescope
