// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Whom the conformance suite examines: every shipped recipe, every registered part in an otherwise plain recipe, and
// settings that change a trait. Adding a part or a recipe adds it here by itself.
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

    /// The recipe with k at most `numExperts`, or at exactly `k` when that is given.
    RoutingConfig routing(std::int64_t numExperts, std::int64_t k = 0) const
    {
        RoutingConfig config = routingOf(recipe);
        if (config.scorer.part == "recurrent")  // differences over every number of it
            config.scorer.settings["state_size"] = std::int64_t{8};
        const auto set = config.selector.settings.find("k");
        if (set != config.selector.settings.end())
            set->second = k > 0 ? k : std::min(std::get<std::int64_t>(set->second), numExperts);
        return config;
    }
};

/// A router of the subject with decided routing.
inline std::unique_ptr<RouterFixture> examined(const Subject& subject, std::uint64_t seed = 1)
{
    auto fixture = subject.fixture(subject.numFeedForward(), seed);
    fixture->spreadWeights(0.5);
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
    return subject;
}

inline std::vector<Subject> makeSubjects()
{
    const Catalog catalog = testCatalog();
    std::vector<Subject> subjects;
    for (const RecipeInfo& recipe : catalog.recipes)
        subjects.push_back({recipe.id, recipe});
    for (const PartInfo& part : catalog.parts) {
        PartChoice choice{part.name, {}};
        for (const Field& field : part.fields)
            if (field.key == "k")
                choice.settings["k"] = field.fallback;
        Subject subject = variant(std::string(slotKey(part.slot)) + "_" + part.name, part.slot, choice);
        if (part.choices == 1)
            subject.recipe.weigher = {"as-is", {}};  // a single choice is not renormalised
        if (part.slot == Slot::Scorer && part.name == "none")
            subject.recipe.losses.clear();  // there is nothing that a loss could teach
        if (part.name == "zero-reward")     // rewards nothing where there is no zero expert
            subject.recipe.model["zero_experts"] = std::int64_t{1};
        subjects.push_back(std::move(subject));
    }
    const std::string batch = "micro-batch", add = "add-logits";
    subjects.push_back(variant("position_in_evaluation", Slot::Capacity, {"position", {{"evaluation_factor", 1.0}}}));
    subjects.push_back(variant("position_of_batch", Slot::Capacity, {"position", {{"group", batch}}}));
    subjects.push_back(variant(
        "probability_of_batch", Slot::Capacity, {"probability", {{"evaluation_factor", 1.0}, {"group", batch}}}));
    subjects.push_back(variant("jitter_input", Slot::Scorer, {"linear", {{"jitter", 0.1}, {"bias", true}}}));
    subjects.push_back(variant("jitter_logits", Slot::Scorer, {"linear", {{"jitter", 0.1}, {"jitter_mode", add}}}));
    subjects.push_back(
        variant("expert_dropout", Slot::Selector, {"top-k", {{"k", std::int64_t{2}}, {"expert_dropout", 0.3}}}));
    const std::string sequence = "sequence", asTraining = "as-training";
    for (const std::string selector : {"expert-choice", "race"}) {
        subjects.push_back(variant(
            selector + "_of_sequence", Slot::Selector, {selector, {{"k", std::int64_t{2}}, {"group", sequence}}}));
        subjects.push_back(variant(selector + "_as_training", Slot::Selector,
            {selector, {{"k", std::int64_t{2}}, {"group", sequence}, {"evaluation", asTraining}}}));
        subjects.push_back(variant(selector + "_as_training_of_batch", Slot::Selector,
            {selector, {{"k", std::int64_t{2}}, {"evaluation", asTraining}}}));
    }
    subjects.push_back(
        variant("sinkhorn_of_sequence", Slot::Selector, {"sinkhorn", {{"k", std::int64_t{2}}, {"group", sequence}}}));
    subjects.push_back(variant("no_expert_stands_aside", Slot::Selector, {"cluster-top-1", {{"dropout", 0.0}}}));
    subjects.back().recipe.weigher = {"as-is", {}};
    const std::string none = "none", dimensions = "dimensions", gate = "sigmoid";
    subjects.push_back(variant("cosine_of_long_tokens", Slot::Scorer,
        {"cosine", {{"projection", dimensions}, {"normalise_token", false}, {"scale", 1.5}}}));
    subjects.push_back(
        variant("cosine_perturbed", Slot::Scorer, {"cosine", {{"projection", none}, {"perturbation", 0.1}}}));
    subjects.push_back(
        variant("learned_temperature_of_sigmoid", Slot::ScoreMap, {"learned-temperature", {{"gate", gate}}}));
    for (const std::string mode : {"A", "C", "D", "E", "F"})
        subjects.push_back(variant("balance_" + mode, Slot::Loss, {"balance", {{"mode", mode}}}));
    for (Subject& subject : subjects)
        std::ranges::replace(subject.name, '-', '_');
    return subjects;
}

inline const std::vector<Subject>& subjects()
{
    static const std::vector<Subject> all = makeSubjects();
    return all;
}

inline std::string subjectName(const testing::TestParamInfo<std::size_t>& info) { return subjects()[info.param].name; }

/// Fixture of all conformance suites; the parameter is an index into subjects().
class OfEverySubject : public testing::TestWithParam<std::size_t> {
protected:
    const Subject& subject() const { return subjects()[GetParam()]; }
};

}  // namespace moescope
