// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Tasks of unequal size over the threads of LibTorch's pool. Which thread runs a task changes nothing in the result.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include <ATen/Parallel.h>

namespace moescope {

/// Calls task(i) for i in [0, count), in order, each on whichever thread is free. Blocks. Tasks must write apart.
template <class Task> void parallelTasks(std::int64_t count, const Task& task)
{
    const std::int64_t threads = std::min<std::int64_t>(at::get_num_threads(), count);
    std::atomic<std::int64_t> next{0};
    at::parallel_for(0, threads, 1, [&](std::int64_t, std::int64_t) {
        for (std::int64_t i = next++; i < count; i = next++)
            task(i);
    });
}

}  // namespace moescope
