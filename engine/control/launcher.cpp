// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/control/launcher.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/check.h"
#include "engine/base/file_system.h"
#include "engine/control/rank_process.h"
#include "engine/control/status_line.h"

extern char** environ;

namespace moescope {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kHeartbeatPeriod{1};
constexpr int kTickMs = 100;
constexpr int kPeerLost = 6;  ///< exit code

struct RankState {
    pid_t pid = -1;
    bool running = false;
    int code = 0, signal = 0;  ///< of its end
    int order = 0;             ///< when it was reaped, from 1
};

class RankGroup {
public:
    RankGroup(const RunFolder& run, const std::vector<RankCommand>& commands)
        : m_run(run)
        , m_commands(commands)
        , m_ranks(commands.size())
    {
    }
    ~RankGroup()
    {
        for (const int descriptor : {m_statusRead, m_statusWrite, m_signals})
            if (descriptor >= 0)
                close(descriptor);
        pthread_sigmask(SIG_SETMASK, &m_maskBefore, nullptr);
    }
    RankGroup(const RankGroup&) = delete;
    RankGroup& operator=(const RankGroup&) = delete;

    Result<RunExit> launch()
    {
        if (auto ready = prepare(); !ready)
            return forward(ready);
        for (std::size_t rank = 0; rank < m_ranks.size(); ++rank)
            if (auto started = start(rank); !started) {
                endAll();
                return abandon(started.error());
            }
        while (anyRunning())
            tick();
        readStatusPipe();
        return finish();
    }

private:
    Result<void> prepare()
    {
        sigset_t watched;
        sigemptyset(&watched);
        for (const int signal : {SIGTERM, SIGINT, SIGUSR1, SIGCHLD})
            sigaddset(&watched, signal);
        pthread_sigmask(SIG_BLOCK, &watched, &m_maskBefore);
        m_signals = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
        std::array<int, 2> ends{-1, -1};
        if (m_signals < 0 || pipe2(ends.data(), O_CLOEXEC) != 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
            return tl::make_unexpected(fileError(m_run.path(), "prepare the ranks' pipes", errno));
        m_statusRead = ends[0];
        m_statusWrite = ends[1];
        if (const auto before = m_run.status()) {
            m_status.checkpoint = before->checkpoint;
            m_status.step = before->step;
        }
        m_status.state = RunState::Loading;
        m_status.pid = getpid();
        m_status.startTime = wallSeconds();
        return writeStatus();
    }

    static double wallSeconds()
    {
        return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    }

    Result<void> start(std::size_t rank)
    {
        std::vector<std::string> environment;
        for (char** variable = environ; *variable != nullptr; ++variable)
            environment.emplace_back(*variable);
        for (const auto& [name, value] : m_commands[rank].environment)
            environment.push_back(name + '=' + value);
        std::array<char, 40> time{};
        std::snprintf(time.data(), time.size(), "%.17g", m_status.startTime);
        environment.push_back(std::string(kStartTime) + '=' + time.data());
        if (rank == 0)
            environment.push_back(std::string(kStatusDescriptor) + '=' + std::to_string(m_statusWrite));
        if (m_commands[rank].shown)
            m_echoes.emplace_back(m_commands[rank].log);
        const auto pid =
            startRank(m_commands[rank], environment, rank == 0 ? 0 : m_ranks[0].pid, rank == 0 ? m_statusWrite : -1);
        if (!pid)
            return forward(pid);
        m_ranks[rank].pid = *pid;
        m_ranks[rank].running = true;
        return {};
    }

    bool anyRunning() const { return std::ranges::any_of(m_ranks, &RankState::running); }

    void tick()
    {
        std::array<pollfd, 2> fds{pollfd{m_signals, POLLIN, 0}, pollfd{m_statusRead, POLLIN, 0}};
        poll(fds.data(), fds.size(), kTickMs);
        takeSignals();
        reap();
        readStatusPipe();
        for (LogEcho& echo : m_echoes)
            echo.copy();
        if (m_killAt && Clock::now() >= *m_killAt)
            killRest();
        if (Clock::now() - m_written >= kHeartbeatPeriod)
            m_lastWrite = writeStatus();
    }

    void takeSignals()
    {
        signalfd_siginfo info{};
        while (read(m_signals, &info, sizeof info) == sizeof info)
            if (const int signal = static_cast<int>(info.ssi_signo); signal != SIGCHLD)
                for (const RankState& rank : m_ranks)
                    if (rank.running)
                        kill(rank.pid, signal);
    }

    void reap()
    {
        for (RankState& rank : m_ranks) {
            int status = 0;
            if (!rank.running || waitpid(rank.pid, &status, WNOHANG) != rank.pid)
                continue;
            rank.running = false;
            rank.order = ++m_numReaped;
            rank.code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
            rank.signal = WIFSIGNALED(status) && !m_killed ? WTERMSIG(status) : 0;
            const bool failed = rank.code != 0 || WIFSIGNALED(status);
            if (failed && !m_killAt)
                m_killAt = Clock::now() + kGrace;
        }
    }

    void killRest()
    {
        m_killed = true;
        for (const RankState& rank : m_ranks)
            if (rank.running)
                kill(rank.pid, SIGKILL);
    }

    void endAll()
    {
        killRest();
        for (RankState& rank : m_ranks)
            if (rank.running) {
                waitpid(rank.pid, nullptr, 0);
                rank.running = false;
            }
    }

    void readStatusPipe()
    {
        std::array<char, 4096> buffer;
        ssize_t length = 0;
        bool changed = false;
        while ((length = read(m_statusRead, buffer.data(), buffer.size())) > 0) {
            m_line.append(buffer.data(), static_cast<std::size_t>(length));
            for (std::size_t end = m_line.find('\n'); end != std::string::npos; end = m_line.find('\n')) {
                const RunState before = m_status.state;
                const std::string checkpoint = m_status.checkpoint;
                readStatusLine(std::string_view(m_line).substr(0, end), m_status);
                changed = changed || before != m_status.state || checkpoint != m_status.checkpoint;
                m_line.erase(0, end + 1);
            }
        }
        if (changed && !m_status.exit)  // the last word is ours, after the last rank is reaped
            m_lastWrite = writeStatus();
    }

    Result<void> writeStatus()
    {
        RunStatus now = m_status;
        now.exit.reset();
        now.heartbeat = wallSeconds();
        m_written = Clock::now();
        return m_run.writeStatus(now);
    }

    /// Lower is nearer to the root cause.
    static int blame(const RankState& rank)
    {
        if (rank.signal != 0)
            return 0;
        return rank.code == kPeerLost ? 2 : rank.code == 0 ? 3 : 1;
    }

    Result<RunExit> finish()
    {
        const auto root = std::ranges::min_element(
            m_ranks, {}, [](const RankState& rank) { return std::pair(blame(rank), rank.order); });
        const int number = static_cast<int>(root - m_ranks.begin());
        RunExit exit{root->code, "", number};
        if (root->signal != 0)
            exit = {kPeerLost,
                "rank " + std::to_string(number) + " was killed by signal " + std::to_string(root->signal), number};
        else if (root->code == 0)
            exit = m_status.exit ? *m_status.exit : RunExit{0, "finished", -1};
        else if (number == 0 && m_status.exit)
            exit = {root->code, m_status.exit->cause, 0};
        else
            exit.cause = "rank " + std::to_string(number) + " ended with code " + std::to_string(root->code)
                + "; its log says why";

        RunStatus last = m_status;
        if (exit.code != 0)
            last.state = RunState::Failed;
        last.exit = exit;
        last.heartbeat = wallSeconds();
        if (auto written = m_run.writeStatus(last); !written)
            return forward(written);
        return exit;
    }

    Result<RunExit> abandon(const Error& error)
    {
        RunStatus last = m_status;
        last.state = RunState::Failed;
        last.exit = RunExit{exitCode(error.kind), error.text, -1};
        last.heartbeat = wallSeconds();
        (void)m_run.writeStatus(last);  // the error below is the cause; this one could only repeat it
        return tl::make_unexpected(error);
    }

    const RunFolder& m_run;
    const std::vector<RankCommand>& m_commands;
    std::vector<RankState> m_ranks;
    std::vector<LogEcho> m_echoes;
    RunStatus m_status;
    std::string m_line;  ///< of the status pipe, not yet whole
    int m_signals = -1, m_statusRead = -1, m_statusWrite = -1;
    sigset_t m_maskBefore{};
    int m_numReaped = 0;
    bool m_killed = false;
    std::optional<Clock::time_point> m_killAt;
    Clock::time_point m_written;
    Result<void> m_lastWrite;
};

}  // namespace

Result<RunExit> launchRanks(const RunFolder& run, const std::vector<RankCommand>& ranks)
{
    MOESCOPE_CHECK(!ranks.empty(), "a run has at least one rank");
    return RankGroup(run, ranks).launch();
}

}  // namespace moescope
