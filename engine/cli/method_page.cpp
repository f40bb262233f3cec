// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/method_page.h"

#include <utility>
#include <vector>

#include "engine/config/routing_slots.h"
#include "engine/config/value_text.h"

namespace moescope {

namespace {

constexpr const char* kHead =
    "# Routing methods\n\n"
    "Made from `resources/methods/*.json` by `cmake --build build/release --target methods_page`; a test compares it. "
    "`moescope-engine describe RECIPE` shows the same in a terminal, with every input and weight of its router, and "
    "`moescope-engine route` runs one decision of it ([route.md](route.md)).\n\n"
    "Traits: `needs_token_ids`, `needs_expert_outputs` what the router must be given · `variable_k` tokens have "
    "unequal "
    "numbers of experts · `batch_coupled` a token's experts depend on other sequences · `leaks_future` in training "
    "they "
    "depend on later tokens of the sequence · `leaks_future_in_evaluation` in evaluation too, so that a perplexity is "
    "not "
    "comparable · `eval_differs` training and evaluation choose differently · `global_scope` needs sums over all ranks "
    "· "
    "`changes_experts` experts are not all alike · `dense_form` mixes tokens or parameters in place of choosing · "
    "`changes_block`, "
    "`changes_optimiser` act outside the layer too.\n\n";

/// Text of a recipe inside a table or a list: one line, no column marks.
std::string inlineText(const std::string& text)
{
    std::string line;
    for (const char c : text) {
        if (c == '|')
            line += '\\';
        line += c == '\n' ? ' ' : c;
    }
    return line;
}

std::string codeList(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "`" : ", `") + word + "`";
    return text;
}

std::string traitList(const Catalog& catalog, const RecipeInfo& recipe)
{
    std::vector<std::string> names;
    for (const Trait trait : traitsOf(catalog, recipe))
        names.emplace_back(traitName(trait));
    return names.empty() ? "none" : codeList(names);
}

/// Weights of one use: "`router.weight` [E, d]".
std::string weightList(const RouterInterface& router, std::string_view use)
{
    std::string text;
    for (const RouterWeight& weight : router.weights)
        if (weight.use == use)
            text += (text.empty() ? "`" : ", `") + weight.name + "` " + shapeText(weight);
    return text;
}

std::string trainedText(const RouterInterface& router)
{
    std::string text;
    for (const auto& [use, label] : {std::pair{"learnt", "learnt by gradient: "}, std::pair{"frozen", "frozen: "},
             std::pair{"state", "state, changed by rules: "}})
        if (const std::string list = weightList(router, use); !list.empty())
            text += (text.empty() ? "" : "; ") + std::string(label) + list;
    return text.empty() ? "nothing: the router has no numbers of its own" : text;
}

/// The part with what the recipe sets, and the defaults of its other fields behind it.
std::string partLine(const Catalog& catalog, Slot slot, const std::string& label, const PartChoice& choice)
{
    std::string text = "  - " + label + ": **" + choice.part + "**";
    const PartInfo* part = catalog.part(slot, choice.part);
    std::vector<std::string> settings;
    for (const auto& [key, value] : choice.settings)
        settings.push_back(key + " = " + valueText(value));
    if (part != nullptr)
        for (const Field& field : part->fields)
            if (!choice.settings.contains(field.key))
                settings.push_back(field.key + " = " + valueText(field.fallback));
    if (!settings.empty())
        text += " (" + codeList(settings) + ")";
    if (part != nullptr)
        text += " – " + inlineText(part->formula);
    return text + "\n";
}

std::string sectionOf(
    const Catalog& catalog, const RecipeInfo& recipe, const std::map<std::string, RouterInterface>& interfaces)
{
    std::string text =
        "\n## " + recipe.id + "\n\n**" + inlineText(recipe.title) + ".** " + inlineText(recipe.summary) + "\n\n";
    text += "- Paper: " + inlineText(recipe.paper) + "\n";
    if (!recipe.code.empty())
        text += "- Code: " + inlineText(recipe.code) + "\n";
    text += "- Where they differ, and what this follows: "
        + (recipe.differences.empty() ? "no difference is known." : inlineText(recipe.differences)) + "\n";
    if (const auto router = interfaces.find(recipe.id); router != interfaces.end())
        text += "- Trained: " + trainedText(router->second) + "\n";
    if (!recipe.researchOnly.empty())
        text += "- For research only: " + inlineText(recipe.researchOnly) + "\n";
    if (!recipe.onTopOf.empty())
        text += "- On top of `" + recipe.onTopOf + "`; on any other as `" + recipe.id + "+ID`\n";
    text += "- Traits: " + traitList(catalog, recipe) + "\n";
    for (const auto& [key, value] : recipe.model)
        text += "- Fixes `model." + key + " = " + valueText(value) + "`\n";
    for (const auto& [key, value] : recipe.modelDefaults)
        text += "- Default of its own: `model." + key + " = " + valueText(value) + "`\n";
    text += "- Parts:\n";
    for (const Slot slot : kSingleSlots)
        text += partLine(catalog, slot, std::string(slotKey(slot)), singleChoice(recipe, slot));
    for (const Slot slot : {Slot::Loss, Slot::Hook})
        for (const auto& [name, choice] : namedChoices(recipe, slot))
            text += partLine(catalog, slot, std::string(slotKey(slot)) + "." + name, choice);
    return text;
}

}  // namespace

std::string methodPage(const Catalog& catalog, const std::map<std::string, RouterInterface>& interfaces)
{
    std::string text = kHead;
    text += "| recipe | method | paper | traits |\n|---|---|---|---|\n";
    for (const RecipeInfo& recipe : catalog.recipes)
        text += "| [" + recipe.id + "](#" + recipe.id + ") | " + inlineText(recipe.title) + " | "
            + inlineText(recipe.paper) + " | " + traitList(catalog, recipe) + " |\n";
    for (const RecipeInfo& recipe : catalog.recipes)
        text += sectionOf(catalog, recipe, interfaces);
    return text;
}

}  // namespace moescope
