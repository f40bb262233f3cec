// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_scanner.h"

#include <algorithm>
#include <cmath>
#include <system_error>

#include <QElapsedTimer>

#include "app/visible_text.h"
#include "engine/base/file_system.h"
#include "engine/run/run_digest.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

constexpr int kScanMs = 1000, kFirstLogMs = 150;
constexpr int kSliceMs = 20, kBetweenSlicesMs = 80;
constexpr std::size_t kRecordsAtOnce = 512;
constexpr std::uint64_t kMostCurveBytes = std::uint64_t{256} << 20;  ///< longer logs have a value, but no small curve
constexpr std::size_t kSparklinePoints = 40;

std::uint64_t logBytesOf(const fs::path& folder)
{
    std::uint64_t bytes = 0;
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
        if (entry.path().filename().string().starts_with("events.out.tfevents."))
            bytes += entry.file_size(error);
    return bytes;
}

bool isRun(const fs::path& folder)
{
    std::error_code error;
    return fs::is_regular_file(folder / "run.json", error);
}

/// Validation curve and newest step of a log that was read.
void summarise(const RunSnapshot& log, RunRow& row)
{
    row.status.step = std::max(row.status.step, log.lastStep);
    const Series* validation = log.scalar("eval/bits_per_byte");
    row.validation.clear();
    if (!validation || validation->empty())
        return;
    row.hasValue = true;
    const std::size_t stride = (validation->size() + kSparklinePoints - 1) / kSparklinePoints;
    for (std::size_t i = (validation->size() - 1) % stride; i < validation->size(); i += stride)
        row.validation.push_back(validation->value(i));
    row.lastValue = validation->value(validation->size() - 1);
}

}  // namespace

ScanWorker::ScanWorker(QStringList roots)
    : m_roots(std::move(roots))
{
}

void ScanWorker::begin()
{
    m_timer = new QTimer(this);
    m_timer->setInterval(kScanMs);
    connect(m_timer, &QTimer::timeout, this, &ScanWorker::scan);
    m_timer->start();
    m_reader = new QTimer(this);
    m_reader->setSingleShot(true);
    connect(m_reader, &QTimer::timeout, this, &ScanWorker::readLogs);
    scan();
}

void ScanWorker::addRoot(const QString& folder)
{
    if (!m_roots.contains(folder))
        m_roots << folder;
    scan();
}

void ScanWorker::setWatched(const QStringList& folders) { m_watched = folders; }

void ScanWorker::readRow(const fs::path& folder, Known& known)
{
    RunRow& row = known.row;
    row.folder = QString::fromStdString(folder.string());
    const Result<RunFolder> opened = RunFolder::open(FileSystem::real(), folder);
    if (!opened) {
        row.error = QString::fromStdString(opened.error().text);
        row.name = visibleLine(folder.filename().string(), 120);
        return;
    }
    row.error.clear();
    if (row.id.isEmpty()) {
        const RunIdentity& identity = opened->identity();
        row.id = QString::fromStdString(identity.id);
        row.name = visibleLine(identity.name, 120);
        row.parent = QString::fromStdString(identity.parentRun);
        row.created = identity.created;
        if (const Result<std::string> config = opened->configJson())
            row.facts = runFacts(*config);
    }
    const std::int64_t step = row.status.step;
    const bool followed = row.locked;
    const LiveState live = readLiveState(*opened);
    row.status = live.status;
    row.locked = live.locked;
    // Between two heartbeats the log knows more.
    if (followed && row.locked)
        row.status.step = std::max(row.status.step, step);
}

