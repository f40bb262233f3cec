// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Normal numbers from counters, for synthetic tasks.
#pragma once

#include <cmath>

#include "engine/data/counter_random.h"

namespace moescope {

/// N(0, 1) by Box and Muller; two uniform draws each.
inline double normalNumber(CounterRandom& random)
{
    constexpr double kTwoPi = 6.283185307179586;
    const double radius = std::sqrt(-2 * std::log(1 - random.unit()));
    return radius * std::cos(kTwoPi * random.unit());
}

}  // namespace moescope
