// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// How well experts match known classes, from counts [class, expert]. spec: diagnostics 4.E; golden cases 18 to 21.
#pragma once

#include <span>

namespace moescope {

/// Of counts [class, expert], row-major; all 0 when nothing was counted. Entropies in nats.
struct Specialisation {
    double dispatchEntropy =
        0;  ///< H(class | expert): 0 = each expert has one class. Chen et al. 2022 (arXiv:2208.02813)
    double mutualInformation = 0;      ///< I(class; expert), without a correction for its bias
    double normalisedInformation = 0;  ///< 2 I / (H(class) + H(expert)); 0 when both are 0
    double adjustedRandIndex = 0;      ///< Hubert & Arabie 1985; 0 when there is only one way to divide
};
Specialisation specialisation(std::span<const double> counts, int numClasses, int numExperts);

}  // namespace moescope
