// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// How far a run is when it may end by arithmetic spent as well as by steps.
#pragma once

#include <cstdint>

#include "engine/config/flops.h"
#include "engine/config/run_config.h"

namespace moescope {

/// Reads `config` at each call, so that live changes of training.steps count. Training thread; equal on all ranks.
class FlopBudget {
public:
    explicit FlopBudget(const RunConfig& config);

    /// FLOPs of a step that took so many tokens and answers of routed experts, over all ranks.
    double ofStep(std::int64_t tokens, std::int64_t answers) const;

    /// Steps that schedules reckon with: training.steps, or what the budget is expected to pay.
    std::int64_t totalSteps() const;

    /// Where the update `step`, before which `spent` FLOPs were, lies on the way from 1 to totalSteps(): `step` itself
    /// without a budget, else by the larger share of steps and of the budget.
    double position(std::int64_t step, double spent) const;

    /// No more steps: training.steps are done, or the budget is spent.
    bool isDone(std::int64_t step, double spent) const;

private:
    const RunConfig& m_config;
    FlopRates m_rates;
    std::int64_t m_paidSteps;  ///< by the budget alone
};

}  // namespace moescope
