// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// SIGTERM, SIGINT and SIGUSR1 as calls from an ordinary thread: nothing runs inside a signal handler.
#pragma once

#include <functional>
#include <thread>

namespace moescope {

/// Blocks SIGTERM, SIGINT and SIGUSR1 in this thread and in all that it starts later: call it first in main, before any
/// thread exists. They stay pending until a SignalWatch takes them.
void blockStopSignals();

/// Takes the blocked signals in a thread of its own while it lives. `onSignal(signal, nth)` is called there; nth counts
/// from 1 the SIGTERM and SIGINT so far (1 = stop with a checkpoint, 2 = at once) and is 0 for SIGUSR1 (checkpoint
/// now).
class SignalWatch {
public:
    explicit SignalWatch(std::function<void(int signal, int nth)> onSignal);
    ~SignalWatch();
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;

private:
    int m_wake = -1;  ///< eventfd that ends the thread
    std::thread m_thread;
};

}  // namespace moescope
