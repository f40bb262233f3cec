// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// route: one routing decision outside training, from file to file or for a process that asks again and again.
#include <iostream>
#include <memory>

#include <ATen/ops/tensor.h>
#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/file_system.h"
#include "engine/base/units.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/cli/route_server.h"
#include "engine/routing/registry.h"
#include "engine/routing/single_decision.h"

namespace moescope {

namespace {

struct RouteOptions {
    std::string recipe, input, output;
    std::vector<std::string> settings;
    bool json = false, serve = false;
};

NamedTensors outputOf(const Decision& decision)
{
    NamedTensors tensors = decision.plan;
    for (const DecisionLoss& loss : decision.losses)
        tensors["loss/" + loss.name] = at::tensor(loss.value);
    tensors.insert(decision.weights.begin(), decision.weights.end());
    return tensors;
}

std::map<std::string, std::string> metadataOf(const RouteOptions& options, const Decision& decision)
{
    std::map<std::string, std::string> metadata{{"recipe", options.recipe}, {"step", std::to_string(decision.step)},
        {"training", decision.training ? "true" : "false"}};
    for (const DecisionLoss& loss : decision.losses)
        metadata["coefficient/" + loss.name] = nlohmann::json(loss.coefficient).dump();
    return metadata;
}

std::string summary(const RouteOptions& options, const Decision& decision)
{
    const auto kept = decision.plan.find("kept"), logits = decision.plan.find("logits");
    if (options.json) {
        nlohmann::ordered_json json{{"recipe", options.recipe}, {"out", options.output}};
        json["tensors"] = nlohmann::ordered_json::object();
        for (const auto& [name, tensor] : outputOf(decision))
            json["tensors"][name] = tensorText(tensor);
        json["losses"] = nlohmann::ordered_json::object();
        for (const DecisionLoss& loss : decision.losses)
            json["losses"][loss.name] = {{"value", loss.value}, {"coefficient", loss.coefficient}};
        return json.dump(1) + '\n';
    }
    std::string text;
    if (kept != decision.plan.end() && logits != decision.plan.end())
        text += padded("tokens, experts", 24) + formatCount(logits->second.size(0)) + ", "
            + formatCount(logits->second.size(1)) + "\n" + padded("pairs, kept", 24) + formatCount(kept->second.numel())
            + ", " + formatCount(kept->second.sum().item<std::int64_t>()) + "\n";
    for (const DecisionLoss& loss : decision.losses)
        text += padded("loss/" + loss.name, 24) + formatNumber(loss.value, 6) + " (times "
            + nlohmann::json(loss.coefficient).dump() + ")\n";
    return text + padded("written", 24) + shownPath(options.output) + "\n";
}

int routeFile(const RouteOptions& options, const Catalog& catalog)
{
    auto tensors = readTensorFile(options.input);
    if (!tensors)
        return report(tensors.error());
    const auto decision = decideOnce({options.recipe, options.settings, std::move(*tensors)}, catalog);
    if (!decision)
        return report({decision.error().kind,
            (decision.error().kind == ErrorKind::Data ? shownPath(options.input) + ": " : "") + decision.error().text});
    const auto written =
        writeTensorFile(FileSystem::real(), options.output, outputOf(*decision), metadataOf(options, *decision));
    if (!written)
        return report(written.error());
    return printResult(summary(options, *decision)) ? 0
                                                    : report({ErrorKind::Resources, "Standard output takes no more."});
}

int route(const RouteOptions& options)
{
    const Result<Catalog> catalog = routingCatalog(resourceFolder());
    if (!catalog)
        return report(catalog.error());
    if (options.serve && options.recipe.empty() && options.input.empty() && options.output.empty())
        return serveDecisions(std::cin, *catalog);
    if (options.serve)
        return report({ErrorKind::User, "--serve takes its requests from standard input: give nothing else."});
    if (options.recipe.empty() || options.input.empty() || options.output.empty())
        return report({ErrorKind::User,
            "route needs a recipe, --in and --out: moescope-engine route smoe --in tokens.safetensors --out "
            "plan.safetensors"});
    return routeFile(options, *catalog);
}

std::string keyHelp()
{
    std::string text =
        "Settings besides those of a configuration (routing.selector.k=2, model.num_experts=4, seed=3):\n";
    for (const DecisionKey& key : decisionKeys())
        text += "  " + padded(key.name, 18) + padded(key.fallback, 9) + key.help + "\n";
    return text + "`moescope-engine describe RECIPE` lists the inputs and weights that a recipe takes.";
}

}  // namespace

void addRoute(CLI::App& app, Action& action)
{
    auto options = std::make_shared<RouteOptions>();
    CLI::App* command = app.add_subcommand("route", "One routing decision, outside training");
    command->add_option("RECIPE", options->recipe, "routing method; `describe --methods` lists them");
    command->add_option("SETTINGS", options->settings, "settings key=value");
    command->add_option("--in", options->input, "safetensors file with `hidden` [T, d] and what else the recipe takes");
    command->add_option("--out", options->output, "safetensors file for the plan; replaced when it exists");
    command->add_flag("--json", options->json, "a machine-readable summary");
    command->add_flag("--serve", options->serve,
        "answer requests, one JSON object a line, until standard input ends; docs/route.md explains them");
    command->footer([] { return keyHelp(); });
    command->callback([options, &action] { action = [options] { return route(*options); }; });
}

}  // namespace moescope
