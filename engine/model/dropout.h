// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Dropout whose mask is a function of where an element stands in the global batch, so that ranks change nothing.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace moescope {

/// Names one use of dropout. Equal places have equal masks, also in backward and in recomputation.
struct DropoutPlace {
    std::uint64_t seed = 0;
    std::int64_t step = 0;
    int block = 0;
    std::int64_t firstToken = 0;  ///< global index of row 0
};

/// x_TD with each element zero with probability `rate`, else divided by (1 - rate). Carries the graph.
at::Tensor dropout(const at::Tensor& x_TD, double rate, const DropoutPlace& place);

}  // namespace moescope
