// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Rows of tokens in tiles of a fixed size: what a thread works on, and the same whatever the number of threads.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/model/parallel_tasks.h"

namespace moescope {

inline constexpr std::int64_t kTokenRows = 64;

/// rows(first, count) for every tile, in parallel.
template <class Rows> void forTokenTiles(std::int64_t tokens, const Rows& rows, std::int64_t tileRows = kTokenRows)
{
    parallelTasks((tokens + tileRows - 1) / tileRows, [&](std::int64_t tile) {
        const std::int64_t first = tile * tileRows;
        rows(first, std::min(tileRows, tokens - first));
    });
}

}  // namespace moescope
