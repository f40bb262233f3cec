// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What is asked of a running run, from signals, callers and the command inbox, as one decision per step boundary.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <mutex>
#include <optional>

#include "engine/control/command.h"
#include "engine/train/observer.h"
#include "engine/train/step_totals.h"
#include "engine/train/trainer.h"

namespace moescope {

/// request() from any thread; everything else on the training thread. Only rank 0 has an inbox.
class RunControl {
public:
    void request(TrainRequest request);

    /// A signal or a caller on this rank wants the end; any rank's wish ends the run on all of them.
    bool signalled() const;

    /// Rank 0, once: commands for the process that started at `epoch` are taken from the run's inbox from now on. Each
    /// is answered by an event of kind `command` to the observer.
    void openInbox(FileSystem& files, const std::filesystem::path& run, double epoch, Observer& log);

    /// Rank 0: the next thing to do, or None. `step` is the last finished one, `held` tells whether training is held.
    /// Waits up to `limit` for one (0: only looks).
    Decision next(std::int64_t step, bool held, std::chrono::milliseconds limit);

private:
    void takeCommands();
    std::optional<Decision> takeRequest();
    Decision answer(const Command& command, std::int64_t step, bool held);
    static std::string answerText(const Command& command, std::int64_t step, bool held);
    void tell(std::int64_t step, const Command& command, const CommandAnswer& answer);

    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<TrainRequest> m_requests;
    bool m_signalled = false;

    std::optional<Inbox> m_inbox;
    std::deque<Command> m_commands;
    Observer* m_log = nullptr;
    std::int64_t m_step = 0;
};

}  // namespace moescope
