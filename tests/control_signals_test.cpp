// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/control/signals.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <vector>

#include <gtest/gtest.h>

#include <pthread.h>
#include <unistd.h>

namespace moescope {
namespace {

TEST(SignalWatch, CountsStopsAndTellsThemFromCheckpoints)
{
    sigset_t before;
    pthread_sigmask(SIG_SETMASK, nullptr, &before);
    blockStopSignals();
    kill(getpid(), SIGUSR1);  // pending until somebody watches
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::pair<int, int>> seen;
    {
        const SignalWatch watch([&](int signal, int nth) {
            const std::lock_guard lock(mutex);
            seen.emplace_back(signal, nth);
            changed.notify_one();
        });
        const auto waitFor = [&](std::size_t count) {
            std::unique_lock lock(mutex);
            return changed.wait_for(lock, std::chrono::seconds(10), [&] { return seen.size() >= count; });
        };
        ASSERT_TRUE(waitFor(1));
        std::size_t count = 1;
        for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) {
            kill(getpid(), signal);
            ASSERT_TRUE(waitFor(++count));
        }
    }
    EXPECT_EQ(seen, (std::vector<std::pair<int, int>>{{SIGUSR1, 0}, {SIGTERM, 1}, {SIGINT, 2}, {SIGUSR1, 0}}));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace moescope
