// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The small mixture of experts of Chen et al. 2022 (arXiv:2208.02813, section 4), trained on their patch mixture: the
// built-in check that a router finds clusters when its experts are nonlinear, and does not when they are linear.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/data/patch_mixture.h"

namespace moescope {

/// f_m(x)[class] = sum over 8 filters and 4 patches of (w · patch)^3, or of w · patch; the router scores the sum of the
/// patches; one expert a point, weighed by its softmax.
struct PatchExpertsSettings {
    bool nonlinear = true;
    int numExperts = 8, numFilters = 8;  ///< filters for each class
    int epochs = 500;                    ///< each is one step on the whole training set
    double expertRate = 1e-3;            ///< the gradient of each expert is scaled to length 1
    double routerRate = 0.1;             ///< plain gradient descent
    double initialDeviation = 1e-4;      ///< of the filters; the router starts at 0
    double patience = 0.02;              ///< ends when the loss is so far above its least, as the published code does
    std::uint64_t seed = 1;
};

struct PatchExpertsReport {
    double accuracy = 0;         ///< on the test points
    double dispatchEntropy = 0;  ///< H(cluster | expert) on them, nats, without noise; ln 4 = 1.386 knows nothing
    double normalisedInformation = 0;
    std::vector<double> entropies;  ///< dispatch entropy of the training points (with noise) at each epoch
};

/// Noise U(0, 1) is added to the router's scores in training, drawn anew at each epoch. Calling thread; 16,000 points
/// and 500 epochs take tens of seconds.
PatchExpertsReport trainPatchExperts(
    const PatchExpertsSettings& settings, const PatchMixture::Points& training, const PatchMixture::Points& test);

}  // namespace moescope
