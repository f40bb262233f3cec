// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Whom the conformance suite examines: every shipped recipe, every registered part in an otherwise plain recipe, and
// settings that change a trait. Adding a part or a recipe adds it here by itself.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/routing_subject.h"

namespace moescope {

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
