// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/control/heartbeat.h"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <thread>

#include <unistd.h>

#include "engine/control/status_line.h"

namespace moescope {

namespace {

constexpr std::chrono::seconds kBeat{1};

double secondsSince1970()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

template <class Number> Number environmentNumber(const char* name, Number otherwise)
{
    const char* text = std::getenv(name);
    Number number{};
    if (text == nullptr || std::from_chars(text, text + std::strlen(text), number).ec != std::errc())
        return otherwise;
    return number;
}

}  // namespace

struct Heartbeat::Impl {
    explicit Impl(const RunFolder& folder)
        : run(folder)
        , launcher(environmentNumber(kStatusDescriptor, -1))
    {
    }

    /// Not under the lock: the disk may be slow, and the training thread must not wait for it.
    Result<void> write(RunStatus now) const
    {
        now.heartbeat = secondsSince1970();
        if (launcher < 0)
            return run.writeStatus(now);
        const std::string line = statusLine(now);
        ssize_t written = 0;
        do
            written = ::write(launcher, line.data(), line.size());
        while (written < 0 && errno == EINTR);
        if (written == static_cast<ssize_t>(line.size()))
            return {};
        return fail(ErrorKind::PeerLost, "the launcher no longer listens: " + errnoText(errno));
    }

    void beat()
    {
        std::unique_lock lock(mutex);
        while (!ended) {
            const RunStatus now = status;
            changed = false;
            lock.unlock();
            const Result<void> result = write(now);
            lock.lock();
            if (!result)
                lastError = result;
            wake.wait_for(lock, kBeat, [&] { return changed || ended; });
        }
    }

    void change(const auto& edit, bool atOnce)
    {
        {
            const std::lock_guard lock(mutex);
            edit(status);
            changed = changed || atOnce;
        }
        if (atOnce)
            wake.notify_one();
    }

    void end()
    {
        {
            const std::lock_guard lock(mutex);
            ended = true;
        }
        wake.notify_one();
        if (thread.joinable())
            thread.join();
    }

    const RunFolder& run;
    const int launcher;  ///< descriptor of the pipe; -1 = state.json is ours
    std::mutex mutex;
    std::condition_variable wake;
    RunStatus status;
    bool changed = false, ended = false;
    Result<void> lastError;
    std::thread thread;
};

Heartbeat::Heartbeat(const RunFolder& run, RunStatus first)
    : m_impl(std::make_unique<Impl>(run))
{
    first.pid = getpid();
    first.startTime = environmentNumber(kStartTime, secondsSince1970());
    first.exit.reset();
    m_impl->status = std::move(first);
    m_impl->thread = std::thread([this] { m_impl->beat(); });
}

Heartbeat::~Heartbeat() { m_impl->end(); }

double Heartbeat::startTime() const
{
    const std::lock_guard lock(m_impl->mutex);
    return m_impl->status.startTime;
}

void Heartbeat::setStep(std::int64_t step)
{
    m_impl->change([&](RunStatus& status) { status.step = step; }, false);
}

void Heartbeat::setState(RunState state)
{
    m_impl->change([&](RunStatus& status) { status.state = state; }, true);
}

void Heartbeat::setCheckpoint(std::string name)
{
    m_impl->change([&](RunStatus& status) { status.checkpoint = std::move(name); }, true);
}

Result<void> Heartbeat::finish(RunState state, RunExit exit)
{
    m_impl->end();
    m_impl->status.state = state;
    m_impl->status.exit = std::move(exit);
    const Result<void> last = m_impl->write(m_impl->status);
    return last ? m_impl->lastError : last;
}

}  // namespace moescope
