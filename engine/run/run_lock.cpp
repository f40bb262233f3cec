// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The lock of a run folder. The file's text only tells people who holds it; what counts is flock.
#include <array>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "engine/base/file_system.h"
#include "engine/base/utf8.h"
#include "engine/run/run_folder.h"

namespace moescope {
namespace {

std::string holderText()
{
    std::array<char, 256> host = {};
    (void)::gethostname(host.data(), host.size() - 1);
    return "process " + std::to_string(::getpid()) + " on " + host.data() + "\n";
}

std::string readHolder(int descriptor)
{
    std::array<char, 300> text = {};
    const ssize_t count = ::pread(descriptor, text.data(), text.size(), 0);
    std::string_view line(text.data(), count > 0 ? static_cast<std::size_t>(count) : 0);
    line = line.substr(0, line.find('\n'));
    return line.empty() ? "another process" : printable(line);
}

int lockOnce(int descriptor, int operation)
{
    int result = -1;
    do
        result = ::flock(descriptor, operation | LOCK_NB);
    while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : errno;
}

/// Half-written state files of a process that was killed. Nobody else writes here while we hold the lock.
void sweepTemporaryFiles(const std::filesystem::path& run)
{
    std::error_code error;
    std::filesystem::directory_iterator entries(run, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        std::error_code ignored;
        if (entries->path().filename().native().starts_with(".tmp-") && entries->is_regular_file(ignored))
            std::filesystem::remove(entries->path(), ignored);
    }
}

}  // namespace

RunLock::RunLock(int descriptor)
    : m_descriptor(descriptor)
{
}

RunLock::RunLock(RunLock&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

RunLock& RunLock::operator=(RunLock&& other) noexcept
{
    std::swap(m_descriptor, other.m_descriptor);
    return *this;
}

RunLock::~RunLock()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

Result<RunLock> RunFolder::lock() const
{
    const std::filesystem::path path = m_path / "lock";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (descriptor < 0)
        return tl::make_unexpected(fileError(path, "take the lock of the run", errno));
    RunLock lock(descriptor);
    // Somebody who only asks isLocked() holds the lock for an instant, so one refusal says little.
    int error = 0;
    for (int attempt = 0; attempt < 20; ++attempt) {
        error = lockOnce(descriptor, LOCK_EX);
        if (error != EWOULDBLOCK)
            break;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    if (error == EWOULDBLOCK)
        return fail(ErrorKind::Data,
            shownPath(m_path) + ": " + readHolder(descriptor)
                + " trains in this folder. Wait for its end or stop it: moescope-engine control '" + shownPath(m_path)
                + "' stop.");
    if (error != 0)
        return tl::make_unexpected(fileError(path, "take the lock of the run", error));
    const std::string holder = holderText();
    if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, holder.data(), holder.size(), 0) < 0) {
        // On a full disk the lock holds all the same; only the next one to ask learns no name.
    }
    sweepTemporaryFiles(m_path);
    return lock;
}

bool RunFolder::isLocked() const
{
    const int descriptor = ::open((m_path / "lock").c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0)
        return false;
    const int error = lockOnce(descriptor, LOCK_SH);
    ::close(descriptor);
    return error == EWOULDBLOCK;
}

}  // namespace moescope
