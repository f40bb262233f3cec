// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/cpu_threads.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include <omp.h>
#include <sched.h>

#include <ATen/Parallel.h>

namespace moescope {

namespace {

using Clock = std::chrono::steady_clock;

cpu_set_t allowedCores()
{
    cpu_set_t set;
    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        CPU_SET(0, &set);
    return set;
}

std::vector<int> coresOf(const cpu_set_t& set)
{
    std::vector<int> cores;
    for (int core = 0; core < CPU_SETSIZE; ++core)
        if (CPU_ISSET(core, &set))
            cores.push_back(core);
    return cores;
}

/// Every OpenMP thread of the calling thread's team gets this set, or its own core of it.
void bindThreads(const cpu_set_t& set, bool oneCoreEach)
{
    const std::vector<int> cores = coresOf(set);
#pragma omp parallel num_threads(at::get_num_threads())
    {
        cpu_set_t mine = set;
        if (oneCoreEach) {
            CPU_ZERO(&mine);
            CPU_SET(static_cast<unsigned>(cores[static_cast<std::size_t>(omp_get_thread_num()) % cores.size()]), &mine);
        }
        sched_setaffinity(0, sizeof mine, &mine);
    }
}

/// Best of many: microseconds of a parallel region with about 50 µs of work for each thread.
double regionMicroseconds()
{
    std::vector<float> values(std::size_t{1} << 16, 1.0F);
    const int numThreads = at::get_num_threads();
    double sum = 0;
    int count = 0;
    const auto end = Clock::now() + std::chrono::milliseconds(50);
    while (Clock::now() < end) {
        const auto begin = Clock::now();
#pragma omp parallel for num_threads(numThreads)
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = values[i] * 0.999F + 0.001F / values[i];
        sum += std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
        ++count;
    }
    return sum / count;
}

std::string waitingText()
{
    std::string text;
    for (const char* name : {"OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "OMP_PROC_BIND"})
        if (const char* value = std::getenv(name))
            text += (text.empty() ? "" : " ") + std::string(name) + "=" + value;
    return text.empty() ? "default" : text;
}

}  // namespace

int usableCores() { return std::max<int>(1, static_cast<int>(coresOf(allowedCores()).size())); }

std::int64_t resolveThreads(std::int64_t wanted, std::int64_t localRanks)
{
    if (wanted > 0)
        return wanted;
    std::int64_t threads = usableCores() / std::max<std::int64_t>(1, localRanks);
    if (const char* limit = std::getenv("OMP_NUM_THREADS"))
        if (const long number = std::strtol(limit, nullptr, 10); number > 0)
            threads = std::min<std::int64_t>(threads, number);
    return std::max<std::int64_t>(1, threads);
}

ThreadPlacement placeThreads(int localRanks)
{
    ThreadPlacement placement;
    placement.waiting = waitingText();
    if (at::get_num_threads() < 2 || localRanks > 1 || usableCores() < at::get_num_threads())
        return placement;
    const cpu_set_t allowed = allowedCores();
    regionMicroseconds();  // starts the threads
    placement.freeMicroseconds = regionMicroseconds();
    bindThreads(allowed, true);
    placement.pinnedMicroseconds = regionMicroseconds();
    // Pinned threads cannot make room for others: only where it clearly helps.
    placement.pinned = placement.pinnedMicroseconds < 0.9 * placement.freeMicroseconds;
    if (!placement.pinned)
        bindThreads(allowed, false);
    return placement;
}

}  // namespace moescope
