// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/own_recipe.h"

#include <algorithm>
#include <map>

#include <nlohmann/json.hpp>

#include "app/recipe_cards.h"
#include "engine/base/file_system.h"
#include "engine/config/compose_recipe.h"
#include "engine/config/recipe_reader.h"
#include "engine/config/routing_slots.h"
#include "engine/run/run_folder.h"

namespace moescope {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostIdBytes = 60;

/// "Sticky top-2" gives "sticky-top-2".
std::string idOf(const QString& title)
{
    std::string id;
    for (const char c : title.toLower().toStdString()) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (plain)
            id += c;
        else if (!id.empty() && id.back() != '-')
            id += '-';
    }
    id.resize(std::min(id.size(), kMostIdBytes));
    while (!id.empty() && id.back() == '-')
        id.pop_back();
    return id;
}

Json partJson(const PartChoice& choice)
{
    Json json{{"part", choice.part}};
    for (const auto& [key, value] : choice.settings)
        std::visit([&, name = key](const auto& held) { json[name] = held; }, value);
    return json;
}

}  // namespace

QStringList changedSlots(const RecipeInfo& base, const RoutingConfig& routing, const Catalog& catalog)
{
    QStringList changed;
    for (const RecipeCard& card : recipeCards(catalog, routing, &base))
        if (card.changed)
            changed << card.title.toLower();
    return changed;
}

std::filesystem::path ownRecipesFolder() { return RunFolder::defaultRoot().parent_path() / "methods"; }

std::string recipeText(const RecipeInfo& recipe)
{
    Json json{{"title", recipe.title}, {"summary", recipe.summary}, {"paper", recipe.paper}};
    for (const Slot slot : kSingleSlots)
        json[std::string(slotKey(slot))] = partJson(singleChoice(recipe, slot));
    for (const Slot slot : {Slot::Loss, Slot::Hook}) {
        Json named = Json::object();
        for (const auto& [name, choice] : namedChoices(recipe, slot))
            named[name] = partJson(choice);
        if (!named.empty())
            json[std::string(slotKey(slot))] = named;
    }
    const auto writeModel = [&](const char* owner, const std::map<std::string, Value>& fields) {
        for (const auto& [key, value] : fields)
            std::visit([&, name = key](const auto& held) { json[owner][name] = held; }, value);
    };
    writeModel("model", recipe.model);
    writeModel("model_defaults", recipe.modelDefaults);
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

Result<RecipeInfo> saveOwnRecipe(const QString& title, const RoutingConfig& routing, const Catalog& catalog)
{
    const std::string id = idOf(title);
    if (id.empty())
        return fail(ErrorKind::User, "A recipe needs a name with a letter or a digit in it.");
    const std::filesystem::path file = ownRecipesFolder() / (id + ".json");
    std::error_code error;
    if (catalog.recipe(id) != nullptr || std::filesystem::exists(file, error))
        return fail(ErrorKind::User, "There is a recipe " + id + " already; give this one another name.");
    RecipeInfo recipe = recipeOf(routing);
    const auto base = findRecipe(catalog, routing.recipe);
    recipe.title = title.trimmed().toStdString();
    recipe.paper = base ? base->paper : "none";
    recipe.summary = "Composed from " + routing.recipe;
    if (base) {
        recipe.model = base->model;
        recipe.modelDefaults = base->modelDefaults;
        const QStringList changed = changedSlots(*base, routing, catalog);
        recipe.summary += changed.isEmpty() ? std::string(", unchanged")
                                            : ", with another " + changed.join(QStringLiteral(", ")).toStdString();
    }
    recipe.summary += '.';
    const std::string text = recipeText(recipe);
    RecipeReading reading = readRecipe(text, file.string(), id, catalog.parts);
    if (!reading.errors.empty())
        return fail(ErrorKind::User, toText(reading.errors.front()));
    if (const Result<void> made = FileSystem::real().makeFolder(file.parent_path()); !made)
        return forward(made);
    if (const Result<void> written = replaceFile(FileSystem::real(), file, text); !written)
        return forward(written);
    return std::move(reading.recipe);
}

}  // namespace moescope
