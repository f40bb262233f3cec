// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/recorder.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "engine/base/file_system.h"
#include "engine/run/event_log.h"
#include "engine/run/record_merging.h"

namespace moescope {

using Clock = std::chrono::steady_clock;

namespace {

double wallClock()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

struct Recorder::Impl {
    FileSystem& files;
    std::filesystem::path run;
    RecorderOptions options;
    std::optional<EventLogWriter> writer;  // the thread's, after start
    std::int64_t lastStep = 0;             // the thread's: of the newest record in the file

    mutable std::mutex mutex;
    std::condition_variable wake;  // the thread: something to do
    std::condition_variable done;  // the others: something was done
    std::deque<Record> queue;
    std::size_t queuedBytes = 0;
    bool busy = false;  // the thread has one record in its hands
    bool closing = false, ended = false;
    std::uint64_t syncsAsked = 0, syncsDone = 0;
    bool synced = true;  // the last one
    Clock::time_point giveUp = Clock::time_point::max();
    RecorderHealth health;
    std::int64_t gapFrom = 0, gapRecords = 0;  // of the time in which the disk refuses
    std::jthread thread;

    Impl(FileSystem& system, std::filesystem::path folder, RecorderOptions settings)
        : files(system)
        , run(std::move(folder))
        , options(std::move(settings))
    {
    }

