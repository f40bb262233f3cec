// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/trial_steps.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include <ATen/ops/randint.h>
#include <ATen/Parallel.h>

#include "engine/base/system_memory.h"
#include "engine/base/units.h"
#include "engine/model/attention_choice.h"
#include "engine/model/transformer.h"
#include "engine/train/cpu_threads.h"
#include "engine/train/failure.h"
#include "engine/train/flat_adamw.h"

namespace moescope {

namespace {

using Seconds = std::chrono::duration<double>;
constexpr double kSlowestFlops = 20e9;  // a second, of one slow core
constexpr Seconds kLongestStep{10}, kPatience{2};

/// One rank's part of one micro-batch.
TokenBatch randomTokens(const RunConfig& config, std::int64_t vocabulary)
{
    const std::int64_t parts = config.parallel.ranks * config.training.accumulation;
    const std::int64_t sequences = std::max<std::int64_t>(1, config.data.batchSequences / parts);
    TokenBatch batch;
    batch.tokens_BS = at::randint(vocabulary, {sequences, config.model.context}, at::kLong);
    batch.targets_BS = at::randint(vocabulary, {sequences, config.model.context}, at::kLong);
    return batch;
}

void trainStep(Transformer& model, FlatAdamW& optimizer, const TokenBatch& batch, const RunConfig& config, Step step)
{
    ForwardContext context;
    context.step = step;
    context.totalSteps = config.training.steps;
    context.seed = static_cast<std::uint64_t>(config.seed);
    context.training = context.recordStats = true;
    ParameterStore& store = model.parameters();
    model.onStepBegin(step, context.totalSteps);
    store.gradient().zero_();
    at::Tensor assigned_LE;
    std::int64_t tokens = 0;
    for (std::int64_t part = 0; part < config.training.accumulation; ++part) {
        ForwardResult result = model.forward(batch, context);
        result.total.backward();
        assigned_LE = assigned_LE.defined() ? assigned_LE + result.stats.assigned_LE : result.stats.assigned_LE;
        tokens += result.stats.tokens;
    }
    optimizer.step(0, gradientNorm(store.gradient()));
    store.refreshCompute();
    model.onStepEnd(step, context.totalSteps, assigned_LE, tokens);
}

Result<double> measure(const RunConfig& config)
{
    at::set_num_threads(static_cast<int>(resolveThreads(config.training.threads, config.parallel.ranks)));
    ModelConfig shape = config.model;
    shape.vocabulary = std::max<std::int64_t>(shape.vocabulary, 256);
    shape.attention = chooseAttention(shape, config.training.precision);
    Transformer model(shape, config.routing, config.training.precision, static_cast<std::uint64_t>(config.seed));
    ParameterStore& store = model.parameters();
    FlatAdamW optimizer(
        config.optimizer, store.master().narrow(0, 0, store.numTrained()), store.gradient(), store.numDecayed());
    const TokenBatch batch = randomTokens(config, shape.vocabulary);
    std::vector<double> seconds;
    const auto begin = std::chrono::steady_clock::now();
    for (std::int64_t step = 1; step <= 6 && (step <= 2 || std::chrono::steady_clock::now() - begin < kPatience);
         ++step) {
        const auto stepBegin = std::chrono::steady_clock::now();
        trainStep(model, optimizer, batch, config, Step{step});
        if (step > 1)
            seconds.push_back(Seconds(std::chrono::steady_clock::now() - stepBegin).count());
    }
    std::ranges::nth_element(seconds, seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2));
    return static_cast<double>(config.data.batchSequences * config.model.context) / seconds[seconds.size() / 2];
}

}  // namespace

Result<double> trialTokensPerSecond(const RunConfig& config, const Estimate& estimate)
{
    const double there = availableMemory(), needed = estimate.memory.total();
    if (there > 0 && needed > there)
        return fail(ErrorKind::Resources,
            "not measured: a rank needs " + formatBytes(needed) + " and " + formatBytes(there) + " are available");
    const double flops = estimate.flopsPerToken * static_cast<double>(estimate.tokensPerStep)
        / static_cast<double>(config.parallel.ranks);
    if (flops / kSlowestFlops > kLongestStep.count())
        return fail(ErrorKind::Resources,
            "not measured: one step takes " + formatShort(flops) + "FLOP; measure it with a few steps of training");
    try {
        return measure(config);
    } catch (const std::exception& problem) {
        return tl::make_unexpected(errorOf(problem));
    }
}

}  // namespace moescope
