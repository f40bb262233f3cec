// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The slots of a RecipeInfo or a RoutingConfig by number instead of by name.
#pragma once

#include "engine/base/check.h"
#include "engine/config/catalog.h"

namespace moescope {

/// Slots with exactly one part; losses and hooks have any number, by name.
inline constexpr Slot kSingleSlots[] = {Slot::Scorer, Slot::ScoreMap, Slot::Selector, Slot::Capacity, Slot::Weigher};

/// The part in a single slot of a RecipeInfo or RoutingConfig.
template <class Routing> auto& singleChoice(Routing& routing, Slot slot)
{
    switch (slot) {
    case Slot::Scorer:
        return routing.scorer;
    case Slot::ScoreMap:
        return routing.scoreMap;
    case Slot::Selector:
        return routing.selector;
    case Slot::Capacity:
        return routing.capacity;
    default:
        MOESCOPE_CHECK(slot == Slot::Weigher, "losses and hooks are no single slots");
        return routing.weigher;
    }
}

/// The named parts of a slot: losses or hooks.
template <class Routing> auto& namedChoices(Routing& routing, Slot slot)
{
    MOESCOPE_CHECK(slot == Slot::Loss || slot == Slot::Hook, "only losses and hooks have names");
    return slot == Slot::Loss ? routing.losses : routing.hooks;
}

}  // namespace moescope
