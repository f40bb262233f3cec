// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/control/thread_waiting.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <thread>

#include <sched.h>
#include <unistd.h>

namespace moescope {

namespace {

constexpr const char* kSpinCount = "GOMP_SPINCOUNT";
constexpr const char* kSpins = "20000";
constexpr double kBusy = 0.3;  // of one core
constexpr std::chrono::milliseconds kLookAt{50};

/// Processor time that all processes had so far, in clock ticks.
std::optional<double> busyTicks()
{
    std::ifstream file("/proc/stat");
    std::string name;
    double user = 0, nice = 0, system = 0;
    if (!(file >> name >> user >> nice >> system) || name != "cpu")
        return std::nullopt;
    return user + nice + system;
}

bool severalThreads()
{
    if (const char* limit = std::getenv("OMP_NUM_THREADS"); limit != nullptr && std::strcmp(limit, "1") == 0)
        return false;
    cpu_set_t set;
    CPU_ZERO(&set);
    return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 1;
}

}  // namespace

std::optional<double> otherLoad()
{
    const auto begin = std::chrono::steady_clock::now();
    const std::clock_t oursBefore = std::clock();
    const auto before = busyTicks();
    std::this_thread::sleep_for(kLookAt);
    const auto after = busyTicks();
    if (!before || !after)
        return std::nullopt;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const double ours = static_cast<double>(std::clock() - oursBefore) / CLOCKS_PER_SEC;
    const double all = (*after - *before) / static_cast<double>(sysconf(_SC_CLK_TCK));
    return std::max(0.0, all - ours) / seconds;
}

std::optional<std::pair<std::string, std::string>> chooseWaiting()
{
    if (std::getenv("OMP_WAIT_POLICY") != nullptr || std::getenv(kSpinCount) != nullptr || !severalThreads())
        return std::nullopt;
    return std::pair(kSpinCount, otherLoad().value_or(0) > kBusy ? "0" : kSpins);
}

void restartWithWaiting(char** argv)
{
    const auto waiting = chooseWaiting();
    if (!waiting || setenv(waiting->first.c_str(), waiting->second.c_str(), 1) != 0)
        return;
    execv("/proc/self/exe", argv);
}

}  // namespace moescope
