// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A catalog of a few parts and recipes for tests that must not link LibTorch.
#pragma once

#include "engine/config/catalog.h"

namespace moescope {

inline Field smallField(std::string key, FieldType type, Value fallback, double minimum, double maximum)
{
    Field field;
    field.key = std::move(key);
    field.label = field.key;
    field.type = type;
    field.fallback = std::move(fallback);
    field.minimum = minimum;
    field.maximum = maximum;
    field.help = "For tests.";
    return field;
}

inline PartInfo smallPart(Slot slot, std::string name, std::vector<Field> fields = {}, std::vector<Trait> traits = {})
{
    PartInfo part;
    part.slot = slot;
    part.name = std::move(name);
    part.summary = "For tests.";
    part.formula = "y = x";
    part.source = "tests/support";
    part.traits = std::move(traits);
    part.fields = std::move(fields);
    return part;
}

/// Recipes smoe (top-k, k 2, balance 0.01), switch (top-1, capacity), dense (one expert).
inline Catalog smallCatalog()
{
    const Field k = smallField("k", FieldType::Integer, std::int64_t{2}, 1, 64);
    const Field coefficient = smallField("coefficient", FieldType::Number, 0.01, 0, 100);
    const Field factor = smallField("capacity_factor", FieldType::Number, 1.25, 0.1, 100);
    Field form = smallField("form", FieldType::Choice, std::string("switch"), 0, 0);
    form.choices = {"switch", "gshard", "st-moe"};

    Catalog catalog;
    catalog.parts = {
        smallPart(Slot::Scorer, "linear"),
        smallPart(Slot::ScoreMap, "softmax"),
        smallPart(Slot::ScoreMap, "sigmoid"),
        smallPart(Slot::Selector, "top-k", {k}),
        smallPart(Slot::Selector, "expert-choice", {factor}, {Trait::BatchCoupled, Trait::LeaksFuture}),
        smallPart(Slot::Capacity, "dropless"),
        smallPart(Slot::Capacity, "by-position", {factor}, {Trait::BatchCoupled}),
        smallPart(Slot::Weigher, "as-is"),
        smallPart(Slot::Weigher, "renormalise"),
        smallPart(Slot::Loss, "balance", {coefficient, form}, {Trait::GlobalScope}),
        smallPart(Slot::Loss, "z", {coefficient}),
        smallPart(Slot::Hook, "k-schedule", {smallField("start", FieldType::Number, 0.5, 0, 1)}, {Trait::VariableK}),
    };
    catalog.parts[4].choices = 2;
    catalog.parts[10].fitsDense = true;
    catalog.parts[8].minimumChoices = 2;

    RecipeInfo smoe;
    smoe.id = "smoe";
    smoe.title = "SMoE";
    smoe.summary = "Top-k of a softmax.";
    smoe.paper = "Shazeer et al. 2017";
    smoe.scorer = {"linear", {}};
    smoe.scoreMap = {"softmax", {}};
    smoe.selector = {"top-k", {{"k", std::int64_t{2}}}};
    smoe.capacity = {"dropless", {}};
    smoe.weigher = {"renormalise", {}};
    smoe.losses["balance"] = {"balance", {{"coefficient", 0.01}}};

    RecipeInfo switchRecipe = smoe;
    switchRecipe.id = "switch";
    switchRecipe.title = "Switch";
    switchRecipe.selector.settings["k"] = std::int64_t{1};
    switchRecipe.capacity = {"by-position", {{"capacity_factor", 1.0}}};
    switchRecipe.weigher = {"as-is", {}};

    RecipeInfo dense = switchRecipe;
    dense.id = "dense";
    dense.title = "Dense";
    dense.capacity = {"dropless", {}};
    dense.losses.clear();
    dense.model["num_experts"] = std::int64_t{1};

    catalog.recipes = {dense, smoe, switchRecipe};
    return catalog;
}

}  // namespace moescope
