// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What each routing method costs beside `smoe`, at the shape of the demo preset: tokens per second (the two take turns
// in one process), peak memory (a process each), and the share of a step that the routing itself takes (scores to plan,
// its losses and their gradients). Rows of a Markdown table. usage: methods_bench [--rounds N] [RECIPE…]
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "engine/config/estimate.h"
#include "engine/config/read_config.h"
#include "engine/train/trial_steps.h"
#include "tests/bench/stopwatch.h"
#include "tests/support/places.h"
#include "tests/support/router_fixture.h"

namespace moescope {
namespace {

const std::string kPreset = sourceFolder() + "/resources/presets/demo.json";

const Catalog& catalog()
{
    static const Catalog shipped = testCatalog();
    return shipped;
}

RunConfig configOf(const std::string& recipe)
{
    const ConfigReading reading = readConfigFile(kPreset, {"routing.recipe=" + recipe}, catalog());
    MOESCOPE_CHECK(reading.ok(), recipe + " is not valid at the shape of the demo preset");
    return reading.config;
}

double peakBytes()
{
    std::ifstream status("/proc/self/status");
    std::string word;
    double kilobytes = 0;
    while (status >> word)
        if (word == "VmHWM:" && status >> kilobytes)
            return kilobytes * 1024;
    return 0;
}

double median(std::vector<double> seconds) { return bench::timingOf(std::move(seconds), 0).median; }

/// Seconds that all routers of a step take, forward and backward, without the experts.
double routingSeconds(const RunConfig& config, int rounds)
{
    RouterFixture fixture(config.routing, config.model.numExperts, config.model.hiddenSize);
    const std::int64_t tokens = config.data.batchSequences * config.model.context;
    const at::Tensor hidden_TD = initialNormal(1, "hidden", {tokens, config.model.hiddenSize}, 1).requires_grad_(true);
    RouteContext context = contextOf(hidden_TD, config.model.context, true);
    const bench::Timing timing = bench::measure(rounds, [&] {
        const RoutePlan plan = fixture.router->route(context);
        at::Tensor sum = plan.logits_TE.sum();
        if (plan.weight_M.defined())
            sum = sum + plan.weight_M.square().sum();
        for (const AuxLoss& loss : lossesOf(*fixture.router, context, plan))
            sum = sum + loss.value * loss.coefficient;
        if (sum.requires_grad())
            sum.backward();
    });
    return timing.median * static_cast<double>(config.model.numLayers);
}

/// A child's job: the ratio of speeds, and of the routing to a step.
int comparePair(const std::string& recipe, int rounds)
{
    const RunConfig plain = configOf("smoe"), config = configOf(recipe);
    TrialSteps plainSteps(plain), steps(config);
    std::vector<double> plainSeconds, seconds;
    for (int round = -3; round < rounds; ++round) {
        const double begin = bench::wallSeconds();
        plainSteps.take();
        const double between = bench::wallSeconds();
        steps.take();
        const double end = bench::wallSeconds();
        if (round < 0)
            continue;
        plainSeconds.push_back(between - begin);
        seconds.push_back(end - between);
    }
    const std::vector<Trait> traits = traitsOf(catalog(), *catalog().recipe(recipe));
    const bool alone = std::ranges::find(traits, Trait::NeedsExpertOutputs) == traits.end();
    const double routing = alone ? routingSeconds(config, rounds) / median(seconds) : NAN;
    const double flops = estimateRun(config, catalog()).flopsPerToken / estimateRun(plain, catalog()).flopsPerToken;
    std::printf("%.3f %.4f %.3f\n", median(plainSeconds) / median(seconds), routing, flops);
    return 0;
}

int takeSteps(const std::string& recipe)
{
    TrialSteps steps(configOf(recipe));
    for (int step = 0; step < 3; ++step)
        steps.take();
    std::printf("%.0f\n", peakBytes());
    return 0;
}

/// The numbers that a child of this program prints; empty when it failed.
std::vector<double> numbersOf(const std::string& program, const std::string& arguments)
{
    std::vector<double> numbers;
    std::FILE* pipe = popen(("'" + program + "' " + arguments + " 2> /dev/null").c_str(), "r");
    double number = 0;
    while (pipe && std::fscanf(pipe, "%lf", &number) == 1)
        numbers.push_back(number);
    return pipe && pclose(pipe) == 0 ? numbers : std::vector<double>{};
}

void printTable(const std::string& program, const std::vector<std::string>& recipes, int rounds)
{
    const std::vector<double> plain = numbersOf(program, "--memory smoe");
    std::printf("| recipe | tokens/s | FLOPs | memory | routing, share of a step |\n|---|---|---|---|---|\n");
    for (const std::string& recipe : recipes) {
        const auto pair = numbersOf(program, "--pair " + recipe + " --rounds " + std::to_string(rounds));
        const auto memory = numbersOf(program, "--memory " + recipe);
        if (pair.size() == 3 && memory.size() == 1 && plain.size() == 1)
            std::printf("| `%s` | %.2f | %.2f | %.2f | %.1f %% |\n", recipe.c_str(), pair[0], pair[2],
                memory[0] / plain[0], 100 * pair[1]);
        else
            std::printf("| `%s` | failed | | | |\n", recipe.c_str());
        std::fflush(stdout);
    }
}

}  // namespace
}  // namespace moescope

int main(int argc, char** argv)
{
    using namespace moescope;
    int rounds = 30;
    std::string pair, memory;
    std::vector<std::string> recipes;
    for (int i = 1; i < argc; ++i) {
        if (!std::strcmp(argv[i], "--rounds") && i + 1 < argc)
            rounds = std::max(1, std::atoi(argv[++i]));
        else if (!std::strcmp(argv[i], "--pair") && i + 1 < argc)
            pair = argv[++i];
        else if (!std::strcmp(argv[i], "--memory") && i + 1 < argc)
            memory = argv[++i];
        else if (argv[i][0] != '-')
            recipes.push_back(argv[i]);
        else
            return std::fprintf(stderr, "usage: methods_bench [--rounds N] [RECIPE…]\n"), 2;
    }
    if (!pair.empty())
        return comparePair(pair, rounds);
    if (!memory.empty())
        return takeSteps(memory);
    if (recipes.empty())
        for (const RecipeInfo& recipe : catalog().recipes)
            recipes.push_back(recipe.id);
    printTable(argv[0], recipes, rounds);
    return 0;
}
