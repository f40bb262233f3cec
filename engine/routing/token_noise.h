// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Noise of a router as a function of where it acts, so that ranks, resume and recomputation draw the same numbers.
#pragma once

#include <cstdint>

#include "engine/data/counter_random.h"
#include "engine/routing/router.h"

namespace moescope {

/// The generator of one token of the global batch; `row` counts from the first local token. `use` is a letter of its
/// own for each part that draws.
inline CounterRandom tokenRandom(char use, const RouteContext& context, std::int64_t row)
{
    return CounterRandom{context.seed, static_cast<std::uint64_t>(static_cast<unsigned char>(use)),
        static_cast<std::uint64_t>(context.layer.value), static_cast<std::uint64_t>(context.step.value),
        static_cast<std::uint64_t>(context.firstToken + row)};
}

}  // namespace moescope
