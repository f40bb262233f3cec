// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The arithmetic of training, so that runs can be compared at equal FLOPs: what a step costs by what it really did, and
// what it is expected to cost. FLOPs of forward and backward: 6 for each weight that a token passes through, and causal
// attention scores. spec: performance 3.3.
#pragma once

#include <cstdint>

#include "engine/config/run_config.h"

namespace moescope {

struct FlopRates {
    double fixedPerToken = 0;    ///< attention, dense blocks, shared experts, head
    double routingPerToken = 0;  ///< scores of all MoE layers; a router counts as a linear one
    double perAnswer = 0;        ///< one token through one routed expert of one MoE layer
};

FlopRates flopRates(const RunConfig& config, const Catalog& catalog);

/// Of a step with so many tokens, whose experts gave so many answers over all MoE layers, ranks and micro-batches:
/// those that the output is made of, and those that a competition or a loss asked for besides.
double stepFlops(const FlopRates& rates, double tokens, double answers);

/// What a step is expected to need. A similarity loss, whose pairs fire rarely, is not foreseen.
struct FlopPlan {
    double choices = 0;           ///< experts of a token in each MoE layer whose answers its output is made of
    double answers = 0;           ///< experts that answer it: all of them in a competition; the mean over chance
    double perToken = 0;          ///< FLOPs
    double activeParameters = 0;  ///< that a token passes through on its way to the output
    double routingShare = 0;      ///< of perToken: scores, and answers that are heard to route but not used, in [0, 1]
};

FlopPlan planFlops(const RunConfig& config, const Catalog& catalog, std::int64_t step);

/// The mean of planFlops() over a run of plannedSteps().
FlopPlan planMeanFlops(const RunConfig& config, const Catalog& catalog);

/// Steps that schedules reckon with: training.steps, or fewer where the budget training.flops is expected to end
/// earlier. At least 1.
std::int64_t plannedSteps(const RunConfig& config, const Catalog& catalog);

}  // namespace moescope
