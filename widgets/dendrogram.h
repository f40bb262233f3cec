// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The tree beside a clustered matrix: its lines in unit coordinates, and the clusters below a cut.
#pragma once

#include <vector>

#include <QLineF>

namespace moescope {

/// A merge; clusters are leaves 0 … n−1, then n, n+1, … in the order of the merges.
struct TreeMerge {
    int left = 0, right = 0;
    double height = 0;
};

struct TreeLine {
    QLineF line;         ///< x = height, y = leaf place + 0.5
    bool below = false;  ///< the merge lies at or below the cut
};

/// Lines of the tree for leaves in `order`. A tree that does not fit (`order` of another length, bad ids) has no lines.
std::vector<TreeLine> treeLines(const std::vector<TreeMerge>& merges, const std::vector<int>& order, double cut);
/// Cluster of each leaf at the cut, numbered from 0 in the given order.
std::vector<int> treeClusters(const std::vector<TreeMerge>& merges, const std::vector<int>& order, double cut);

}  // namespace moescope
