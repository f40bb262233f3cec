// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The moments of a run that others may watch, as plain numbers: the log, the progress line and tests are observers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/run/run_folder.h"

namespace moescope {

struct SimilarityReport;

struct NamedNumber {
    std::string name;
    double value = 0;
};

/// Wall milliseconds of a step by part.
struct StepTimes {
    double data = 0, forward = 0, backward = 0, communication = 0, optimizer = 0;
    double record = 0;  ///< that the log cost the training thread, at the step before
    double step = 0;    ///< all of the step; evaluation, probe and checkpoint are not in it
};

/// Load and router sums of all MoE layers over all ranks and micro-batches of one step.
struct LoadReport {
    std::int64_t numLayers = 0, numExperts = 0;
    std::vector<std::int64_t> assigned, kept;  ///< [layer, expert]
    std::vector<float> probabilitySum;         ///< [layer, expert]
    std::vector<float> entropySum;             ///< [layer], nats
    std::int64_t tokens = 0;                   ///< per layer
};

struct StepReport {
    std::int64_t step = 0;
    std::int64_t tokens = 0;              ///< seen by training so far, this step included
    std::int64_t stepTokens = 0;          ///< of this step
    double total = 0, languageModel = 0;  ///< nats, means over the global batch
    std::vector<NamedNumber> losses;      ///< auxiliary ones, raw
    double learningRate = 0, gradientNorm = 0;
    bool skipped = false;  ///< the update was left out because of non-finite numbers
    LoadReport load;
    StepTimes times;
    std::int64_t peakBytes = 0;  ///< resident memory of this process, its highest so far
};

struct EvaluationReport {
    std::int64_t step = 0;
    bool full = false;   ///< all of the validation text, at the end; else the fixed sample
    bool leaky = false;  ///< the routing saw later tokens: no likelihood
    std::int64_t bytes = 0;
    double loss = 0;  ///< nats per token
    double bitsPerByte = 0;
    std::vector<NamedNumber> domains;  ///< bits per byte
    double seconds = 0;
};

/// Called on the training thread of rank 0, in the order of what happens. Observers must not throw and not take long.
class Observer {
public:
    virtual ~Observer() = default;
    virtual void stepDone(const StepReport&) { }
    virtual void evaluated(const EvaluationReport&) { }
    virtual void probed(std::int64_t /*step*/, const SimilarityReport&) { }

    /// A checkpoint is whole on the disk.
    virtual void checkpointed(std::int64_t /*step*/, const std::string& /*name*/, double /*seconds*/) { }
    virtual void stateChanged(std::int64_t /*step*/, RunState, const std::string& /*cause*/) { }

    /// Anything else that belongs into the log: `kind` as in the text tag run/event, `json` the object's other members.
    virtual void noticed(std::int64_t /*step*/, const std::string& /*kind*/, const std::string& /*json*/) { }

    /// Before a checkpoint: everything that was recorded must be on the disk first.
    virtual void flush() { }
};

}  // namespace moescope