    Result<void> openWriter(std::int64_t firstStep);
    void loop();
    std::optional<Record> next(std::unique_lock<std::mutex>& lock);
    Result<void> write(const Record& record);
    void succeeded(const Record& record);
    bool refused(std::unique_lock<std::mutex>& lock, const Error& error);
    void sync(std::unique_lock<std::mutex>& lock);
    void add(Record record);
    void mergeQueue();
};

Result<void> Recorder::Impl::openWriter(std::int64_t firstStep)
{
    auto made = EventLogWriter::create(files, run, firstStep);
    if (!made)
        return forward(made);
    writer.emplace(std::move(*made));
    for (const TensorMeaning& meaning : options.meanings)
        writer->describe(meaning);
    return {};
}

Result<void> Recorder::Impl::write(const Record& record)
{
    // A writer whose fsync failed is gone for good; the next file begins behind what this one holds.
    if (!writer)
        if (auto opened = openWriter(lastStep + 1); !opened)
            return opened;
    auto written = writer->append(record);
    if (written)
        lastStep = record.step;
    return written;
}

/// The next record, or nothing when the thread should end.
std::optional<Record> Recorder::Impl::next(std::unique_lock<std::mutex>& lock)
{
    while (queue.empty()) {
        if (syncsAsked > syncsDone)
            sync(lock);
        else if (closing)
            return std::nullopt;
        else
            wake.wait(lock);
    }
    Record record = std::move(queue.front());
    queue.pop_front();
    queuedBytes -= std::min(queuedBytes, sizeOf(record));
    busy = true;
    return record;
}

void Recorder::Impl::loop()
{
    std::unique_lock lock(mutex);
    while (auto record = next(lock)) {
        for (;;) {
            lock.unlock();
            auto written = write(*record);
            lock.lock();
            if (written) {
                succeeded(*record);
                break;
            }
            if (refused(lock, written.error())) {
                busy = false;
                queue.push_front(std::move(*record));
                ended = true;
                done.notify_all();
                return;
            }
        }
        busy = false;
        done.notify_all();
    }
    ended = true;
    done.notify_all();
}

void Recorder::Impl::succeeded(const Record& record)
{
    ++health.numWritten;
    if (!health.failing)
        return;
    const std::int64_t last = queue.empty() ? record.step : queue.back().step;
    Record gap;
    gap.wallTime = wallClock();
    gap.step = record.step;
    gap.events.push_back(gapEvent(gap.wallTime, gapFrom, last, gapRecords, health.problem));
    queuedBytes += sizeOf(gap);
    queue.push_front(std::move(gap));
    health.failing = false;
    health.problem.clear();
    gapRecords = 0;
}

/// Waits for the next attempt. True when the time for attempts is over.
bool Recorder::Impl::refused(std::unique_lock<std::mutex>& lock, const Error& error)
{
    if (!health.failing)
        gapFrom = lastStep + 1;
    health.failing = true;
    health.problem = error.text;
    done.notify_all();
    if (closing && Clock::now() + options.retry > giveUp)
        return true;
    wake.wait_for(lock, options.retry, [this, before = closing] { return closing && !before; });
    return false;
}

void Recorder::Impl::sync(std::unique_lock<std::mutex>& lock)
{
    const std::uint64_t asked = syncsAsked;
    lock.unlock();
    auto result = writer ? writer->sync() : Result<void>(fail(ErrorKind::Resources, "there is no file"));
    lock.lock();
    syncsDone = asked;
    synced = result.has_value();
    if (!synced && writer) {
        writer.reset();
        if (!closing)
            add({wallClock(), lastStep, {}, {}, {noticeEvent(wallClock(), result.error().text)}, {}, false});
    }
    done.notify_all();
}

void Recorder::Impl::add(Record record)
{
    queuedBytes += sizeOf(record);
    queue.push_back(std::move(record));
}

/// The queue is full and the disk refuses: all of it becomes one record.
void Recorder::Impl::mergeQueue()
{
    if (queue.size() < 2)
        return;
    Record merged = std::move(queue.front());
    queue.pop_front();
    const auto count = static_cast<std::int64_t>(queue.size());
    while (!queue.empty()) {
        mergeInto(merged, std::move(queue.front()), options.sums);
        queue.pop_front();
    }
    gapRecords += count;
    health.numMerged += count;
    queuedBytes = sizeOf(merged);
    queue.push_back(std::move(merged));
}

Recorder::Recorder(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

Recorder::~Recorder() { (void)finish(); }

Result<std::unique_ptr<Recorder>> Recorder::start(
    FileSystem& files, const std::filesystem::path& run, RecorderOptions options)
{
    auto impl = std::make_unique<Impl>(files, run, std::move(options));
    impl->lastStep = impl->options.firstStep - 1;
    if (auto opened = impl->openWriter(impl->options.firstStep); !opened)
        return forward(opened);
    impl->thread = std::jthread([raw = impl.get()] { raw->loop(); });
    return std::unique_ptr<Recorder>(new Recorder(std::move(impl)));
}

void Recorder::record(Record record)
{
    Impl& impl = *m_impl;
    std::unique_lock lock(impl.mutex);
    const std::size_t bytes = sizeOf(record);
    const auto full = [&] { return !impl.queue.empty() && impl.queuedBytes + bytes > impl.options.maxQueuedBytes; };
    if (full() && !impl.health.failing) {
        const auto begin = Clock::now();
        impl.done.wait(lock, [&] { return !full() || impl.health.failing || impl.ended; });
        const std::chrono::nanoseconds waited = Clock::now() - begin;
        impl.health.waited += waited;
        record.events.push_back(noticeEvent(record.wallTime,
            "The disk is slow: training waited "
                + std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(waited).count())
                + " ms for the log."));
    }
    impl.add(std::move(record));
    if (impl.queuedBytes > impl.options.maxQueuedBytes && impl.health.failing)
        impl.mergeQueue();
    impl.wake.notify_one();
}

bool Recorder::flush(std::chrono::milliseconds limit)
{
    Impl& impl = *m_impl;
    const auto deadline = Clock::now() + limit;
    std::unique_lock lock(impl.mutex);
    const auto stuck = [&] { return impl.health.failing || impl.ended; };
    impl.done.wait_until(lock, deadline, [&] { return (impl.queue.empty() && !impl.busy) || stuck(); });
    if (!impl.queue.empty() || impl.busy || stuck())
        return false;
    const std::uint64_t mine = ++impl.syncsAsked;
    impl.wake.notify_one();
    return impl.done.wait_until(lock, deadline, [&] { return impl.syncsDone >= mine || impl.ended; })
        && impl.syncsDone >= mine && impl.synced;
}

Result<void> Recorder::finish(std::chrono::milliseconds limit)
{
    Impl& impl = *m_impl;
    if (!impl.thread.joinable())
        return {};
    {
        const std::scoped_lock lock(impl.mutex);
        impl.giveUp = Clock::now() + limit;
        impl.closing = true;
        ++impl.syncsAsked;
        impl.wake.notify_one();
    }
    impl.thread.join();
    const std::scoped_lock lock(impl.mutex);
    if (!impl.queue.empty())
        return fail(ErrorKind::Resources,
            shownPath(impl.run) + ": the log lacks its last " + std::to_string(impl.queue.size())
                + " records, because of: " + impl.health.problem
                + " Free some space; the checkpoints are not affected.");
    if (!impl.synced)
        return fail(ErrorKind::Resources,
            shownPath(impl.run) + ": the end of the log may be lost if the power goes, the disk refused fsync.");
    return {};
}

RecorderHealth Recorder::health() const
{
    const std::scoped_lock lock(m_impl->mutex);
    RecorderHealth health = m_impl->health;
    health.numQueued = m_impl->queue.size() + (m_impl->busy ? 1 : 0);
    return health;
}

}  // namespace moescope
