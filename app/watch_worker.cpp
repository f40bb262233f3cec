// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/watch_worker.h"

#include <QElapsedTimer>

#include "engine/base/file_system.h"

namespace moescope {
namespace {

constexpr int kPollMs = 100;
constexpr std::size_t kRecordsAtOnce = 16384;
constexpr int kReadMs = 200;  ///< at a stretch, so that frames are made between

QElapsedTimer startedClock()
{
    QElapsedTimer clock;
    clock.start();
    return clock;
}

std::shared_ptr<RunView> failedView(const QString& folder, const std::string& why)
{
    auto view = std::make_shared<RunView>();
    view->folder = folder;
    view->snapshot = std::make_shared<RunSnapshot>();
    view->error = QString::fromStdString(why);
    return view;
}

bool sameStatus(const RunStatus& a, const RunStatus& b)
{
    return a.state == b.state && a.step == b.step && a.pid == b.pid && a.heartbeat == b.heartbeat
        && a.checkpoint == b.checkpoint && a.exit.has_value() == b.exit.has_value();
}

}  // namespace

Result<WatchedRun> openRun(const QString& folder)
{
    const std::filesystem::path path(folder.toStdString());
    Result<RunFolder> opened = RunFolder::open(FileSystem::real(), path);
    if (!opened)
        return forward(opened);
    Result<std::string> config = opened->configJson();
    if (!config)
        return forward(config);
    WatchedRun run;
    run.folder = *opened;
    run.configJson = *config;
    run.facts = runFacts(*config);
    run.store = std::make_unique<RunStore>(path);
    return run;
}

RunViewPtr refresh(WatchedRun& run, const QString& folder, std::size_t maxRecords)
{
    // Lock and state first: what the log says is then never older than what they say.
    const LiveState live = readLiveState(*run.folder);
    Result<bool> polled = run.store->poll(maxRecords);
    bool news = polled && *polled;
    for (QElapsedTimer clock = startedClock(); polled && *polled && clock.elapsed() < kReadMs;) {
        polled = run.store->poll(maxRecords);
        news = news || (polled && *polled);
    }
    if (!polled) {
        if (run.last && run.last->error == QString::fromStdString(polled.error().text))
            return {};
        run.last = failedView(folder, polled.error().text);
        return run.last;
    }
    if (run.last && run.last->error.isEmpty() && !news && run.last->locked == live.locked
        && sameStatus(run.last->status, live.status) && !run.last->loading)
        return {};
    auto view = std::make_shared<RunView>();
    view->folder = folder;
    view->identity = run.folder->identity();
    view->status = live.status;
    view->facts = run.facts;
    view->configJson = run.configJson;
    view->locked = live.locked;
    view->snapshot = run.store->snapshot();
    view->loading = *polled;  // time ran out before the log did
    run.last = view;
    return view;
}

WatchWorker::WatchWorker() = default;

void WatchWorker::begin()
{
    m_timer = new QTimer(this);
    m_timer->setInterval(kPollMs);
    connect(m_timer, &QTimer::timeout, this, &WatchWorker::poll);
    m_timer->start();
}

void WatchWorker::watch(const QString& folder)
{
    if (m_runs.contains(folder))
        return;
    Result<WatchedRun> opened = openRun(folder);
    if (!opened) {
        Q_EMIT viewRead(failedView(folder, opened.error().text));
        return;
    }
    WatchedRun& run = m_runs[folder] = std::move(*opened);
    if (const RunViewPtr view = refresh(run, folder, kRecordsAtOnce)) {
        Q_EMIT viewRead(view);
        if (view->loading && m_timer)
            m_timer->setInterval(0);
    }
}

void WatchWorker::forget(const QString& folder)
{
    m_runs.erase(folder);
    m_maker.forget(folder);
}

void WatchWorker::poll()
{
    bool more = false;
    for (auto& [folder, run] : m_runs) {
        if (const RunViewPtr view = refresh(run, folder, kRecordsAtOnce)) {
            more = more || view->loading;
            Q_EMIT viewRead(view);
        }
    }
    m_timer->setInterval(more ? 0 : kPollMs);
}

void WatchWorker::make(const FrameRequest& request)
{
    Q_EMIT frameMade(std::make_shared<const Frame>(m_maker.make(request)));
}

}  // namespace moescope
