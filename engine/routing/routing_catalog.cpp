// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdlib>
#include <system_error>

#include "engine/base/file_system.h"
#include "engine/config/compose_recipe.h"
#include "engine/config/recipe_reader.h"
#include "engine/routing/part_registry.h"
#include "engine/routing/registry.h"

namespace moescope {

namespace {

constexpr std::uint64_t kMaxRecipeBytes = std::uint64_t{1} << 20;

/// The folder's *.json files by name; a missing folder is an empty one.
Result<std::vector<std::filesystem::path>> recipeFiles(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> files;
    std::error_code error;
    std::filesystem::directory_iterator entries(folder, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error))
        if (entries->path().extension() == ".json")
            files.push_back(entries->path());
    if (error && error != std::errc::no_such_file_or_directory)
        return fail(ErrorKind::Data, folder.string() + ": cannot list the recipes: " + error.message());
    std::ranges::sort(files);
    return files;
}

std::filesystem::path userRecipeFolder()
{
    const char* data = std::getenv("XDG_DATA_HOME");
    if (data != nullptr && data[0] == '/')
        return std::filesystem::path(data) / "moescope/methods";
    const char* home = std::getenv("HOME");
    return home == nullptr ? std::filesystem::path() : std::filesystem::path(home) / ".local/share/moescope/methods";
}

/// Recipes on top of others, once all of the folder are there.
Result<void> completeRecipes(const std::filesystem::path& folder, Catalog& catalog, std::size_t first)
{
    for (std::size_t i = first; i < catalog.recipes.size(); ++i)
        if (auto done = completeRecipe(catalog, catalog.recipes[i]); !done)
            return fail(
                ErrorKind::User, (folder / (catalog.recipes[i].id + ".json")).string() + ": " + done.error().text);
    return {};
}

Result<void> addRecipes(const std::filesystem::path& folder, Catalog& catalog)
{
    const std::size_t first = catalog.recipes.size();
    const auto files = recipeFiles(folder);
    if (!files)
        return forward(files);
    for (const std::filesystem::path& file : *files) {
        const auto text = readFile(file, kMaxRecipeBytes);
        if (!text)
            return forward(text);
        const std::string id = file.stem().string();
        if (catalog.recipe(id) != nullptr)
            return fail(
                ErrorKind::User, file.string() + ": there is a recipe " + id + " already; give this file another name");
        RecipeReading reading = readRecipe(*text, file.string(), id, catalog.parts);
        if (!reading.errors.empty()) {
            std::string errors;
            for (const Issue& issue : reading.errors)
                errors += (errors.empty() ? "" : "\n") + toText(issue);
            return fail(ErrorKind::User, errors);
        }
        catalog.recipes.push_back(std::move(reading.recipe));
    }
    return completeRecipes(folder, catalog, first);
}

}  // namespace

Result<Catalog> routingCatalog(const std::filesystem::path& resources)
{
    Catalog catalog;
    catalog.parts = registeredParts();
    if (auto added = addRecipes(resources / "methods", catalog); !added)
        return forward(added);
    if (catalog.recipes.empty())
        return fail(ErrorKind::Data,
            (resources / "methods").string()
                + ": no recipes there; install the program again, or let MOESCOPE_RESOURCES name its resources folder");
    if (auto added = addRecipes(userRecipeFolder(), catalog); !added)
        return forward(added);
    return catalog;
}

std::filesystem::path resourceFolder()
{
    if (const char* chosen = std::getenv("MOESCOPE_RESOURCES"); chosen != nullptr && chosen[0] != '\0')
        return chosen;
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    const std::filesystem::path installed = program.parent_path().parent_path() / "share/moescope";
    if (std::filesystem::is_directory(installed / "methods", error))
        return installed;
    for (auto folder = program.parent_path(); folder.has_relative_path(); folder = folder.parent_path())
        if (std::filesystem::is_directory(folder / "resources/methods", error))
            return folder / "resources";
    return installed;
}

}  // namespace moescope
