// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// How many threads a rank computes with, where they run, and how they wait for each other. spec: performance 0b.8.
#pragma once

#include <cstdint>
#include <string>

namespace moescope {

/// Cores that this process may use (sched_getaffinity), at least 1.
int usableCores();

/// `wanted` unless that is 0: then cores / ranks of this machine, at most OMP_NUM_THREADS where that is set; at
/// least 1.
std::int64_t resolveThreads(std::int64_t wanted, std::int64_t localRanks);

struct ThreadPlacement {
    bool pinned = false;            ///< each thread on a core of its own
    double freeMicroseconds = 0;    ///< of a small parallel region, threads where the kernel puts them
    double pinnedMicroseconds = 0;  ///< the same, pinned
    std::string waiting;            ///< GOMP_SPINCOUNT or OMP_WAIT_POLICY as the process was started with
};

/// Measures both placements for about 50 ms each and keeps the better one. Nothing to do with one thread or when other
/// processes share the cores by more ranks than one. Changes no number of the training.
ThreadPlacement placeThreads(int localRanks);

}  // namespace moescope
