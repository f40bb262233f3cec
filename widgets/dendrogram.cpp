// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dendrogram.h"

#include <algorithm>
#include <numeric>

namespace moescope {

namespace {

bool fits(const std::vector<TreeMerge>& merges, std::size_t leaves)
{
    if (leaves < 2 || merges.size() + 1 != leaves)
        return false;
    for (std::size_t i = 0; i < merges.size(); ++i) {
        const int known = int(leaves + i);
        const TreeMerge& m = merges[i];
        if (m.left < 0 || m.right < 0 || m.left >= known || m.right >= known || m.left == m.right)
            return false;
    }
    return true;
}

}  // namespace

std::vector<TreeLine> treeLines(const std::vector<TreeMerge>& merges, const std::vector<int>& order, double cut)
{
    if (!fits(merges, order.size()))
        return {};
    const std::size_t leaves = order.size();
    std::vector<double> place(leaves + merges.size(), 0), height(leaves + merges.size(), 0);
    for (std::size_t i = 0; i < leaves; ++i) {
        if (order[i] < 0 || std::size_t(order[i]) >= leaves)
            return {};
        place[std::size_t(order[i])] = double(i) + 0.5;
    }
    std::vector<TreeLine> lines;
    for (std::size_t i = 0; i < merges.size(); ++i) {
        const auto left = std::size_t(merges[i].left), right = std::size_t(merges[i].right);
        const double h = merges[i].height;
        const bool below = h <= cut;
        lines.push_back({{h, place[left], h, place[right]}, below});
        for (const std::size_t child : {left, right})
            lines.push_back({{height[child], place[child], h, place[child]}, below});
        place[leaves + i] = (place[left] + place[right]) / 2;
        height[leaves + i] = h;
    }
    return lines;
}

std::vector<int> treeClusters(const std::vector<TreeMerge>& merges, const std::vector<int>& order, double cut)
{
    const std::size_t leaves = order.size();
    std::vector<int> parent(leaves + merges.size());
    std::iota(parent.begin(), parent.end(), 0);
    if (fits(merges, leaves)) {
        for (std::size_t i = 0; i < merges.size(); ++i) {
            if (merges[i].height <= cut)
                parent[std::size_t(merges[i].left)] = parent[std::size_t(merges[i].right)] = int(leaves + i);
        }
    }
    const auto root = [&parent](int id) {
        while (parent[std::size_t(id)] != id)
            id = parent[std::size_t(id)];
        return id;
    };
    std::vector<int> roots, cluster(leaves, 0);
    for (const int leaf : order) {
        const int r = root(leaf);
        const auto known = std::find(roots.begin(), roots.end(), r);
        cluster[std::size_t(leaf)] = int(known - roots.begin());
        if (known == roots.end())
            roots.push_back(r);
    }
    return cluster;
}

}  // namespace moescope
