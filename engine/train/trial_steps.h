// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// How fast a configuration trains on this machine, measured before there is a run. No LibTorch in this header.
#pragma once

#include "engine/base/result.h"
#include "engine/config/estimate.h"
#include "engine/config/run_config.h"

namespace moescope {

/// Tokens per second of whole optimiser steps (forward, backward, update) on random tokens: the median of up to five
/// steps after one that warms up, ended after two seconds. With several ranks one rank's share is measured on its
/// threads and communication left out. Fails with kind Resources, and says why, when the memory does not suffice or one
/// step would take more than about ten seconds. Blocks; writes nothing.
Result<double> trialTokensPerSecond(const RunConfig& config, const Estimate& estimate);

}  // namespace moescope
