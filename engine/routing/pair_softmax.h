// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A softmax of its own for the pairs of each token, whether tokens have equally many or not.
#pragma once

#include <ATen/core/Tensor.h>

#include "engine/routing/router.h"

namespace moescope {

/// exp(v_i) / sum over the pairs of the same token, [M]. Carries the graph.
at::Tensor softmaxOfToken(const RoutePlan& plan, const at::Tensor& value_M);

}  // namespace moescope
