// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A router of its own, with parameters and batches to feed it: for tests of routing parts and recipes.
#pragma once

#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <ATen/ops/eye.h>
#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>

#include "engine/config/bound_field.h"
#include "engine/config/routing_slots.h"
#include "engine/model/initial_weights.h"
#include "engine/model/parameters.h"
#include "engine/routing/registry.h"
#include "engine/routing/router.h"

namespace moescope {

/// The shipped parts and recipes, without those of the person who runs the tests.
inline Catalog testCatalog()
{
    setenv("XDG_DATA_HOME", "/nonexistent", 1);
    Result<Catalog> catalog = routingCatalog(std::filesystem::path(MOESCOPE_SOURCE_DIR) / "resources");
    MOESCOPE_CHECK(catalog.has_value(), catalog.error().text);
    return *catalog;
}

inline RoutingConfig routingOf(const RecipeInfo& recipe)
{
    RoutingConfig routing;
    routing.recipe = recipe.id;
    for (const Slot slot : kSingleSlots)
        singleChoice(routing, slot) = singleChoice(recipe, slot);
    routing.losses = recipe.losses;
    routing.hooks = recipe.hooks;
    return routing;
}

/// What the second MoE layer decides where a router hands something on from layer to layer: it gets the carry of a
/// first decision about the same tokens. Any other router decides once.
class SecondLayer final : public Router {
public:
    explicit SecondLayer(std::unique_ptr<Router> router)
        : m_router(std::move(router))
    {
    }

    RoutePlan route(const RouteContext& context) override
    {
        RoutePlan plan = m_router->route(context);
        if (!plan.carry.defined() || context.carry.defined())
            return plan;
        RouteContext second = context;
        second.carry = plan.carry;
        return m_router->route(second);
    }
    std::vector<AuxLoss> losses(const LossContext& context) override { return m_router->losses(context); }
    void onStepBegin(Step step, std::int64_t totalSteps) override { m_router->onStepBegin(step, totalSteps); }
    void onStepEnd(const StepStats& stats) override { m_router->onStepEnd(stats); }
    bool needsTokenCounts() const override { return m_router->needsTokenCounts(); }
    void onTokenCounts(const at::Tensor& counts_V) override { m_router->onTokenCounts(counts_V); }

private:
    std::unique_ptr<Router> m_router;
};

/// A model with so many feed-forward experts and the given fields.
inline ModelConfig modelWith(
    std::int64_t numExperts, std::int64_t width, const std::map<std::string, Value>& modelFields)
{
    RunConfig config;
    config.model.numExperts = numExperts;
    config.model.hiddenSize = width;
    for (const auto& [field, value] : modelFields)
        findBoundField("model." + field)->set(config, value);
    return config.model;
}

struct RouterFixture {
    ModelConfig model;
    ParameterStore store;
    std::unique_ptr<Router> router;

    RouterFixture(const RoutingConfig& routing, std::int64_t numExperts, std::int64_t width, std::uint64_t seed = 1,
        const std::map<std::string, Value>& modelFields = {})
    {
        model = modelWith(numExperts, width, modelFields);
        store.add("experts.w1", at::eye(width));  // somebody else's parameter
        router = std::make_unique<SecondLayer>(makeRouter(routing, model, LayerId{0}, seed, store, "router"));
        store.pack(Precision::Fp32);
    }

    const at::Tensor& parameter(const std::string& name) const
    {
        for (const ParameterStore::Entry& entry : store.parameters())
            if (entry.name == name)
                return entry.value;
        MOESCOPE_CHECK(false, "no parameter " + name);
    }

    /// What gradient teaches the router, by name.
    std::vector<ParameterStore::Entry> trainedByGradient() const
    {
        std::vector<ParameterStore::Entry> entries;
        for (const ParameterStore::Entry& entry : store.parameters())
            if (entry.name.starts_with("router.") && entry.traits.trained)
                entries.push_back(entry);
        return entries;
    }

    /// Hidden states are then the logits (width = number of experts).
    void makeLogitsOfHidden()
    {
        const c10::NoGradGuard noGrad;
        parameter("router.weight").copy_(at::eye(model.numExperts));
    }

    /// Matrices large enough for decided routing, so that tests see several experts and few near-ties.
    void spreadWeights(double deviation, std::uint64_t seed = 5)
    {
        const c10::NoGradGuard noGrad;
        for (const ParameterStore::Entry& entry : store.parameters())
            if (entry.name.starts_with("router.") && entry.value.dim() >= 2)
                entry.value.copy_(initialNormal(seed, entry.name, entry.value.sizes(), deviation));
    }
};

/// Token ids that follow from the hidden states alone, so that they go where those go.
inline at::Tensor tokenIdsOf(const at::Tensor& hidden_TD)
{
    const at::Tensor first_T = hidden_TD.detach().select(1, 0).to(at::kDouble).nan_to_num(0, 0, 0);
    return first_T.mul(4).floor().to(at::kLong).remainder(ModelConfig{}.vocabulary);
}

/// A context over whole sequences; numbers everything from `firstToken`.
inline RouteContext contextOf(const at::Tensor& hidden_TD, std::int64_t sequenceLength, bool training)
{
    RouteContext context;
    context.hidden_TD = hidden_TD;
    context.tokens_T = tokenIdsOf(hidden_TD);
    context.sequenceLength = sequenceLength;
    context.numLayers = 1;
    context.step = Step{3};
    context.totalSteps = 10;
    context.seed = 11;
    context.training = training;
    return context;
}

inline std::vector<AuxLoss> lossesOf(Router& router, const RouteContext& context, const RoutePlan& plan)
{
    return router.losses(makeLossContext(context, plan, lossSums(plan), 1));
}

template <class T> std::vector<T> numbersOf(const at::Tensor& tensor)
{
    const at::Tensor flat = tensor.detach().to(c10::CppTypeToScalarType<T>::value).contiguous();
    return std::vector<T>(flat.const_data_ptr<T>(), flat.const_data_ptr<T>() + flat.numel());
}

}  // namespace moescope