void ScanWorker::scan()
{
    std::vector<fs::path> order;
    for (const QString& root : m_roots) {
        const fs::path path(root.toStdString());
        std::vector<fs::path> found = isRun(path) ? std::vector<fs::path>{path} : RunFolder::list(path);
        // A folder that was named on the command line and holds nothing of ours is a row that says so.
        if (found.empty() && root != QString::fromStdString(RunFolder::defaultRoot().string()))
            found = {path};
        for (const fs::path& folder : found)
            if (std::find(order.begin(), order.end(), folder) == order.end())
                order.push_back(folder);
    }
    std::erase_if(
        m_known, [&](const auto& entry) { return std::find(order.begin(), order.end(), entry.first) == order.end(); });
    for (const fs::path& folder : order)
        readRow(folder, m_known[folder]);
    std::stable_sort(order.begin(), order.end(),
        [this](const fs::path& a, const fs::path& b) { return m_known[a].row.created > m_known[b].row.created; });
    m_order = order;
    tell();
    // The list comes first: which log the user looks at, and so is read elsewhere, is known only then.
    if (m_reader && !m_reader->isActive())
        m_reader->start(kFirstLogMs);
}

void ScanWorker::tell()
{
    RunRows rows;
    for (const fs::path& folder : m_order)
        rows.push_back(m_known[folder].row);
    Q_EMIT scanned(rows);
}

ScanWorker::Known* ScanWorker::wanted(const fs::path& folder)
{
    const auto known = m_known.find(folder);
    const bool other =
        known != m_known.end() && known->second.row.error.isEmpty() && !m_watched.contains(known->second.row.folder);
    return other ? &known->second : nullptr;
}

void ScanWorker::readLogs()
{
    const bool digested = digestOne();
    if (digested)
        tell();
    if (digested || readSlice())
        m_reader->start(digested ? 0 : kBetweenSlicesMs);
}

bool ScanWorker::digestOne()
{
    for (const fs::path& folder : m_order) {
        Known* known = wanted(folder);
        const std::uint64_t bytes = known ? logBytesOf(folder) : 0;
        if (!known || bytes == known->digested || (known->digested > 0 && known->row.locked))
            continue;
        known->digested = bytes;
        const double value = digestRun(folder).bitsPerByte;
        known->row.hasValue = !std::isnan(value);
        known->row.lastValue = static_cast<float>(value);
        return true;
    }
    return false;
}

bool ScanWorker::readSlice()
{
    if (m_store && !wanted(m_storeFolder))
        m_store.reset();
    for (std::size_t i = 0; !m_store && i < m_order.size(); ++i) {
        Known* known = wanted(m_order[i]);
        if (!known || known->digested == known->read || known->digested > kMostCurveBytes)
            continue;
        known->read = known->digested;
        m_storeFolder = m_order[i];
        m_store = std::make_unique<RunStore>(m_storeFolder);
    }
    if (!m_store)
        return false;
    QElapsedTimer clock;
    clock.start();
    Result<bool> more = true;
    while (more && *more && clock.elapsed() < kSliceMs)
        more = m_store->poll(kRecordsAtOnce);
    if (more && *more)
        return true;
    summarise(*m_store->snapshot(), wanted(m_storeFolder)->row);
    m_store.reset();
    tell();
    return true;
}

RunScanner::RunScanner(const QStringList& roots, RunsModel& model, QObject* parent)
    : QObject(parent)
    , m_worker(new ScanWorker(roots))
{
    qRegisterMetaType<RunRows>();
    m_thread.setObjectName(QStringLiteral("run scanner"));
    m_worker->moveToThread(&m_thread);
    connect(&m_thread, &QThread::started, m_worker, &ScanWorker::begin);
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    connect(
        m_worker, &ScanWorker::scanned, &model,
        [this, &model](const RunRows& rows) {
            model.resetData(rows);
            Q_EMIT scanned();
        },
        Qt::QueuedConnection);
    m_thread.start();
}

RunScanner::~RunScanner()
{
    m_thread.quit();
    m_thread.wait();
}

void RunScanner::addRoot(const QString& folder)
{
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker, folder] { worker->addRoot(folder); }, Qt::QueuedConnection);
}

void RunScanner::scanSoon()
{
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker] { worker->scan(); }, Qt::QueuedConnection);
}

void RunScanner::setWatched(const QStringList& folders)
{
    QMetaObject::invokeMethod(
        m_worker, [worker = m_worker, folders] { worker->setWatched(folders); }, Qt::QueuedConnection);
}

}  // namespace moescope
