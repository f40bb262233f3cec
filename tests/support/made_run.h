// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A run folder as the engine would leave it, written by the real log writer, without an engine: 6 layers × 16 experts,
// k = 2, 8,192 tokens a step. Layer 3 collapses from 68 % of the log on while its load becomes more even; expert 11 of
// layer 5 dies; expert 6 of layer 1 starves. For tests of views and for screenshots.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "engine/run/event_log.h"
#include "engine/run/run_folder.h"

namespace moescope {

struct MadeRunOptions {
    std::string name = "smoe";
    std::int64_t seed = 1;
    std::int64_t plannedSteps = 1000, lastStep = 618;
    std::int64_t probeEvery = 25, evaluationEvery = 25, checkpointEvery = 50;
    RunState state = RunState::Finished;
    RunExit exit;
    bool collapse = true;
    std::int64_t rolledBackTo = 0,
                 rolledBackFrom = 0;  ///< a resume from the first after the second was reached; 0 = none
    std::int64_t nanFrom = 0;         ///< loss and gradient norm are NaN from here on; 0 = never
    double created = 0;               ///< seconds since 1970; 0 = now
    double worse = 0;                 ///< added to the loss, so that runs differ
};

/// The folder and, for a live run, the lock that a trainer would hold.
class MadeRun {
public:
    MadeRun(const std::filesystem::path& path, const MadeRunOptions& options = {});

    const std::filesystem::path& path() const { return m_folder->path(); }
    const RunFolder& folder() const { return *m_folder; }

    /// Trains on: records up to `step`, as a live process would append them. Takes the lock and says "training".
    void growTo(std::int64_t step);
    void setState(RunState state, std::optional<RunExit> exit = {});
    void lock();
    void unlock() { m_lock.reset(); }

private:
    void append(std::int64_t step);

    MadeRunOptions m_options;
    std::optional<RunFolder> m_folder;
    std::optional<EventLogWriter> m_log;
    std::optional<RunLock> m_lock;
    std::int64_t m_step = 0;
};

/// The step from which layer 3 collapses in a log of this length, and the one where it is done.
std::int64_t madeOnset(const MadeRunOptions& options);

}  // namespace moescope
