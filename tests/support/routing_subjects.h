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
        Subject subject = variantOf(part, std::move(choice));
        if (part.name == "imitation" || part.name == "diversity" || part.name == "competition-schedule")
            subject = withCompetition(std::move(subject));
        if (part.name == "zero-reward")  // rewards nothing where there is no zero expert
            subject.recipe.model["zero_experts"] = std::int64_t{1};
        if (part.slot == Slot::Scorer && part.name == "none")
            subject.recipe.losses.clear();  // there is nothing that a loss could teach
        subjects.push_back(std::move(subject));
    }
    const std::string batch = "micro-batch", add = "add-logits", softplus = "softplus", all = "all";
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
    const std::string load = "load";
    subjects.push_back(variant("variation_of_load", Slot::Loss, {"variation", {{"of", load}}}));
    subjects.back().recipe.scorer = {"noisy-linear", {}};
    subjects.push_back(variant(
        "competition_softplus", Slot::Selector, {"competition", {{"k", std::int64_t{3}}, {"response", softplus}}}));
    subjects.push_back(withCompetition(
        variant("imitation_hybrid", Slot::Loss, {"imitation", {{"target", all}, {"winners_share", 0.2}}})));
    const std::string before = "previous-segment";
    subjects.push_back(variant("merge_dropout", Slot::Selector, {"merge", {{"expert_dropout", 0.5}}}));
    subjects.push_back(
        variant("merge_segments", Slot::Selector, {"merge", {{"pool", before}, {"segment", std::int64_t{6}}}}));
    subjects.push_back(variant("token_mix_pairs", Slot::Selector,
        {"token-mix", {{"group", std::int64_t{2}}, {"temperature", 0.5}, {"learn_temperature", true}}}));
    subjects.push_back(variant("slots_noise", Slot::Scorer, {"slots", {{"slots", std::int64_t{3}}, {"noise", 0.5}}}));
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
