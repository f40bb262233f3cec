// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The mixture of classification problems of Chen et al. 2022 (Towards Understanding Mixture of Experts in Deep
// Learning, arXiv:2208.02813, definition 3.1 and section 6; code: uclaml/MoE). spec: diagnostics 8.1, B1.
#pragma once

#include <cstdint>
#include <vector>

namespace moescope {

struct PatchSettings {
    static constexpr int kPatches = 4, kWidth = 50, kClusters = 4;
    double noise = 1;       ///< σ; the noise patch has deviation σ/√50
    double distractor = 3;  ///< γ is uniform from 0.5 to this

    /// Settings 1 to 4 of the paper: (σ, γ) = (1, 3), (2, 3), (1, 2), (2, 2).
    static PatchSettings ofPaper(int setting);
};

/// Four patches a point, in random order, all times 10: the label's signal y α v_c, the cluster's signal β c_c, another
/// cluster's signal ±γ v_c', and Gaussian noise. α ~ U(0.5, 2), β ~ U(1, 2); v and c are eight orthonormal vectors.
class PatchMixture {
public:
    PatchMixture(PatchSettings settings, std::uint64_t seed);

    struct Points {
        std::vector<float> inputs;  ///< [point, patch, width]
        std::vector<int> labels;    ///< 0 or 1
        std::vector<int> clusters;
    };

    /// `part` tells training text (0) and test (1) apart.
    Points draw(std::uint64_t part, int numPoints) const;

private:
    PatchSettings m_settings;
    std::uint64_t m_seed;
    std::vector<double> m_vectors;  ///< [8, width], orthonormal: 0..3 labels' signals, 4..7 clusters' signals
};

}  // namespace moescope
