// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Waits for a condition with a deadline instead of a guess.
#pragma once

#include <chrono>
#include <thread>

namespace moescope {

/// Polls until the condition holds. False after the limit, which only a broken program needs.
template <class Condition> bool holdsWithin(std::chrono::seconds limit, Condition condition)
{
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline)
            return false;
        std::this_thread::yield();
    }
    return true;
}

}  // namespace moescope
