// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What routing is made of, as plain data: the parts that the engine has registered and the recipes that name them.
// The engine fills it from its registry and prints it (`describe --json`); the window reads that and knows no method by
// name.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/config/field.h"

namespace moescope {

enum class Slot { Scorer, ScoreMap, Selector, Capacity, Weigher, Loss, Hook };

/// "scorer", "score_map", "selector", "capacity", "weigher", "losses", "hooks": the key under `routing`.
std::string_view slotKey(Slot slot);
inline constexpr Slot kSlots[] = {
    Slot::Scorer, Slot::ScoreMap, Slot::Selector, Slot::Capacity, Slot::Weigher, Slot::Loss, Slot::Hook};

/// What a part does to training and evaluation. A recipe has the union of its parts' traits.
enum class Trait {
    NeedsTokenIds,
    NeedsExpertOutputs,
    VariableK,                ///< the number of experts per token is not the same for all tokens
    BatchCoupled,             ///< a token's experts depend on other sequences of the batch
    LeaksFuture,              ///< in training, a token's experts depend on later tokens of its sequence
    LeaksFutureInEvaluation,  ///< and in evaluation: a perplexity is then not comparable
    EvalDiffers,              ///< training and evaluation choose differently
    GlobalScope,              ///< needs sums over all ranks
    ChangesExperts,           ///< the routed experts are not all of one kind, width and sign
    DenseForm,                ///< mixes tokens or the experts' parameters instead of choosing (token, expert) pairs
    ChangesBlock,             ///< the block around the layer takes up the answer otherwise than h + y
    ChangesOptimiser,         ///< changes the experts' gradients before the optimiser sees them
};

inline constexpr Trait kTraits[] = {Trait::NeedsTokenIds, Trait::NeedsExpertOutputs, Trait::VariableK,
    Trait::BatchCoupled, Trait::LeaksFuture, Trait::LeaksFutureInEvaluation, Trait::EvalDiffers, Trait::GlobalScope,
    Trait::ChangesExperts, Trait::DenseForm, Trait::ChangesBlock, Trait::ChangesOptimiser};

/// "needs_token_ids", …
std::string_view traitName(Trait trait);

/// Holds for a number above `above`, or for a text that is one of `oneOf` when that is not empty.
struct TraitCondition {
    std::string key;  ///< a field of the part itself ("jitter") or of another slot ("selector.k", or its `choices`)
    double above = 0;
    std::vector<std::string> oneOf;

    friend bool operator==(const TraitCondition&, const TraitCondition&) = default;
};

/// A trait that a part has under some settings only: all conditions hold.
struct ConditionalTrait {
    Trait trait = Trait::VariableK;
    std::vector<TraitCondition> when;

    friend bool operator==(const ConditionalTrait&, const ConditionalTrait&) = default;
};

struct PartInfo {
    Slot slot = Slot::Scorer;
    std::string name;           ///< "top-k"
    std::string summary;        ///< one sentence
    std::string formula;        ///< as the paper writes it: "S = topk(p, k)"
    std::string source;         ///< paper and equation, or code
    std::vector<Trait> traits;  ///< under all settings
    std::vector<ConditionalTrait> conditionalTraits;
    std::vector<Field> fields;
    /// Smallest selector k with which the part makes sense. 2 for a weigher whose weights add up to 1 over the chosen
    /// experts: at k = 1 its weight is constant and the router gets no gradient.
    std::int64_t minimumChoices = 1;
    std::int64_t choices = 0;  ///< of a selector without a field `k`: experts that a token gets as a rule; 0 = see k
    bool fitsDense = false;    ///< of a loss: reads no pairs, so a selector with DenseForm will do

    friend bool operator==(const PartInfo&, const PartInfo&) = default;
};

/// One part with the settings that a recipe or a user gives it. Missing keys have the part's defaults.
struct PartChoice {
    std::string part;
    std::map<std::string, Value> settings;

    friend bool operator==(const PartChoice&, const PartChoice&) = default;
};

struct RecipeInfo {
    std::string id;  ///< the file name without .json
    std::string title;
    std::string summary;
    std::string paper;
    std::string code;          ///< repository the recipe was checked against, or empty
    std::string differences;   ///< where paper and code differ, and which one this follows
    std::string researchOnly;  ///< why it is no rival of the others ("mixes tokens"), or empty
    PartChoice scorer, scoreMap, selector, capacity, weigher;
    std::map<std::string, PartChoice> losses;  ///< by name; the name is the tag `loss/NAME`
    std::map<std::string, PartChoice> hooks;
    std::map<std::string, Value>
        model;  ///< model fields that the recipe fixes, e.g. num_experts = 1 of the dense control
    std::map<std::string, Value> modelDefaults;  ///< model fields that it sets unless the user does

    friend bool operator==(const RecipeInfo&, const RecipeInfo&) = default;
};

struct Catalog {
    std::vector<PartInfo> parts;
    std::vector<RecipeInfo> recipes;

    const PartInfo* part(Slot slot, std::string_view name) const;  ///< null when unknown
    const RecipeInfo* recipe(std::string_view id) const;

    friend bool operator==(const Catalog&, const Catalog&) = default;
};

struct RoutingConfig;

/// Experts of a token: the selector's `k`, else its `choices`, else 1.
std::int64_t choicesOf(const RoutingConfig& routing, const Catalog& catalog);

/// Union of the traits of all parts of a recipe under its settings, in the order of the enum.
std::vector<Trait> traitsOf(const Catalog& catalog, const RecipeInfo& recipe);

}  // namespace moescope
