// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What the rules that drop tokens share: their fields, the groups of tokens that compete for an expert's places, and
// how many places there are.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/routing/part_registry.h"

namespace moescope {

struct CapacityRule {
    double factor = 1.25, evaluationFactor = 0;  ///< 0 = dropless
    bool wholeBatch = false;  ///< one group for all tokens of the micro-batch, else one for each sequence

    explicit CapacityRule(const PartArgs& args);
    double factorOf(const RouteContext& context) const { return context.training ? factor : evaluationFactor; }
};

/// Pairs [firstPair, endPair) compete; each expert has `places` of them.
struct CapacityGroup {
    std::int64_t firstPair = 0, endPair = 0, places = 0;
    double demand = 0;  ///< k * tokens: what the places of all experts are shared out of
};

/// places = ceil(factor * k * tokens / E) with the group's valid tokens, as Megatron-LM does it; equal to Switch's
/// (T/E) CF at k = 1 and to GShard's 2N/(G E) at factor 1. Where k varies, k * tokens is the number of taken pairs.
std::vector<CapacityGroup> capacityGroups(const CapacityRule& rule, const RouteContext& context, const RoutePlan& plan);

/// Rounds up, but 1.1 * 10 is not 12.
std::int64_t wholePlaces(double places);

/// Marks in kept_M the pairs of the group that find a place: all first choices in token order, then all second ones, …
void fillInOrder(const RoutePlan& plan, const CapacityGroup& group, std::vector<std::int64_t> places_E, bool* kept_M);

/// evaluation_factor defaults to 0: at k > 1 neither rule is causal, and a perplexity would not be comparable.
std::vector<Field> capacityFields(double evaluationFactor);

/// Of a rule by fillInOrder() with these fields: second choices wait for the first ones of all later tokens.
std::vector<ConditionalTrait> fillInOrderTraits();

}  // namespace moescope
