// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Keeps state.json fresh while a rank trains: at each change of state and once a second, from a thread of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/run/run_folder.h"

namespace moescope {

/// Rank 0 owns one. Under a launcher (environment variable MOESCOPE_STATUS_FD) the launcher owns state.json and gets
/// the status through that pipe instead. All methods may be called from any thread and never wait for the disk, but
/// finish().
class Heartbeat {
public:
    /// Starts the thread; pid and start_time are filled in here. The run folder must outlive it.
    Heartbeat(const RunFolder& run, RunStatus first);
    ~Heartbeat();  ///< stops the thread; writes nothing more
    Heartbeat(const Heartbeat&) = delete;
    Heartbeat& operator=(const Heartbeat&) = delete;

    double startTime() const;  ///< seconds since 1970: the epoch that commands must name

    void setStep(std::int64_t step);
    void setState(RunState state);
    void setCheckpoint(std::string name);

    /// The last word: state, step and exit, written before it returns. What the disk refused while we ran is reported
    /// here.
    Result<void> finish(RunState state, RunExit exit);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace moescope
