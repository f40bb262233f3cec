// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/control/run_queue.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/base/file_system.h"
#include "engine/run/json_file.h"
#include "engine/run/run_folder.h"

namespace moescope {

namespace fs = std::filesystem;

namespace {

constexpr int kVersion = 1;
constexpr std::size_t kMostConfigBytes = std::size_t{512} << 10;
constexpr std::size_t kMostDone = 50;
constexpr std::size_t kMostEntries = 10'000;

double wallSeconds()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Sorts by time, then by process and count within it.
std::string freshEntryId(double now)
{
    static std::atomic<int> count{0};
    char id[64];
    std::snprintf(id, sizeof id, "%014.3f-%d-%d", now, static_cast<int>(::getpid()), ++count);
    return id;
}

/// -1 and errno when it cannot be had.
int lockedFile(const fs::path& path, int operation)
{
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (descriptor < 0)
        return -1;
    int result = -1;
    do
        result = ::flock(descriptor, operation);
    while (result != 0 && errno == EINTR);
    if (result == 0)
        return descriptor;
    const int error = errno;
    ::close(descriptor);
    errno = error;
    return -1;
}

Result<QueueEntry> readEntry(const fs::path& file)
{
    const Result<JsonNode> json = readJsonFile(file);
    if (!json)
        return forward(json);
    if (const Result<void> known = checkFormatVersion(*json, file, kVersion); !known)
        return forward(known);
    JsonFields fields(*json, file);
    QueueEntry entry;
    entry.id = file.stem().string();
    entry.name = fields.text("name");
    entry.configJson = fields.text("config");
    entry.run = fields.text("run");
    entry.order = fields.number("order");
    entry.added = fields.number("added");
    entry.pid = static_cast<int>(fields.integer("pid"));
    entry.code = static_cast<int>(fields.integer("code"));
    entry.cause = fields.text("cause");
    if (fields.error())
        return tl::make_unexpected(*fields.error());
    return entry;
}

Error gone(const std::string& id)
{
    return {ErrorKind::User, "The entry " + id + " is not waiting any more: it runs, it ended, or it was removed."};
}

}  // namespace

QueueLock::QueueLock(QueueLock&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

QueueLock& QueueLock::operator=(QueueLock&& other) noexcept
{
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

QueueLock::~QueueLock()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

RunQueue::RunQueue(fs::path folder)
    : m_folder(std::move(folder))
{
}

Result<RunQueue> RunQueue::open(const fs::path& folder)
{
    const RunQueue queue(folder);
    for (const QueuePlace place : {QueuePlace::Waiting, QueuePlace::Running, QueuePlace::Done})
        if (const Result<void> made = FileSystem::real().makeFolder(queue.placeOf(place)); !made)
            return forward(made);
    return queue;
}

fs::path RunQueue::defaultFolder() { return RunFolder::defaultRoot().parent_path() / "queue"; }

fs::path RunQueue::placeOf(QueuePlace place) const
{
    return m_folder / (place == QueuePlace::Waiting ? "waiting" : place == QueuePlace::Running ? "running" : "done");
}

fs::path RunQueue::fileOf(QueuePlace place, const std::string& id) const { return placeOf(place) / (id + ".json"); }

Result<QueueLock> RunQueue::edit() const
{
    const fs::path path = m_folder / "edit.lock";
    const int descriptor = lockedFile(path, LOCK_EX);
    if (descriptor < 0)
        return tl::make_unexpected(fileError(path, "take the lock of the queue", errno));
    return QueueLock(descriptor);
}

std::vector<QueueEntry> RunQueue::list(QueuePlace place) const
{
    std::vector<QueueEntry> entries;
    std::error_code error;
    for (fs::directory_iterator at(placeOf(place), error);
         !error && at != fs::directory_iterator() && entries.size() < kMostEntries; at.increment(error)) {
        if (at->path().extension() != ".json")
            continue;
        Result<QueueEntry> entry = readEntry(at->path());
        if (entry) {
            entries.push_back(std::move(*entry));
        } else if (std::error_code missing; fs::exists(at->path(), missing)) {
            QueueEntry broken;
            broken.id = broken.name = at->path().stem().string();
            broken.problem = entry.error().text;
            entries.push_back(std::move(broken));
        }
    }
    const bool newestFirst = place == QueuePlace::Done;
    std::ranges::sort(entries, [newestFirst](const QueueEntry& a, const QueueEntry& b) {
        const auto key = [](const QueueEntry& entry) { return std::pair(entry.order, entry.id); };
        return newestFirst ? key(b) < key(a) : key(a) < key(b);
    });
    return entries;
}

bool RunQueue::isWorkedOn() const
{
    const int descriptor = lockedFile(m_folder / "worker.lock", LOCK_SH | LOCK_NB);
    if (descriptor < 0)
        return errno == EWOULDBLOCK;
    ::close(descriptor);
    return false;
}

Result<void> RunQueue::write(QueuePlace place, const QueueEntry& entry) const
{
    nlohmann::ordered_json json = {{"format_version", kVersion}, {"name", entry.name}, {"config", entry.configJson},
        {"run", entry.run.string()}, {"order", entry.order}, {"added", entry.added}, {"pid", entry.pid},
        {"code", entry.code}, {"cause", entry.cause}};
    return replaceFile(FileSystem::real(), fileOf(place, entry.id),
        json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n');
}

Result<std::string> RunQueue::add(const std::string& name, const std::string& configJson, const fs::path& run) const
{
    if (configJson.size() > kMostConfigBytes)
        return fail(ErrorKind::User, "The configuration is larger than 512 KiB; a queue takes smaller ones.");
    const Result<QueueLock> turn = edit();
    if (!turn)
        return forward(turn);
    QueueEntry entry;
    entry.added = wallSeconds();
    entry.id = freshEntryId(entry.added);
    entry.name = name;
    entry.configJson = configJson;
    entry.run = run;
    const std::vector<QueueEntry> waiting = list(QueuePlace::Waiting);
    entry.order = waiting.empty() ? 1 : waiting.back().order + 1;
    if (const Result<void> written = write(QueuePlace::Waiting, entry); !written)
        return forward(written);
    return entry.id;
}

Result<void> RunQueue::move(const std::string& id, std::size_t index) const
{
    const Result<QueueLock> turn = edit();
    if (!turn)
        return forward(turn);
    std::vector<QueueEntry> waiting = list(QueuePlace::Waiting);
    const auto at = std::ranges::find(waiting, id, &QueueEntry::id);
    if (at == waiting.end() || !at->problem.empty())
        return tl::make_unexpected(gone(id));
    QueueEntry entry = std::move(*at);
    waiting.erase(at);
    index = std::min(index, waiting.size());
    if (waiting.empty())
        return {};
    entry.order = index == 0      ? waiting.front().order - 1
        : index == waiting.size() ? waiting.back().order + 1
                                  : (waiting[index - 1].order + waiting[index].order) / 2;
    return write(QueuePlace::Waiting, entry);
}

Result<void> RunQueue::remove(const std::string& id) const
{
    const Result<QueueLock> turn = edit();
    if (!turn)
        return forward(turn);
    const std::vector<QueueEntry> waiting = list(QueuePlace::Waiting);
    if (std::ranges::find(waiting, id, &QueueEntry::id) == waiting.end())
        return tl::make_unexpected(gone(id));
    return FileSystem::real().remove(fileOf(QueuePlace::Waiting, id));
}

Result<std::optional<QueueLock>> RunQueue::tryWork() const
{
    const Result<QueueLock> turn = edit();  // nobody lets go of the queue in between
    if (!turn)
        return forward(turn);
    const fs::path path = m_folder / "worker.lock";
    for (int attempt = 0; attempt < 20; ++attempt) {
        const int descriptor = lockedFile(path, LOCK_EX | LOCK_NB);
        if (descriptor >= 0)
            return std::optional<QueueLock>(QueueLock(descriptor));
        if (errno != EWOULDBLOCK)
            return tl::make_unexpected(fileError(path, "take the lock of the queue", errno));
        ::usleep(5000);  // somebody who only asks isWorkedOn() holds it for an instant
    }
    return std::optional<QueueLock>();
}

Result<std::optional<QueueEntry>> RunQueue::claim(std::optional<QueueLock>& work) const
{
    const Result<QueueLock> turn = edit();
    if (!turn)
        return forward(turn);
    for (QueueEntry& entry : list(QueuePlace::Waiting)) {
        if (!entry.problem.empty())
            continue;  // stays where a person sees it
        const Result<void> moved =
            FileSystem::real().rename(fileOf(QueuePlace::Waiting, entry.id), fileOf(QueuePlace::Running, entry.id));
        if (!moved)
            return forward(moved);
        return std::optional(std::move(entry));
    }
    work.reset();
    return std::optional<QueueEntry>();
}

Result<void> RunQueue::notePid(const QueueEntry& entry, int pid) const
{
    QueueEntry noted = entry;
    noted.pid = pid;
    return write(QueuePlace::Running, noted);
}

Result<void> RunQueue::finish(QueueEntry entry, int code, const std::string& cause) const
{
    entry.code = code;
    entry.cause = cause;
    entry.pid = 0;
    entry.order = wallSeconds();
    if (const Result<void> written = write(QueuePlace::Done, entry); !written)
        return written;
    forgetOld();
    return FileSystem::real().remove(fileOf(QueuePlace::Running, entry.id));
}

Result<void> RunQueue::putBack(QueueEntry entry) const
{
    const Result<QueueLock> turn = edit();
    if (!turn)
        return forward(turn);
    const std::vector<QueueEntry> waiting = list(QueuePlace::Waiting);
    entry.order = waiting.empty() ? 1 : waiting.front().order - 1;
    entry.pid = 0;
    if (const Result<void> written = write(QueuePlace::Waiting, entry); !written)
        return written;
    return FileSystem::real().remove(fileOf(QueuePlace::Running, entry.id));
}

void RunQueue::forgetOld() const
{
    const std::vector<QueueEntry> done = list(QueuePlace::Done);
    std::error_code ignored;
    for (std::size_t i = kMostDone; i < done.size(); ++i)
        fs::remove(fileOf(QueuePlace::Done, done[i].id), ignored);
}

}  // namespace moescope
