// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Summaries of expert x expert similarity matrices. spec: diagnostics 4.F; golden case 33.
#pragma once

#include <span>
#include <vector>

namespace moescope {

/// D = exp(-sum lambda ln lambda), lambda = eigenvalues of S/E, negative ones clipped at 0. 1 = all alike, E = all different.
/// `similarity` is [E, E] row-major, symmetric, unit diagonal. NaN when it holds a NaN.
double diversityNumber(std::span<const double> similarity, int numExperts);

struct OffDiagonal {
    double mean = 0, maximum = 0;
    int first = 0, second = 0;  ///< the pair with the maximum
};
OffDiagonal offDiagonal(std::span<const double> similarity, int numExperts);

/// Average linkage on 1 - S: merges in order, and the leaf order that puts similar experts side by side.
struct Clustering {
    struct Merge {
        int left = 0, right = 0;  ///< cluster ids: leaves 0 .. E-1, then E, E+1, … in the order of the merges
        double height = 0;  ///< 1 - average similarity
    };
    std::vector<Merge> merges;
    std::vector<int> order;
};
Clustering clusterExperts(std::span<const double> similarity, int numExperts);

/// Cluster number of each expert when the tree is cut at `height`, numbered from 0 in leaf order.
std::vector<int> cutTree(const Clustering& clustering, double height, int numExperts);

}  // namespace moescope
