// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// check, describe, estimate: what a configuration means, without training it.
#include <map>
#include <memory>

#include <CLI/CLI.hpp>

#include "engine/base/units.h"
#include "engine/base/version.h"
#include "engine/cli/commands.h"
#include "engine/cli/key_list.h"
#include "engine/cli/method_page.h"
#include "engine/cli/output.h"
#include "engine/config/catalog_json.h"
#include "engine/config/compose_recipe.h"
#include "engine/config/estimate.h"
#include "engine/config/flops.h"
#include "engine/config/read_config.h"
#include "engine/routing/registry.h"
#include "engine/routing/router_description.h"
#include "engine/train/trial_steps.h"

namespace moescope {

namespace {

struct InspectOptions {
    std::string config;
    std::vector<std::string> overrides;
    bool json = false, resolved = false, methods = false, markdown = false;
    double tokensPerSecond = 0;
    std::int64_t step = 0;  ///< of `estimate`; 0 = none
};

void addConfig(CLI::App& command, InspectOptions& options)
{
    command.add_option("CONFIG", options.config, "configuration file (JSON, comments allowed)")->required();
    command.add_option("SETTINGS", options.overrides, "settings key=value that win over the file");
    command.add_flag("--json", options.json, "machine-readable result");
    command.footer([] { return "Settings and their defaults:\n" + shortKeyList(); });
}

int endOf(bool printed) { return printed ? 0 : report({ErrorKind::Resources, "Standard output takes no more."}); }

int check(const InspectOptions& options)
{
    const Result<Catalog> catalog = routingCatalog(resourceFolder());
    if (!catalog)
        return report(catalog.error());
    const ConfigReading reading = readConfigFile(options.config, options.overrides, *catalog);
    bool printed = true;
    if (options.json)
        printed = printResult("{\"ok\": " + std::string(reading.ok() ? "true" : "false")
            + ", \"errors\": " + issuesJson(reading.errors) + ", \"notices\": " + issuesJson(reading.notices) + "}\n");
    else
        sayIssues(reading);
    if (!reading.ok()) {
        say(formatCount(static_cast<std::int64_t>(reading.errors.size()))
            + (reading.errors.size() == 1 ? " error." : " errors."));
        return exitCode(ErrorKind::User);
    }
    if (options.resolved)
        printed = printResult(writeConfig(reading.config, *catalog));
    else if (!options.json)
        say(options.config + " is fine.");
    return endOf(printed);
}

int describeRecipe(const InspectOptions& options, const Catalog& catalog)
{
    const auto router = describeRouter(options.config, options.overrides, catalog);
    if (!router)
        return report(router.error());
    const RecipeInfo recipe = findRecipe(catalog, options.config).value();  // the router was made of it
    return endOf(
        printResult(options.json ? writeRecipe(catalog, recipe, *router) : recipePage(catalog, recipe, *router)));
}

/// Of the recipes whose routers exist at the sizes that describeRouter tries: one of a person's own may not.
std::map<std::string, RouterInterface> allInterfaces(const Catalog& catalog)
{
    std::map<std::string, RouterInterface> interfaces;
    for (const RecipeInfo& recipe : catalog.recipes) {
        if (auto router = describeRouter(recipe.id, {}, catalog))
            interfaces.emplace(recipe.id, std::move(*router));
    }
    return interfaces;
}

int describe(const InspectOptions& options)
{
    const Result<Catalog> catalog = routingCatalog(resourceFolder());
    if (!catalog)
        return report(catalog.error());
    if (!options.config.empty())
        return describeRecipe(options, *catalog);
    if (!options.json && !options.markdown)
        return endOf(printResult((options.methods ? "" : keyList()) + methodList(*catalog)));
    const auto interfaces = allInterfaces(*catalog);
    return endOf(printResult(options.markdown ? methodPage(*catalog, interfaces)
                                              : writeDescription(*catalog, programVersion(), interfaces)));
}

std::string estimateJson(const Estimate& estimate, double tokensPerSecond)
{
    const auto number = [](double value) { return std::to_string(static_cast<std::int64_t>(std::min(value, 9.2e18))); };
    const MemoryEstimate& memory = estimate.memory;
    std::string text = "{\"parameters\": " + std::to_string(estimate.parameters.total)
        + ", \"active_parameters\": " + std::to_string(estimate.parameters.active) + ", \"expert_parameters\": "
        + std::to_string(estimate.parameters.experts) + ", \"flops_per_token\": " + number(estimate.flopsPerToken)
        + ", \"routing_share\": " + std::to_string(estimate.routingShare) + ", \"steps\": "
        + std::to_string(estimate.steps) + ", \"tokens_per_step\": " + std::to_string(estimate.tokensPerStep)
        + ", \"total_tokens\": " + std::to_string(estimate.totalTokens);
    text += ", \"memory_bytes\": {\"weights\": " + number(memory.weights)
        + ", \"gradients\": " + number(memory.gradients) + ", \"optimizer\": " + number(memory.optimizer)
        + ", \"activations\": " + number(memory.activations) + ", \"expert_buffers\": " + number(memory.expertBuffers)
        + ", \"margin\": " + number(memory.margin) + ", \"total\": " + number(memory.total()) + "}";
    text += ", \"checkpoint_bytes\": " + number(estimate.checkpointBytes)
        + ", \"disk_bytes\": " + number(estimate.diskBytes);
    if (tokensPerSecond > 0)
        text += ", \"tokens_per_second\": " + number(tokensPerSecond)
            + ", \"seconds\": " + number(secondsAt(estimate, tokensPerSecond));
    return text + "}\n";
}

std::string planJson(const FlopPlan& plan, std::int64_t step)
{
    return "{\"step\": " + std::to_string(step) + ", \"flops_per_token\": " + std::to_string(plan.perToken)
        + ", \"choices\": " + std::to_string(plan.choices) + ", \"answers\": " + std::to_string(plan.answers)
        + ", \"active_parameters\": " + std::to_string(plan.activeParameters)
        + ", \"routing_share\": " + std::to_string(plan.routingShare) + "}\n";
}

std::string planText(const FlopPlan& plan, std::int64_t step)
{
    return padded("at step " + formatCount(step), 24) + formatShort(plan.perToken) + "FLOP for a token, "
        + formatNumber(100 * plan.routingShare, 2) + " % of it for choosing experts; of each MoE layer "
        + formatNumber(plan.answers, 2) + " experts answer, " + formatNumber(plan.choices, 2) + " are used; "
        + formatCount(static_cast<std::int64_t>(plan.activeParameters)) + " parameters are active\n";
}

std::string estimateText(const Estimate& estimate, std::int64_t ranks, double tokensPerSecond)
{
    const auto line = [](std::string_view label, const std::string& value) { return padded(label, 24) + value + "\n"; };
    const MemoryEstimate& memory = estimate.memory;
    std::string text = line("parameters", formatCount(estimate.parameters.total));
    text += line("active for a token", formatCount(estimate.parameters.active));
    text += line("FLOPs for a token",
        formatShort(estimate.flopsPerToken) + "FLOP (forward and backward, "
            + formatNumber(100 * estimate.routingShare, 2) + " % of it for choosing experts)");
    text += line("tokens", formatCount(estimate.totalTokens) + " (" + formatCount(estimate.tokensPerStep) + " a step)");
    text += line(ranks == 1 ? "memory" : "memory of each rank", formatBytes(memory.total()));
    text += line("  weights", formatBytes(memory.weights));
    text += line("  gradients", formatBytes(memory.gradients));
    text += line("  optimizer", formatBytes(memory.optimizer));
    text += line("  activations", formatBytes(memory.activations));
    text += line("  expert buffers", formatBytes(memory.expertBuffers));
    text += line("  margin", formatBytes(memory.margin));
    text +=
        line("disk", formatBytes(estimate.diskBytes) + " (a checkpoint " + formatBytes(estimate.checkpointBytes) + ")");
    if (tokensPerSecond > 0)
        text += line("time",
            formatDuration(secondsAt(estimate, tokensPerSecond)) + " at " + formatShort(tokensPerSecond) + " tokens/s");
    return text;
}

int estimateCommand(const InspectOptions& options)
{
    const Result<Catalog> catalog = routingCatalog(resourceFolder());
    if (!catalog)
        return report(catalog.error());
    const ConfigReading reading = readConfigFile(options.config, options.overrides, *catalog);
    sayIssues(reading);
    if (!reading.ok())
        return exitCode(ErrorKind::User);
    if (options.step > 0) {
        const FlopPlan plan = planFlops(reading.config, *catalog, options.step);
        return endOf(printResult(options.json ? planJson(plan, options.step) : planText(plan, options.step)));
    }
    const Estimate estimate = estimateRun(reading.config, *catalog);
    double speed = options.tokensPerSecond;
    if (speed == 0) {
        const Result<double> measured = trialTokensPerSecond(reading.config, estimate);
        if (measured)
            speed = *measured;
        else
            say("time: " + measured.error().text);
    }
    return endOf(printResult(
        options.json ? estimateJson(estimate, speed) : estimateText(estimate, reading.config.parallel.ranks, speed)));
}

}  // namespace

void addCheck(CLI::App& app, Action& action)
{
    auto options = std::make_shared<InspectOptions>();
    CLI::App* command = app.add_subcommand("check", "Check a configuration and tell all errors at once");
    addConfig(*command, *options);
    command->add_flag("--resolved", options->resolved, "print it with every default spelled out");
    command->callback([options, &action] { action = [options] { return check(*options); }; });
}

void addDescribe(CLI::App& app, Action& action)
{
    auto options = std::make_shared<InspectOptions>();
    CLI::App* command = app.add_subcommand("describe", "List every setting, routing method and part");
    command->add_option("RECIPE", options->config, "one routing method, with the inputs and weights of its router");
    command->add_option("SETTINGS", options->overrides, "settings key=value of that method");
    command->add_flag("--methods", options->methods, "routing methods and parts only");
    command->add_flag("--markdown", options->markdown, "routing methods as the page docs/methods.md");
    command->add_flag("--json", options->json, "sections, JSON schema, parts and recipes as JSON");
    command->callback([options, &action] { action = [options] { return describe(*options); }; });
}

void addEstimate(CLI::App& app, Action& action)
{
    auto options = std::make_shared<InspectOptions>();
    CLI::App* command = app.add_subcommand("estimate", "Parameters, arithmetic, memory, disk and time of a run");
    addConfig(*command, *options);
    command
        ->add_option("--tokens-per-second", options->tokensPerSecond,
            "speed to reckon the time with; else a few steps are measured")
        ->check(CLI::PositiveNumber);
    command->add_option("--step", options->step, "only the arithmetic of this step, which schedules may change")
        ->check(CLI::PositiveNumber);
    command->callback([options, &action] { action = [options] { return estimateCommand(*options); }; });
}

}  // namespace moescope
