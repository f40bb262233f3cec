// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/line_diff.h"

#include <algorithm>

namespace moescope {

namespace {

/// Lengths of the longest common subsequence of the tails from (i, j).
std::vector<std::vector<int>> commonLengths(const QStringList& a, const QStringList& b)
{
    std::vector<std::vector<int>> length(std::size_t(a.size()) + 1, std::vector<int>(std::size_t(b.size()) + 1, 0));
    for (qsizetype i = a.size() - 1; i >= 0; --i) {
        for (qsizetype j = b.size() - 1; j >= 0; --j) {
            const auto x = std::size_t(i), y = std::size_t(j);
            length[x][y] = a[i] == b[j] ? length[x + 1][y + 1] + 1 : std::max(length[x + 1][y], length[x][y + 1]);
        }
    }
    return length;
}

}  // namespace

std::vector<DiffLine> lineDiff(const QStringList& before, const QStringList& after)
{
    const auto length = commonLengths(before, after);
    std::vector<DiffLine> out;
    qsizetype i = 0, j = 0;
    while (i < before.size() || j < after.size()) {
        if (i < before.size() && j < after.size() && before[i] == after[j]) {
            out.push_back({LineKind::Same, after[j]});
            ++i, ++j;
        } else if (i < before.size()
            && (j == after.size()
                || length[std::size_t(i) + 1][std::size_t(j)] >= length[std::size_t(i)][std::size_t(j) + 1])) {
            out.push_back({LineKind::Removed, before[i++]});
        } else {
            out.push_back({LineKind::Added, after[j++]});
        }
    }
    return out;
}

std::vector<DiffLine> onlyChanges(const std::vector<DiffLine>& diff, int context)
{
    std::vector<bool> near(diff.size(), false);
    for (std::size_t i = 0; i < diff.size(); ++i) {
        if (diff[i].kind == LineKind::Same)
            continue;
        const std::size_t from = i - std::min(i, std::size_t(context)),
                          to = std::min(diff.size(), i + std::size_t(context) + 1);
        std::fill(near.begin() + std::ptrdiff_t(from), near.begin() + std::ptrdiff_t(to), true);
    }
    std::vector<DiffLine> out;
    for (std::size_t i = 0; i < diff.size(); ++i) {
        if (near[i])
            out.push_back(diff[i]);
        else if (i == 0 || near[i - 1])
            out.push_back({LineKind::Same, QStringLiteral("…")});
    }
    return out;
}

}  // namespace moescope
