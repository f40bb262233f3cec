// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/analysis/similarity.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "engine/analysis/symmetric_eigenvalues.h"
#include "engine/base/check.h"

namespace moescope {
namespace {

/// Lance-Williams update for average linkage over the clusters that are left; O(E^3), E <= a few hundred.
struct AverageLinkage {
    std::vector<double> distance;  // [E, E], of the clusters that `alive` names
    std::vector<int> alive, cluster, size;
    int numExperts;

    double& at(int i, int j) { return distance[static_cast<std::size_t>(i) * numExperts + j]; }

    std::pair<int, int> closest()
    {
        std::pair<int, int> best{alive[0], alive[1]};
        for (std::size_t a = 0; a < alive.size(); ++a)
            for (std::size_t b = a + 1; b < alive.size(); ++b)
                if (at(alive[a], alive[b]) < at(best.first, best.second))
                    best = {alive[a], alive[b]};
        return best;
    }

    void merge(int i, int j, int newCluster)
    {
        for (const int other : alive) {
            if (other == i || other == j)
                continue;
            const double average = (size[i] * at(i, other) + size[j] * at(j, other)) / (size[i] + size[j]);
            at(i, other) = at(other, i) = average;
        }
        size[i] += size[j];
        cluster[i] = newCluster;
        std::erase(alive, j);
    }
};

std::vector<int> leavesOf(const std::vector<Clustering::Merge>& merges, int cluster, int numExperts)
{
    if (cluster < numExperts)
        return {cluster};
    const auto& merge = merges[static_cast<std::size_t>(cluster - numExperts)];
    auto leaves = leavesOf(merges, merge.left, numExperts);
    const auto right = leavesOf(merges, merge.right, numExperts);
    leaves.insert(leaves.end(), right.begin(), right.end());
    return leaves;
}

}  // namespace

double diversityNumber(std::span<const double> similarity, int numExperts)
{
    MOESCOPE_CHECK(similarity.size() == static_cast<std::size_t>(numExperts) * numExperts, "S is [E, E]");
    if (std::any_of(similarity.begin(), similarity.end(), [](double s) { return !std::isfinite(s); }))
        return std::numeric_limits<double>::quiet_NaN();
    double entropy = 0;
    for (const double eigenvalue : symmetricEigenvalues(similarity, numExperts)) {
        const double share = eigenvalue / numExperts;
        if (share > 0)
            entropy -= share * std::log(share);
    }
    return std::exp(entropy);
}

OffDiagonal offDiagonal(std::span<const double> similarity, int numExperts)
{
    MOESCOPE_CHECK(similarity.size() == static_cast<std::size_t>(numExperts) * numExperts, "S is [E, E]");
    OffDiagonal result{std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::infinity(), 0, 0};
    double sum = 0;
    for (int i = 0; i < numExperts; ++i) {
        for (int j = i + 1; j < numExperts; ++j) {
            const double value = similarity[static_cast<std::size_t>(i) * numExperts + j];
            sum += value;
            if (value > result.maximum)
                result = {0, value, i, j};
        }
    }
    const int numPairs = numExperts * (numExperts - 1) / 2;
    result.mean = numPairs > 0 ? sum / numPairs : std::numeric_limits<double>::quiet_NaN();
    if (!std::isfinite(result.maximum))
        result.maximum = std::numeric_limits<double>::quiet_NaN();
    return result;
}

Clustering clusterExperts(std::span<const double> similarity, int numExperts)
{
    MOESCOPE_CHECK(similarity.size() == static_cast<std::size_t>(numExperts) * numExperts, "S is [E, E]");
    AverageLinkage linkage{{similarity.begin(), similarity.end()}, {}, {}, {}, numExperts};
    for (double& value : linkage.distance)
        value = std::isfinite(value) ? 1 - value : 1;  // an unknown pair counts as unrelated
    for (int e = 0; e < numExperts; ++e) {
        linkage.alive.push_back(e);
        linkage.cluster.push_back(e);
        linkage.size.push_back(1);
    }
    Clustering result;
    while (linkage.alive.size() > 1) {
        const auto [i, j] = linkage.closest();
        result.merges.push_back({linkage.cluster[i], linkage.cluster[j], linkage.at(i, j)});
        linkage.merge(i, j, numExperts + static_cast<int>(result.merges.size()) - 1);
    }
    const int root = numExperts + static_cast<int>(result.merges.size()) - 1;
    if (numExperts > 0)
        result.order = leavesOf(result.merges, result.merges.empty() ? 0 : root, numExperts);
    return result;
}

std::vector<int> cutTree(const Clustering& clustering, double height, int numExperts)
{
    std::vector<int> group(static_cast<std::size_t>(numExperts), -1);
    int next = 0;
    const std::function<void(int, bool)> walk = [&](int cluster, bool inGroup) {
        if (cluster < numExperts) {
            group[static_cast<std::size_t>(cluster)] = inGroup ? next : next++;
            return;
        }
        const auto& merge = clustering.merges[static_cast<std::size_t>(cluster - numExperts)];
        const bool together = inGroup || merge.height <= height;
        walk(merge.left, together);
        walk(merge.right, together);
        if (together && !inGroup)
            ++next;
    };
    if (numExperts > 0)
        walk(clustering.merges.empty() ? 0 : numExperts + static_cast<int>(clustering.merges.size()) - 1, false);
    return group;
}

}  // namespace moescope
