// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/single_decision.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include <ATen/ops/ones_like.h>
#include <c10/util/Exception.h>

#include "engine/base/nearest.h"
#include "engine/base/utf8.h"
#include "engine/config/value_text.h"
#include "engine/model/moe_layer.h"
#include "engine/model/parameters.h"
#include "engine/routing/decision_inputs.h"
#include "engine/routing/given_experts.h"
#include "engine/routing/router_description.h"

namespace moescope {

namespace {

constexpr std::int64_t kMaxRouterElements = std::int64_t{1} << 27;

/// The request's settings, apart from those of the configuration.
struct DecisionMode {
    std::int64_t step = 1, layer = 0, layers = 1, sequenceLength = 0;
    bool training = true, initialExperts = false;
    std::vector<std::string> configuration;
};

Result<std::int64_t> wholeNumber(const std::string& key, const std::string& text, std::int64_t least)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < least || number > 1'000'000'000'000)
        return fail(ErrorKind::User,
            key + ": \"" + printable(text.substr(0, 60)) + "\" is no whole number from " + std::to_string(least)
                + " on.");
    return number;
}

Result<void> takeSetting(const std::string& key, const std::string& value, DecisionMode& mode)
{
    const std::pair<std::string_view, std::int64_t*> numbers[] = {{"step", &mode.step}, {"layer", &mode.layer},
        {"layers", &mode.layers}, {"sequence_length", &mode.sequenceLength}};
    for (const auto& [name, into] : numbers) {
        if (key != name)
            continue;
        const auto number = wholeNumber(key, value, name == "layer" ? 0 : 1);
        if (!number)
            return forward(number);
        *into = *number;
        return {};
    }
    if (key == "training" && (value == "true" || value == "false"))
        mode.training = value == "true";
    else if (key == "experts" && (value == "given" || value == "initial"))
        mode.initialExperts = value == "initial";
    else if (key == "training" || key == "experts")
        return fail(ErrorKind::User,
            key + ": \"" + printable(value.substr(0, 60)) + "\" is no choice; give "
                + (key == "training" ? "true or false." : "given or initial."));
    else
        mode.configuration.push_back(key + "=" + value);
    return {};
}

Result<DecisionMode> readMode(const std::vector<std::string>& settings)
{
    DecisionMode mode;
    for (const std::string& setting : settings) {
        const std::size_t equals = setting.find('=');
        if (equals == std::string::npos) {
            mode.configuration.push_back(setting);  // whose reader says what is wrong
            continue;
        }
        if (auto taken = takeSetting(setting.substr(0, equals), setting.substr(equals + 1), mode); !taken)
            return forward(taken);
    }
    if (mode.layer >= mode.layers || mode.layers > 4096)
        return fail(ErrorKind::User,
            "layer: there is no layer " + std::to_string(mode.layer) + " among " + std::to_string(mode.layers)
                + "; layers counts from 1 to 4096, layer from 0.");
    return mode;
}

/// Sizes as the tensors show them; a weight of a known name counts like an output of the experts.
RouterSizes sizesOf(const NamedTensors& tensors, const at::Tensor& hidden_TD, const RouterInterface& router)
{
    RouterSizes sizes;
    sizes.features = hidden_TD.size(1);
    if (const auto outputs = tensors.find("expert_outputs");
        outputs != tensors.end() && outputs->second.dim() == 3 && outputs->second.size(0) > 0)
        sizes.experts = outputs->second.size(0);
    for (const RouterWeight& weight : router.weights) {
        const auto given = tensors.find(weight.name);
        if (given == tensors.end() || given->second.dim() != static_cast<std::int64_t>(weight.shape.size()))
            continue;
        for (std::size_t d = 0; d < weight.shape.size(); ++d) {
            const std::int64_t size = given->second.size(static_cast<std::int64_t>(d));
            if (weight.shape[d] == RouterSize{1, 0, 0, 0} && size > 0)
                sizes.experts = size;
            if (weight.shape[d] == RouterSize{0, 0, 1, 0} && size > 0)
                sizes.words = size;
        }
    }
    return sizes;
}

