// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/router_description.h"

#include <algorithm>
#include <utility>

#include "engine/config/compose_recipe.h"
#include "engine/config/read_config.h"
#include "engine/model/parameters.h"
#include "engine/routing/router.h"

namespace moescope {

namespace {

// As many experts as anybody chooses for a token, so that no k is refused here.
constexpr RouterSizes kBase{64, 32, 256};

bool isSetting(const std::vector<std::string>& settings, std::string_view key)
{
    return std::ranges::any_of(settings, [&](const std::string& setting) {
        return setting.size() > key.size() && setting.starts_with(key) && setting[key.size()] == '=';
    });
}

struct BuiltTensor {
    std::string name, type, use;
    std::vector<std::int64_t> shape;
};

Result<std::vector<BuiltTensor>> buildRouter(const std::string& recipe, const std::vector<std::string>& settings,
    const RouterSizes& sizes, const Catalog& catalog)
{
    const auto config = routerConfig(recipe, settings, sizes, catalog);
    if (!config)
        return forward(config);
    ParameterStore store;
    const auto router = makeRouter(config->routing, config->model, LayerId{0}, 1, store, kRouterPrefix);
    std::vector<BuiltTensor> tensors;
    for (const ParameterStore::Entry& entry : store.parameters())
        tensors.push_back({entry.name, "F32", entry.traits.trained ? "learnt" : "frozen", entry.value.sizes().vec()});
    for (const ParameterStore::Buffer& buffer : store.buffers())
        tensors.push_back({buffer.name, buffer.value.scalar_type() == at::kLong ? "I64" : "F32", "state",
            buffer.value.sizes().vec()});
    return tensors;
}

std::vector<RouterInput> inputsOf(const std::vector<Trait>& traits)
{
    const auto has = [&](Trait trait) { return std::ranges::find(traits, trait) != traits.end(); };
    return {
        {"hidden", "[T, d]", "F32", true, "What the router sees: the normalised residual stream. Any float type."},
        {"token_ids", "[T]", "I64", has(Trait::NeedsTokenIds), "Words of the tokens, from 0 to V - 1."},
        {"positions", "[T]", "I64", false, "Place of each token in its sequence; by itself 0, 1, 2, …"},
        {"sequence_ids", "[T]", "I64", false,
            "Sequence of each token: equal numbers side by side, all sequences of one length; by itself one sequence."},
        {"valid", "[T]", "BOOL", false, "False where a token is padding."},
        {"expert_outputs", "[E, T, d]", "F32", has(Trait::NeedsExpertOutputs),
            "What each expert answers to each token, ungated."},
        {"carry", "[T, …]", "F32", false, "`carry` of the MoE layer before, where the recipe hands one on."},
    };
}

}  // namespace

Result<RunConfig> routerConfig(const std::string& recipe, const std::vector<std::string>& settings,
    const RouterSizes& sizes, const Catalog& catalog)
{
    std::vector<std::string> overrides{"routing.recipe=" + recipe};
    const std::pair<std::string, std::string> own[] = {{"model.num_experts", std::to_string(sizes.experts)},
        {"model.hidden_size", std::to_string(sizes.features)}, {"model.vocabulary", std::to_string(sizes.words)},
        {"model.num_heads", "1"}, {"model.positions", "learned"}};
    for (const auto& [key, value] : own)
        if (!isSetting(settings, key))
            overrides.push_back(key + "=" + value);
    overrides.insert(overrides.end(), settings.begin(), settings.end());
    ConfigReading reading = readConfig("{}", "", overrides, catalog);
    if (!reading.ok())
        return tl::make_unexpected(toError(reading));
    return std::move(reading.config);
}

Result<RouterInterface> describeRouter(
    const std::string& recipe, const std::vector<std::string>& settings, const Catalog& catalog)
{
    const RouterSizes probes[] = {kBase, {2 * kBase.experts, kBase.features, kBase.words},
        {kBase.experts, 2 * kBase.features, kBase.words}, {kBase.experts, kBase.features, 2 * kBase.words}};
    std::vector<std::vector<BuiltTensor>> built;
    for (const RouterSizes& sizes : probes) {
        auto tensors = buildRouter(recipe, settings, sizes, catalog);
        if (!tensors)
            return forward(tensors);
        built.push_back(std::move(*tensors));
    }
    RouterInterface result;
    const auto config = routerConfig(recipe, settings, kBase, catalog);
    if (!config)
        return forward(config);
    result.inputs = inputsOf(traitsOf(catalog, recipeOf(config->routing)));
    for (std::size_t i = 0; i < built[0].size(); ++i) {
        const BuiltTensor& base = built[0][i];
        RouterWeight weight{base.name, {}, base.type, base.use};
        for (std::size_t d = 0; d < base.shape.size(); ++d) {
            const auto slope = [&](std::size_t probe, std::int64_t by) -> std::int64_t {
                // A recipe of somebody's own may have other tensors at another size: then the base size stands.
                const bool alike = built[probe].size() == built[0].size() && built[probe][i].shape.size() > d;
                return alike ? (built[probe][i].shape[d] - base.shape[d]) / by : 0;
            };
            RouterSize size{slope(1, kBase.experts), slope(2, kBase.features), slope(3, kBase.words), 0};
            size.constant = base.shape[d] - size.of(kBase.experts, kBase.features, kBase.words);
            weight.shape.push_back(size);
        }
        result.weights.push_back(std::move(weight));
    }
    return result;
}

}  // namespace moescope
