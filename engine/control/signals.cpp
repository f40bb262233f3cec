// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/control/signals.h"

#include <cerrno>
#include <csignal>
#include <cstdint>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "engine/base/check.h"

namespace moescope {

namespace {

sigset_t stopSignals()
{
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGTERM, SIGINT, SIGUSR1})
        sigaddset(&set, signal);
    return set;
}

void watchSignals(int signals, int wake, const std::function<void(int, int)>& onSignal)
{
    int numStops = 0;
    for (;;) {
        pollfd fds[] = {{signals, POLLIN, 0}, {wake, POLLIN, 0}};
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            break;
        if (fds[1].revents != 0)
            break;
        signalfd_siginfo info{};
        if (fds[0].revents == 0 || read(signals, &info, sizeof info) != sizeof info)
            continue;
        const int signal = static_cast<int>(info.ssi_signo);
        onSignal(signal, signal == SIGUSR1 ? 0 : ++numStops);
    }
    close(signals);
}

}  // namespace

void blockStopSignals()
{
    const sigset_t set = stopSignals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

SignalWatch::SignalWatch(std::function<void(int signal, int nth)> onSignal)
    : m_wake(eventfd(0, EFD_CLOEXEC))
{
    const sigset_t set = stopSignals();
    const int signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    MOESCOPE_CHECK(m_wake >= 0 && signals >= 0, "two descriptors are left at start");
    m_thread = std::thread([signals, wake = m_wake, call = std::move(onSignal)] { watchSignals(signals, wake, call); });
}

SignalWatch::~SignalWatch()
{
    const std::uint64_t one = 1;
    MOESCOPE_CHECK(write(m_wake, &one, sizeof one) == sizeof one, "an eventfd takes a one");
    m_thread.join();
    close(m_wake);
}

}  // namespace moescope
