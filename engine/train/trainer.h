// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The training loop behind five verbs. No LibTorch in this header: numbers go in and out, tensors stay inside.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/run_config.h"
#include "engine/run/run_folder.h"

namespace at {
class Tensor;
}

namespace moescope {

class FileSystem;
class Group;
class Observer;

enum class TrainRequest {
    None,
    Hold,
    Continue,
    Pause,
    Stop,
    Checkpoint,
    Signal  ///< stop with a checkpoint because a signal says so; on any rank
};

struct TrainOutcome {
    RunState state = RunState::Finished;
    std::int64_t step = 0;
    RunExit exit;
    Error error;  ///< of a failed run: its text says what happened and what to do
};

struct TrainerOptions {
    bool resume = false;                                           ///< from the newest whole checkpoint
    FileSystem* files = nullptr;                                   ///< null = the real one
    std::vector<Observer*> observers;                              ///< besides the log; called on rank 0 only
    std::vector<std::pair<std::string, std::string>> startEvents;  ///< kind and members (JSON), logged at the start
    std::function<void(std::int64_t done, std::int64_t all)> evaluationProgress;  ///< of the last, full evaluation

    /// Called on every rank with the summed flat gradient before the guard sees it.
    std::function<void(std::int64_t step, at::Tensor& gradient)> onGradient;
};

/// Trains one run on one rank. run() blocks the calling thread until the end; request() may come from any thread and is
/// taken up at the next step boundary, equal on all ranks.
class Trainer {
public:
    /// Builds data, model and optimiser and loads the newest whole checkpoint when `resume` is set. Rank 0 writes the
    /// folder, whose lock the caller holds. `config` is the resolved one of config.json.
    static Result<std::unique_ptr<Trainer>> create(
        const RunConfig& config, const RunFolder& run, Group& group, TrainerOptions options);
    ~Trainer();

    /// Never throws. Whatever ends the run is in the outcome, in state.json and in the log.
    TrainOutcome run();
    void request(TrainRequest request);

    std::int64_t step() const;                  ///< that run() begins from; after run(): that it reached
    std::vector<std::string> messages() const;  ///< of create(): damaged checkpoints, notices of the data

private:
    struct Impl;
    explicit Trainer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

}  // namespace moescope
