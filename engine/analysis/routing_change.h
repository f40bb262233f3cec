// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// How routing of the same tokens changes over a run: flips and saturation. spec: diagnostics 4.C; golden cases 13, 14.
#pragma once

#include <cstddef>
#include <span>

namespace moescope {

/// Experts of the same tokens at two times, [token, choice] row-major, best first; below 0 where a token has fewer.
struct RoutingPair {
    std::span<const double> before, after;
    std::size_t numChoices = 1;  ///< of both
};

/// Share of tokens whose best expert changed. 1 - 1/E for random routing. It depends on how far the two times lie
/// apart: show that with it. NaN without tokens.
double flipRate(const RoutingPair& pair);

/// Mean over tokens of |before ∩ after| / |after|; k/E for random routing. Tokens without experts are left out; NaN
/// when all are.
double saturation(const RoutingPair& pair);

}  // namespace moescope
