// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The readers of recipes and of the engine's description over any text.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/config/catalog_json.h"
#include "engine/config/recipe_reader.h"
#include "tests/support/small_catalog.h"

using namespace moescope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const Catalog parts = smallCatalog();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    RecipeReading reading = readRecipe(text, "fuzz.json", "fuzz", parts.parts);
    if (reading.errors.empty()) {
        // What is accepted names known parts and survives the description.
        Catalog catalog{parts.parts, {reading.recipe}};
        for (const std::string_view part : {std::string_view(reading.recipe.selector.part)})
            if (catalog.part(Slot::Selector, part) == nullptr)
                std::abort();
        const auto again = readDescription(writeDescription(catalog, "fuzz"));
        if (!again || !(*again == catalog))
            std::abort();
    }
    (void)readDescription(text);
    return 0;
}
