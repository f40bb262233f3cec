// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/capacity_groups.h"

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"

namespace moescope {

namespace {

/// Valid tokens of [begin, end) times k, or the taken pairs where k varies.
std::int64_t demandOf(const RouteContext& context, const RoutePlan& plan, std::int64_t beginToken,
    std::int64_t endToken, const CapacityGroup& group)
{
    if (plan.choices == 0) {
        const bool* taken = plan.taken_M.defined() ? plan.taken_M.const_data_ptr<bool>() : nullptr;
        return taken == nullptr ? group.endPair - group.firstPair
                                : std::count(taken + group.firstPair, taken + group.endPair, true);
    }
    if (!context.valid_T.defined())
        return (endToken - beginToken) * plan.choices;
    const bool* valid = context.valid_T.const_data_ptr<bool>();
    return std::count(valid + beginToken, valid + endToken, true) * plan.choices;
}

}  // namespace

CapacityRule::CapacityRule(const PartArgs& args)
    : factor(args.number("factor"))
    , evaluationFactor(args.number("evaluation_factor"))
    , wholeBatch(args.text("group") == "micro-batch")
{
}

std::vector<CapacityGroup> capacityGroups(const CapacityRule& rule, const RouteContext& context, const RoutePlan& plan)
{
    const std::int64_t tokens = plan.logits_TE.size(0), experts = plan.logits_TE.size(1);
    const std::int64_t length = rule.wholeBatch || context.sequenceLength == 0 ? tokens : context.sequenceLength;
    MOESCOPE_CHECK(length == 0 || tokens % length == 0, "the tokens are whole sequences");
    const std::int64_t* token = plan.token_M.const_data_ptr<std::int64_t>();
    const std::int64_t* endOfPairs = token + plan.token_M.numel();

    std::vector<CapacityGroup> groups;
    const std::int64_t* next = token;
    for (std::int64_t begin = 0; begin < tokens; begin += length) {
        CapacityGroup group;
        group.firstPair = next - token;
        next = std::lower_bound(next, endOfPairs, begin + length);
        group.endPair = next - token;
        group.demand = static_cast<double>(demandOf(context, plan, begin, begin + length, group));
        group.places = wholePlaces(rule.factorOf(context) * group.demand / static_cast<double>(experts));
        groups.push_back(group);
    }
    return groups;
}

std::int64_t wholePlaces(double places) { return static_cast<std::int64_t>(std::ceil(places - 1e-9)); }

void fillInOrder(const RoutePlan& plan, const CapacityGroup& group, std::vector<std::int64_t> places_E, bool* kept_M)
{
    const std::int64_t* token = plan.token_M.const_data_ptr<std::int64_t>();
    const std::int64_t* expert = plan.expert_M.const_data_ptr<std::int64_t>();
    const bool* taken = plan.taken_M.defined() ? plan.taken_M.const_data_ptr<bool>() : nullptr;

    std::vector<std::vector<std::int64_t>> byChoice;  // pairs of first choices, of second choices, …
    std::size_t choice = 0;
    for (std::int64_t i = group.firstPair; i < group.endPair; ++i) {
        choice = i > group.firstPair && token[i] == token[i - 1] ? choice + 1 : 0;
        if (choice == byChoice.size())
            byChoice.emplace_back();
        if (taken == nullptr || taken[i])
            byChoice[choice].push_back(i);
    }
    for (const auto& pairs : byChoice)
        for (const std::int64_t i : pairs)
            kept_M[i] = places_E[static_cast<std::size_t>(expert[i])]-- > 0;
}

std::vector<Field> capacityFields(double evaluationFactor)
{
    return {
        numberField("factor", "Capacity factor", 1.25, 0.01, 1e3,
            "Places of an expert in training, in units of its fair share k T / E."),
        numberField("evaluation_factor", "In evaluation", evaluationFactor, 0, 1e3,
            "The same in evaluation; 0 drops nothing. Papers use 2; with two or more experts per token that lets later "
            "tokens change earlier ones."),
        choiceField("group", "Tokens that compete", {"sequence", "micro-batch"},
            "One sequence: results are the same for any number of ranks. The micro-batch of a rank: fewer drops, but "
            "sequences influence each other."),
    };
}

std::vector<ConditionalTrait> fillInOrderTraits()
{
    return {
        {Trait::LeaksFuture, {{"selector.k", 1, {}}}},
        {Trait::LeaksFutureInEvaluation, {{"selector.k", 1, {}}, {"evaluation_factor", 0, {}}}},
        {Trait::BatchCoupled, {{"group", 0, {"micro-batch"}}}},
    };
}

}  // namespace moescope