/// Refuses what would fill the memory before the first number is drawn.
Result<void> checkSizes(
    const RouterInterface& router, const DecisionMode& mode, const RunConfig& config, std::int64_t numTokens)
{
    const ModelConfig& model = config.model;
    const auto elements = [&](const RouterWeight& weight) {
        double count = 1;
        for (const RouterSize& size : weight.shape)
            count *= static_cast<double>(size.of(model.numExperts, model.hiddenSize, model.vocabulary));
        return count;
    };
    double count = static_cast<double>(numTokens) * static_cast<double>(model.numExperts);
    for (const RouterWeight& weight : router.weights)
        count += elements(weight);
    if (mode.initialExperts)
        count += static_cast<double>(model.numExperts) * static_cast<double>(model.hiddenSize)
            * static_cast<double>(3 * model.expertSize + numTokens);
    if (count > static_cast<double>(kMaxRouterElements))
        return fail(ErrorKind::User,
            std::to_string(model.numExperts) + " experts of width " + std::to_string(model.hiddenSize) + " for "
                + std::to_string(numTokens) + " tokens are too much for one decision; give fewer of them.");
    return {};
}

/// The router of the request and all that it needs to decide.
struct LoneRouter {
    ParameterStore store;
    std::unique_ptr<ExpertBank> initialExperts;
    std::unique_ptr<GivenExperts> givenExperts;
    std::unique_ptr<Router> router;
    RouteContext context;
};

/// A router that wants to know how common each word is learns it from these tokens.
void countTokens(const NamedTensors& tensors, const ModelConfig& model, Router& router)
{
    const auto ids = tensors.find("token_ids");
    if (router.needsTokenCounts() && ids != tensors.end())
        router.onTokenCounts(ids->second.to(at::kLong).bincount({}, model.vocabulary));
}

Result<void> buildLoneRouter(
    const DecisionRequest& request, const DecisionMode& mode, const RunConfig& config, LoneRouter& lone)
{
    const auto seed = static_cast<std::uint64_t>(config.seed);
    const LayerId layer{static_cast<int>(mode.layer)};
    if (mode.initialExperts)
        lone.initialExperts = std::make_unique<ExpertBank>(config.model, seed, lone.store, "experts");
    lone.router = makeRouter(config.routing, config.model, layer, seed, lone.store, kRouterPrefix);
    lone.store.pack(Precision::Fp32);
    countTokens(request.tensors, config.model, *lone.router);
    if (auto taken = takeWeights(request.tensors, lone.store); !taken)
        return taken;
    RouteContext& context = lone.context;
    if (auto taken = takeInputs(request.tensors, mode.sequenceLength, context); !taken)
        return taken;
    context.layer = layer;
    context.numLayers = static_cast<int>(mode.layers);
    context.step = Step{mode.step};
    context.totalSteps = config.training.steps;
    context.seed = seed;
    context.training = mode.training;
    if (const auto outputs = request.tensors.find("expert_outputs"); outputs != request.tensors.end())
        lone.givenExperts = std::make_unique<GivenExperts>(context.hidden_TD, outputs->second);
    context.experts =
        lone.givenExperts ? static_cast<const ExpertOutputs*>(lone.givenExperts.get()) : lone.initialExperts.get();
    return {};
}

void addTo(NamedTensors& tensors, const std::string& name, const at::Tensor& tensor)
{
    if (tensor.defined())
        tensors[name] = tensor.detach();
}

NamedTensors tensorsOf(const RoutePlan& plan)
{
    NamedTensors tensors;
    const at::Tensor all_M = plan.token_M.defined() ? at::ones_like(plan.token_M, at::kBool) : at::Tensor();
    const at::Tensor& taken_M = plan.taken_M.defined() ? plan.taken_M : all_M;
    addTo(tensors, "token", plan.token_M);
    addTo(tensors, "expert", plan.expert_M);
    addTo(tensors, "weight", plan.weight_M);
    addTo(tensors, "taken", taken_M);
    addTo(tensors, "kept", plan.kept_M.defined() ? plan.kept_M : taken_M);
    addTo(tensors, "assigned", plan.assigned_E);
    addTo(tensors, "kept_counts", plan.kept_E);
    addTo(tensors, "logits", plan.logits_TE);
    addTo(tensors, "scores", plan.scores_TE);
    addTo(tensors, "probabilities", plan.probs_TE);
    addTo(tensors, "entropy", plan.entropy_T);
    addTo(tensors, "carry", plan.carry);
    if (plan.dense) {
        addTo(tensors, "group_tokens", plan.dense->token_GN);
        addTo(tensors, "dispatch", plan.dense->dispatch_GSN);
        addTo(tensors, "combine", plan.dense->combine_GNS);
        addTo(tensors, "mix", plan.dense->mix_GE);
        addTo(tensors, "share", plan.dense->share_TE);
    }
    return tensors;
}

