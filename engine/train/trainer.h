// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The training loop behind five verbs. No LibTorch in this header: numbers go in and out, tensors stay inside.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "engine/base/result.h"
#include "engine/config/run_config.h"
#include "engine/run/run_folder.h"

namespace moescope {

class Group;

enum class TrainRequest { None, Hold, Continue, Pause, Stop, Checkpoint, StopNow };

struct TrainOutcome {
    RunState state = RunState::Finished;
    std::int64_t step = 0;
    RunExit exit;
};

/// Trains one run on one rank. run() blocks the calling thread until the end; request() may come from any thread or a signal
/// handler's helper thread and is taken up at the next step boundary, equal on all ranks.
class Trainer {
public:
    /// Builds data, model and optimiser and loads the newest whole checkpoint when `resume` is set. Rank 0 writes the folder.
    static Result<std::unique_ptr<Trainer>> create(const RunConfig& config, const RunFolder& run, Group& group, bool resume);
    ~Trainer();

    TrainOutcome run();
    void request(TrainRequest request);

private:
    struct Impl;
    explicit Trainer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

}  // namespace moescope
