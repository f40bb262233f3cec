// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Experts in neighbouring groups of nearly equal size: what MoEC calls clusters.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/config/field.h"

namespace moescope {

struct ExpertCluster {
    std::int64_t first = 0, count = 0;
};

/// `clusters` of them (at most one per expert); the first ones have one expert more where it does not divide.
std::vector<ExpertCluster> expertClusters(std::int64_t numExperts, std::int64_t clusters);

Field clustersField();

}  // namespace moescope
