// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Line difference of two texts: what stayed, what went, what came.
#pragma once

#include <vector>

#include <QString>
#include <QStringList>

namespace moescope {

enum class LineKind { Same, Removed, Added };

struct DiffLine {
    LineKind kind = LineKind::Same;
    QString text;
    friend bool operator==(const DiffLine&, const DiffLine&) = default;
};

/// Longest common subsequence of lines; a removed line comes before the added one that takes its place.
std::vector<DiffLine> lineDiff(const QStringList& before, const QStringList& after);
/// Only changed lines with `context` lines around them; a gap is one Same line of "…".
std::vector<DiffLine> onlyChanges(const std::vector<DiffLine>& diff, int context = 2);

}  // namespace moescope
