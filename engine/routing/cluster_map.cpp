// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/cluster_map.h"

#include <algorithm>

#include "engine/routing/part_registry.h"

namespace moescope {

std::vector<ExpertCluster> expertClusters(std::int64_t numExperts, std::int64_t clusters)
{
    const std::int64_t count = std::min(numExperts, clusters);
    std::vector<ExpertCluster> list;
    for (std::int64_t c = 0, first = 0; c < count; ++c) {
        const std::int64_t size = numExperts / count + (c < numExperts % count ? 1 : 0);
        list.push_back({first, size});
        first += size;
    }
    return list;
}

Field clustersField()
{
    return integerField("clusters", "Clusters", 2, 1, 1024,
        "Groups of neighbouring experts. The selector cluster-top-1 and the loss cluster-variance should have the same "
        "number.");
}

}  // namespace moescope
