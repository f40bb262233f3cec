// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/control/rank_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/file_system.h"

namespace moescope {

namespace {

std::vector<char*> pointersTo(const std::vector<std::string>& texts)
{
    std::vector<char*> pointers;
    for (const std::string& text : texts)
        pointers.push_back(const_cast<char*>(text.c_str()));  // exec takes char* and does not write
    pointers.push_back(nullptr);
    return pointers;
}

struct ChildPlan {
    char* const* arguments;
    char* const* environment;
    pid_t parent, group;
    int log, inherited, report;
    bool shown;
};

/// Runs in the child of a process with threads: async-signal-safe calls only.
[[noreturn]] void becomeRank(const ChildPlan& plan)
{
    const auto fine = [&] {
        sigset_t stops;  // stay blocked: a signal that comes before the rank's main is pending, not deadly
        sigemptyset(&stops);
        for (const int signal : {SIGTERM, SIGINT, SIGUSR1})
            sigaddset(&stops, signal);
        return prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == plan.parent && setpgid(0, plan.group) == 0
            && sigprocmask(SIG_SETMASK, &stops, nullptr) == 0 && dup2(plan.log, STDERR_FILENO) >= 0
            && (plan.shown || dup2(plan.log, STDOUT_FILENO) >= 0)
            && (plan.inherited < 0 || fcntl(plan.inherited, F_SETFD, 0) == 0);
    };
    if (fine())
        execve(plan.arguments[0], plan.arguments, plan.environment);
    const int error = errno;
    (void)!write(plan.report, &error, sizeof error);
    _exit(127);
}

}  // namespace

Result<pid_t> startRank(
    const RankCommand& command, const std::vector<std::string>& environment, pid_t group, int inherited)
{
    const int log = open(command.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log < 0)
        return tl::make_unexpected(fileError(command.log, "open for writing", errno));
    std::array<int, 2> report{};
    if (pipe2(report.data(), O_CLOEXEC) != 0) {
        const Error error = fileError(command.log, "make a pipe", errno);
        close(log);
        return tl::make_unexpected(error);
    }
    const std::vector<char*> arguments = pointersTo(command.arguments), variables = pointersTo(environment);
    const ChildPlan plan{arguments.data(), variables.data(), getpid(), group, log, inherited, report[1], command.shown};
    const pid_t pid = fork();
    if (pid == 0)
        becomeRank(plan);
    int error = pid < 0 ? errno : 0;
    close(report[1]);
    close(log);
    if (pid > 0) {
        setpgid(pid, group == 0 ? pid : group);  // here too: the next rank may be started before this one has run
        if (read(report[0], &error, sizeof error) == sizeof error)
            waitpid(pid, nullptr, 0);
        else
            error = 0;
    }
    close(report[0]);
    if (error != 0)
        return tl::make_unexpected(fileError(command.arguments.at(0), "start a rank with it", error));
    return pid;
}

LogEcho::LogEcho(const std::filesystem::path& log)
    : m_descriptor(open(log.c_str(), O_RDONLY | O_CREAT | O_CLOEXEC, 0644))
{
    if (m_descriptor >= 0)
        lseek(m_descriptor, 0, SEEK_END);
}

LogEcho::~LogEcho()
{
    if (m_descriptor >= 0)
        close(m_descriptor);
}

LogEcho::LogEcho(LogEcho&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

void LogEcho::copy()
{
    std::array<char, 4096> buffer;  // PIPE_BUF: a pipe that polls writable takes that much without waiting
    while (m_descriptor >= 0) {
        pollfd terminal{STDERR_FILENO, POLLOUT, 0};
        if (poll(&terminal, 1, 0) != 1 || (terminal.revents & POLLOUT) == 0)
            return;
        const ssize_t length = read(m_descriptor, buffer.data(), buffer.size());
        if (length <= 0)
            return;
        if (const ssize_t written = write(STDERR_FILENO, buffer.data(), static_cast<std::size_t>(length));
            written < length)
            lseek(m_descriptor, std::max<ssize_t>(written, 0) - length, SEEK_CUR);
    }
}

}  // namespace moescope
