// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What a run will need, before it starts: parameters, arithmetic, memory by part, disk, time. spec: performance 3.3
// and 6.
#pragma once

#include <cstdint>

#include "engine/config/run_config.h"

namespace moescope {

struct ParameterCount {
    std::int64_t total = 0;
    std::int64_t active = 0;   ///< that one token passes through: k of the routed experts, the mean over the run
    std::int64_t experts = 0;  ///< of all routed and shared experts
};

/// Bytes of one rank at the peak of a step.
struct MemoryEstimate {
    double weights = 0;        ///< fp32 masters, and bf16 copies under bf16
    double gradients = 0;      ///< fp32
    double optimizer = 0;      ///< two fp32 moments
    double activations = 0;    ///< kept for the backward pass of one micro-batch
    double expertBuffers = 0;  ///< gathered rows of one MoE layer, forward and backward
    double margin = 0;         ///< libraries, allocator, recording

    double total() const { return weights + gradients + optimizer + activations + expertBuffers + margin; }
};

struct Estimate {
    ParameterCount parameters;
    /// Of a training step, forward and backward, as a mean over the run (FlopPlan): 6 for each active weight and causal
    /// attention scores.
    double flopsPerToken = 0;
    double routingShare = 0;  ///< of them, for choosing experts
    std::int64_t steps = 0;   ///< training.steps, or fewer where training.flops is expected to end the run
    std::int64_t tokensPerStep = 0, totalTokens = 0;
    MemoryEstimate memory;
    double checkpointBytes = 0;  ///< one
    double diskBytes = 0;        ///< checkpoints that are kept, one being written, and the log
};

/// Counts by the formulas of the model; no allocation, safe for any checked configuration. Routers count as linear
/// ones.
Estimate estimateRun(const RunConfig& config, const Catalog& catalog);

/// Seconds of training at a measured speed.
double secondsAt(const Estimate& estimate, double tokensPerSecond);

}  // namespace moescope
