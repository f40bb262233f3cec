// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The mixture of experts as a textbook writes it, in fp64 with ordinary autograd: what the fast layer is checked
// against.
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "engine/config/run_config.h"
#include "engine/routing/router.h"

namespace moescope::test {

struct Pair {
    std::int64_t token = 0, expert = 0;
    bool kept = true;
};

/// A plan from pairs in token order, with the given weights [M].
RoutePlan planOf(const std::vector<Pair>& pairs, const at::Tensor& weight_M, std::int64_t numExperts);

/// Every token to `choices` different experts, weights from N(0, 1), every `dropEvery`-th pair dropped (0: none).
std::vector<Pair> mixedPairs(std::int64_t numTokens, std::int64_t numExperts, std::int64_t choices, int dropEvery);

/// One pair after the other: y[t] += weight * act(x[t] * w1[e]) * w2[e]. All tensors fp64; carries the graph.
at::Tensor naiveMixture(Activation activation, const at::Tensor& x_TD, const std::vector<Pair>& pairs,
    const at::Tensor& weight_M, const at::Tensor& w1_EDH, const at::Tensor& w2_EHD);

}  // namespace moescope::test
