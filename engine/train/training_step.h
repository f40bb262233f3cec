// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One optimiser step: batch, forward, backward, sums over the ranks, guard on finite numbers, update.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/config/run_config.h"
#include "engine/data/batches.h"
#include "engine/train/flat_adamw.h"
#include "engine/train/observer.h"
#include "engine/train/step_totals.h"

namespace moescope {

class Group;
class Transformer;

/// The summed flat gradient of a step before the guard sees it, on this rank: for tests and diagnostics.
using GradientHook = std::function<void(std::int64_t step, at::Tensor& gradient)>;

struct StepOutcome {
    StepReport report;
    Decision decision;
    bool stopWanted = false;
    std::string culprit;  ///< of a skipped step: "loss", or the first parameter whose gradient is not finite
};

/// Training thread only. Model, data and group must outlive it.
class TrainingStep {
public:
    TrainingStep(const RunConfig& config, Transformer& model, const BatchSource& batches, Group& group);

    /// Steps that schedules of routing reckon with, from the next step on; training.steps unless set.
    void setTotalSteps(std::int64_t steps) { m_totalSteps = steps; }

    /// Update number `step` with this learning rate. `decision` and `stopWanted` travel with the sums and come back
    /// equal on all ranks. When the loss or a gradient is not finite on any rank, parameters, moments and router state
    /// stay as they are, on all ranks. Fails with kind Data when the corpus cannot be read. Throws PeerLost.
    Result<StepOutcome> run(Step step, double learningRate, const Decision& decision, bool stopWanted);

    FlatAdamW& optimizer() { return m_optimizer; }
    void setRecordStats(bool record) { m_recordStats = record; }  ///< false: no load, no router sums (for benchmarks)
    void setGradientHook(GradientHook hook) { m_hook = std::move(hook); }

private:
    Result<void> forwardBackward(Step step, StepTotals& totals, StepTimes& times);
    std::string firstNonFinite() const;

    const RunConfig& m_config;
    Transformer& m_model;
    const BatchSource& m_batches;
    Group& m_group;
    FlatAdamW m_optimizer;
    GradientHook m_hook;
    bool m_recordStats = true;
    std::int64_t m_totalSteps;
    Batch m_batch;
};

}  // namespace moescope
