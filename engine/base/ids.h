// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Numbers that must not be mixed up: a step is not a layer, a layer is not an expert.
#pragma once

#include <compare>
#include <cstdint>

namespace moescope {

template <class Tag, class Number> struct Id {
    Number value = 0;

    constexpr Id() = default;
    constexpr explicit Id(Number number)
        : value(number)
    {
    }
    friend constexpr auto operator<=>(Id, Id) = default;
};

using Step = Id<struct StepTag, std::int64_t>;  ///< number of optimiser updates done; the first record is step 1
using LayerId = Id<struct LayerTag, int>;  ///< ordinal of the MoE layer, from 0
using ExpertId = Id<struct ExpertTag, int>;  ///< from 0
using Rank = Id<struct RankTag, int>;  ///< process of a run, from 0

}  // namespace moescope