Decision decideWith(LoneRouter& lone)
{
    Decision decision;
    decision.step = lone.context.step.value;
    decision.training = lone.context.training;
    for (const ParameterStore::Entry& entry : lone.store.parameters())
        if (entry.name.starts_with(std::string(kRouterPrefix) + "."))
            decision.weights[entry.name] = entry.value.detach().clone();
    for (const ParameterStore::Buffer& buffer : lone.store.buffers())
        decision.weights[buffer.name] = buffer.value.detach().clone();
    lone.router->onStepBegin(lone.context.step, lone.context.totalSteps);
    const RoutePlan plan = lone.router->route(lone.context);
    decision.plan = tensorsOf(plan);
    if (!decision.training)
        return decision;
    const LossSums own = lone.router->sums(lone.context, plan);
    for (const AuxLoss& loss : lone.router->losses(makeLossContext(lone.context, plan, own, own.row, 1)))
        decision.losses.push_back({loss.name, loss.value.item<double>(), loss.coefficient});
    return decision;
}

/// Names that nobody reads are mistakes of the sender.
Result<void> checkNames(const NamedTensors& tensors, const RouterInterface& router)
{
    std::vector<std::string> known;
    for (const RouterInput& input : router.inputs)
        known.push_back(input.name);
    for (const RouterWeight& weight : router.weights)
        known.push_back(weight.name);
    for (const auto& [name, tensor] : tensors)
        if (std::ranges::find(known, name) == known.end()) {
            const std::string near = nearestWord(name, known);
            return fail(ErrorKind::Data,
                "there is no input or weight \"" + printable(name.substr(0, 120)) + "\"; "
                    + (near.empty() ? "known: " + listText(known, "and") : "did you mean " + near + "?"));
        }
    return {};
}

}  // namespace

const std::vector<DecisionKey>& decisionKeys()
{
    static const std::vector<DecisionKey> keys{
        {"step", "1", "Step of training, for schedules and noise; the whole run has training.steps."},
        {"training", "true", "false decides as in evaluation: no noise, no losses, the capacity of evaluation."},
        {"layer", "0", "Which MoE layer this is, for noise and for methods that treat layers differently."},
        {"layers", "1", "How many MoE layers the model has."},
        {"sequence_length", "T", "Tokens of a sequence, where sequence_ids do not say it."},
        {"experts", "given",
            "initial lets experts with the initial weights of the seed answer, where `expert_outputs` is "
            "not given."},
    };
    return keys;
}

Result<Decision> decideOnce(const DecisionRequest& request, const Catalog& catalog)
{
    const auto mode = readMode(request.settings);
    if (!mode)
        return forward(mode);
    const auto router = describeRouter(request.recipe, mode->configuration, catalog);
    if (!router)
        return forward(router);
    if (auto known = checkNames(request.tensors, *router); !known)
        return forward(known);
    const auto hidden = hiddenOf(request.tensors);
    if (!hidden)
        return forward(hidden);
    const RouterSizes sizes = sizesOf(request.tensors, *hidden, *router);
    const auto config = routerConfig(request.recipe, mode->configuration, sizes, catalog);
    if (!config)
        return forward(config);
    if (auto fits = checkSizes(*router, *mode, *config, hidden->size(0)); !fits)
        return forward(fits);
    if (auto whole = checkInputs(request.tensors, *router, config->model, mode->initialExperts); !whole)
        return forward(whole);
    LoneRouter lone;
    if (auto built = buildLoneRouter(request, *mode, *config, lone); !built)
        return forward(built);
    try {
        return decideWith(lone);
    } catch (const c10::Error& error) {
        if (!request.tensors.contains("carry"))
            throw;
        return fail(ErrorKind::Data,
            "carry " + tensorText(request.tensors.at("carry"))
                + " does not fit this recipe: " + error.what_without_backtrace());
    } catch (const UnknownToken& error) {
        return fail(ErrorKind::Data,
            std::string("expert_outputs: ") + error.what()
                + "; leave them out and give experts=initial, which lets our own experts answer.");
    }
}

}  // namespace moescope
