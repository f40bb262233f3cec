// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One recipe that the conformance suite examines, and how a part gets into a plain one.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "engine/config/routed_experts.h"
#include "tests/support/router_fixture.h"

namespace moescope {

inline constexpr std::int64_t kWidth = 16;

struct Subject {
    std::string name;
    RecipeInfo recipe;

    std::int64_t numFeedForward() const
    {
        const auto fixed = recipe.model.find("num_experts");
        return fixed == recipe.model.end() ? 8 : std::get<std::int64_t>(fixed->second);
    }

    /// Model fields that the recipe fixes or sets, but for the number of experts, which the tests choose.
    std::map<std::string, Value> modelFields() const
    {
        std::map<std::string, Value> fields = recipe.model;
        fields.insert(recipe.modelDefaults.begin(), recipe.modelDefaults.end());
        fields.erase("num_experts");
        return fields;
    }

    /// A router for so many feed-forward experts and what the recipe adds to them.
    std::unique_ptr<RouterFixture> fixture(std::int64_t feedForward, std::uint64_t seed = 1, std::int64_t k = 0) const
    {
        return std::make_unique<RouterFixture>(routing(feedForward, k), feedForward, kWidth, seed, modelFields());
    }

    /// All routed experts of examined().
    std::int64_t numExperts() const { return numRoutedExperts(modelWith(numFeedForward(), kWidth, modelFields())); }

    bool has(Trait trait) const
    {
        static const Catalog catalog = testCatalog();
        const std::vector<Trait> traits = traitsOf(catalog, recipe);
        return std::ranges::find(traits, trait) != traits.end();
    }

    bool competes() const { return recipe.selector.part == "competition"; }

    /// Whether the gradient of a loss stops at numbers that a small change of the tokens would move.
    bool stopsGradient(const std::string& loss) const
    {
        const PartChoice& choice = recipe.losses.at(loss);
        return choice.part == "similarity" || (choice.part == "imitation" && !choice.settings.contains("detach"));
    }

    /// Whose weights a loss moves.
    struct Reach {
        bool router = true, experts = false;
    };
    Reach reachOf(const std::string& loss) const
    {
        const std::string& part = recipe.losses.at(loss).part;
        if (part == "imitation")
            return {true, !stopsGradient(loss)};
        if (part == "diversity" || part == "similarity" || (part == "balance" && competes()))
            return {false, true};  // made of answers
        return {};
    }

    /// The recipe with k at most `numExperts`, or at exactly `k` when that is given.
    RoutingConfig routing(std::int64_t numExperts, std::int64_t k = 0) const
    {
        RoutingConfig config = routingOf(recipe);
        if (config.scorer.part == "recurrent")  // differences over every number of it
            config.scorer.settings["state_size"] = std::int64_t{8};
        const auto set = config.selector.settings.find("k");
        if (set != config.selector.settings.end())
            set->second = k > 0 ? k : std::min(std::get<std::int64_t>(set->second), numExperts);
        for (auto& [tag, hook] : config.hooks) {
            if (hook.part == "two-stages")
                hook.settings["first_stage"] = 1.0;  // the last stage is examined by tests of the methods
            if (hook.part == "k-schedule" && k > 0)
                hook.settings["from"] = hook.settings["to"] = k;
        }
        for (auto& [tag, hook] : config.hooks)
            if (hook.part == "competition-schedule")
                hook.settings = {{"rate", 1.0}, {"max_layers", std::int64_t{4096}}};
        for (auto& [tag, loss] : config.losses)
            if (loss.part == "similarity")
                loss.settings["tokens_per_feature"] = 0.0;
        return config;
    }
};

/// A router of the subject with decided routing.
inline std::unique_ptr<RouterFixture> examined(const Subject& subject, std::uint64_t seed = 1)
{
    auto fixture = subject.fixture(subject.numFeedForward(), seed);
    fixture->spreadWeights(0.5);
    for (const ParameterStore::Buffer& buffer : fixture->store.buffers())
        if (buffer.name.ends_with(".pair_shares"))
            buffer.value.fill_(1e3);  // every pair is due
    fixture->router->onStepBegin(Step{3}, 10);
    return fixture;
}

inline at::Tensor hiddenOf(std::int64_t tokens, std::uint64_t seed = 1)
{
    return initialNormal(seed, "hidden", {tokens, kWidth}, 1.0);
}

inline RecipeInfo plainRecipe()
{
    RecipeInfo recipe;
    recipe.id = "plain";
    recipe.scorer = {"linear", {}};
    recipe.scoreMap = {"softmax", {}};
    recipe.selector = {"top-k", {{"k", std::int64_t{2}}}};
    recipe.capacity = {"dropless", {}};
    recipe.weigher = {"renormalised", {}};
    recipe.losses["balance"] = {"balance", {}};
    return recipe;
}

inline Subject variant(std::string name, Slot slot, PartChoice choice)
{
    Subject subject{std::move(name), plainRecipe()};
    if (slot == Slot::Loss)
        subject.recipe.losses = {{choice.part, choice}};
    else if (slot == Slot::Hook)
        subject.recipe.hooks = {{choice.part, choice}};
    else
        singleChoice(subject.recipe, slot) = choice;
    if (slot == Slot::Selector && subject.has(Trait::DenseForm)) {
        subject.recipe.losses.clear();  // the balance loss wants pairs
        subject.recipe.weigher = {"as-is", {}};
    }
    return subject;
}

/// The part in a plain recipe, together with those that it cannot do without.
inline Subject variantOf(const PartInfo& part, PartChoice choice)
{
    Subject subject = variant(std::string(slotKey(part.slot)) + "_" + part.name, part.slot, std::move(choice));
    for (const PartNeed& need : part.needs)
        singleChoice(subject.recipe, need.slot) = {need.part, {}};
    if (part.slot == Slot::Selector && part.choices == 1)
        subject.recipe.weigher = {"as-is", {}};  // renormalising needs two
    return subject;
}

/// What needs a competition gets one.
inline Subject withCompetition(Subject subject)
{
    subject.recipe.selector = {"competition", {{"k", std::int64_t{2}}}};
    return subject;
}

}  // namespace moescope
