// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Noise of a router as a function of where it acts, so that ranks, resume and recomputation draw the same numbers.
#pragma once

#include <cstdint>

#include "engine/model/philox.h"
#include "engine/routing/router.h"

namespace moescope {

/// Philox stream of one use of noise in one layer and step. `use` is a letter of its own for each part that draws.
inline std::uint64_t noiseStream(char use, const RouteContext& context)
{
    return static_cast<std::uint64_t>(static_cast<unsigned char>(use)) << 56
        | static_cast<std::uint64_t>(context.layer.value) << 40 | static_cast<std::uint64_t>(context.step.value);
}

/// Uniform in (0, 1), one for each token of the global batch; `row` counts from the first local token.
inline double tokenUniform(char use, const RouteContext& context, std::int64_t row)
{
    const auto place = static_cast<std::uint64_t>(context.firstToken + row);
    return (philoxAt(context.seed, noiseStream(use, context), place)[0] + 0.5) * 0x1p-32;
}

}  // namespace moescope
