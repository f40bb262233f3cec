// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/leaky_evaluation.h"

#include <algorithm>

#include "engine/config/routing_slots.h"

namespace moescope {

bool leaksInEvaluation(const RoutingConfig& routing, const Catalog& catalog)
{
    RecipeInfo recipe;
    for (const Slot slot : kSingleSlots)
        singleChoice(recipe, slot) = singleChoice(routing, slot);
    recipe.losses = routing.losses;
    recipe.hooks = routing.hooks;
    return std::ranges::count(traitsOf(catalog, recipe), Trait::LeaksFutureInEvaluation) > 0;
}

bool isEvaluated(const RunConfig& config, const Catalog& catalog)
{
    return config.evaluation.acceptLeaky || !leaksInEvaluation(config.routing, catalog);
}

std::string whyNotEvaluated()
{
    return "with this routing a token's experts depend on later tokens in evaluation too, so bits per byte would be no "
           "likelihood and not comparable";
}

}  // namespace moescope
