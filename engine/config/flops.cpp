// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/flops.h"

#include <algorithm>
#include <cmath>

#include "engine/config/choice_schedule.h"
#include "engine/config/competition_chance.h"
#include "engine/config/model_shape.h"

namespace moescope {

namespace {

// Schedules are smooth or piecewise constant: so many steps, evenly spread, give the mean.
constexpr std::int64_t kMostSamples = 512;

FlopPlan planAt(const RunConfig& config, const Catalog& catalog, std::int64_t step, std::int64_t totalSteps)
{
    const ModelShape shape = modelShape(config, catalog);
    const ModelWeights weights = modelWeights(shape, config);
    const FlopRates rates = flopRates(config, catalog);
    const double chance =
        competitionChance(config.routing, static_cast<std::int64_t>(shape.moeBlocks), step, totalSteps);
    FlopPlan plan;
    plan.choices = std::min(shape.k,
        static_cast<double>(
            choicesInStep(config.routing, catalog, config.model.numExperts, step, totalSteps)));
    plan.answers = chance * shape.experts + (1 - chance) * plan.choices;
    plan.perToken = stepFlops(rates, 1, plan.answers * shape.moeBlocks);
    const double routing = rates.routingPerToken + rates.perAnswer * (plan.answers - plan.choices) * shape.moeBlocks;
    plan.routingShare = plan.perToken > 0 ? routing / plan.perToken : 0;
    const double blocks = shape.attentionBlocks + shape.moeBlocks + shape.denseBlocks;
    plan.activeParameters = shape.attentionBlocks * weights.attention + shape.denseBlocks * weights.dense
        + shape.moeBlocks * weights.router + weights.head + weights.embedding + (blocks + 1) * shape.norm
        + shape.moeBlocks * (plan.choices + shape.shared) * weights.expert;
    return plan;
}

FlopPlan meanOver(const RunConfig& config, const Catalog& catalog, std::int64_t totalSteps)
{
    const std::int64_t samples = std::min(totalSteps, kMostSamples);
    FlopPlan mean;
    double routing = 0;
    for (std::int64_t i = 0; i < samples; ++i) {
        const double middle = (static_cast<double>(i) + 0.5) / static_cast<double>(samples);
        const auto step = 1 + static_cast<std::int64_t>(middle * static_cast<double>(totalSteps));
        const FlopPlan plan = planAt(config, catalog, std::min(step, totalSteps), totalSteps);
        mean.choices += plan.choices;
        mean.answers += plan.answers;
        mean.perToken += plan.perToken;
        mean.activeParameters += plan.activeParameters;
        routing += plan.routingShare * plan.perToken;
    }
    mean.routingShare = mean.perToken > 0 ? routing / mean.perToken : 0;
    for (double* sum : {&mean.choices, &mean.answers, &mean.perToken, &mean.activeParameters})
        *sum /= static_cast<double>(samples);
    return mean;
}

}  // namespace

FlopRates flopRates(const RunConfig& config, const Catalog& catalog)
{
    const ModelShape shape = modelShape(config, catalog);
    const ModelWeights weights = modelWeights(shape, config);
    FlopRates rates;
    rates.fixedPerToken = 6
            * (shape.attentionBlocks * weights.attention + shape.denseBlocks * weights.dense
                + shape.moeBlocks * shape.shared * weights.expert + weights.head)
        + shape.attentionBlocks * 6 * shape.context * shape.width;
    rates.routingPerToken = 6 * shape.moeBlocks * weights.router;
    rates.perAnswer = 6 * weights.expert;
    return rates;
}

double stepFlops(const FlopRates& rates, double tokens, double answers)
{
    return tokens * (rates.fixedPerToken + rates.routingPerToken) + answers * rates.perAnswer;
}

FlopPlan planFlops(const RunConfig& config, const Catalog& catalog, std::int64_t step)
{
    return planAt(config, catalog, step, plannedSteps(config, catalog));
}

FlopPlan planMeanFlops(const RunConfig& config, const Catalog& catalog)
{
    return meanOver(config, catalog, plannedSteps(config, catalog));
}

std::int64_t plannedSteps(const RunConfig& config, const Catalog& catalog)
{
    const std::int64_t steps = std::max<std::int64_t>(1, config.training.steps);
    if (config.training.flops <= 0)
        return steps;
    const double perStep = meanOver(config, catalog, steps).perToken
        * static_cast<double>(config.data.batchSequences * config.model.context);
    const double paid = std::ceil(config.training.flops / perStep);
    return paid >= static_cast<double>(steps) ? steps : std::max<std::int64_t>(1, static_cast<std::int64_t>(paid));
}

}  // namespace moescope
