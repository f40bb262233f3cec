// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// How fast a configuration trains on this machine, measured before there is a run. No LibTorch in this header.
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/config/estimate.h"
#include "engine/config/run_config.h"

namespace moescope {

/// Whole optimiser steps (forward, backward, update with learning rate 0) of one rank on random tokens, with no run
/// folder. Training thread only.
class TrialSteps {
public:
    explicit TrialSteps(const RunConfig& config);
    ~TrialSteps();
    TrialSteps(const TrialSteps&) = delete;
    TrialSteps& operator=(const TrialSteps&) = delete;

    void take();  ///< one step; throws what LibTorch throws

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// Tokens per second of trial steps: the median of up to five after one that warms up, ended after two seconds. With
/// several ranks one rank's share is measured on its threads and communication left out. Fails with kind Resources, and
/// says why, when the memory does not suffice or one step would take more than about ten seconds. Blocks; writes
/// nothing.
Result<double> trialTokensPerSecond(const RunConfig& config, const Estimate& estimate);

}  // namespace moescope
