// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/trial_steps.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include <ATen/ops/ones.h>
#include <ATen/ops/randint.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>

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

ModelConfig settledModel(const RunConfig& config)
{
    at::set_num_threads(static_cast<int>(resolveThreads(config.training.threads, config.parallel.ranks)));
    ModelConfig model = config.model;
    model.vocabulary = std::max<std::int64_t>(model.vocabulary, 256);
    model.attention = chooseAttention(model, config.training.precision);
    return model;
}

}  // namespace

struct TrialSteps::Impl {
    explicit Impl(const RunConfig& wanted)
        : config(wanted)
        , shape(settledModel(wanted))
        , model(shape, config.routing, config.training.precision, static_cast<std::uint64_t>(config.seed))
        , batch(randomTokens(config, shape.vocabulary))
        , optimizer(config.optimizer, model.parameters().master().narrow(0, 0, model.parameters().numTrained()),
              model.parameters().gradient(), model.parameters().numDecayed())
    {
        if (model.needsTokenCounts())
            model.onTokenCounts(at::ones({shape.vocabulary}, at::kLong));
    }

    RunConfig config;
    ModelConfig shape;
    Transformer model;
    TokenBatch batch;
    FlatAdamW optimizer;
    std::int64_t step = 0;
};

TrialSteps::TrialSteps(const RunConfig& config)
    : m_impl(std::make_unique<Impl>(config))
{
}

TrialSteps::~TrialSteps() = default;

void TrialSteps::take()
{
    Impl& self = *m_impl;
    ForwardContext context;
    context.step = Step{++self.step};
    context.totalSteps = self.config.training.steps;
    context.seed = static_cast<std::uint64_t>(self.config.seed);
    context.training = context.recordStats = true;
    ParameterStore& store = self.model.parameters();
    self.model.onStepBegin(context.step, context.totalSteps);
    store.gradient().zero_();
    at::Tensor assigned_LE;
    std::int64_t tokens = 0;
    for (std::int64_t part = 0; part < self.config.training.accumulation; ++part) {
        ForwardResult result = self.model.forward(self.batch, context);
        result.total.backward();
        assigned_LE = assigned_LE.defined() ? assigned_LE + result.stats.assigned_LE : result.stats.assigned_LE;
        tokens += result.stats.tokens;
    }
    self.optimizer.step(0, gradientNorm(store.gradient()));
    store.refreshCompute();
    self.model.onStepEnd(context.step, context.totalSteps, assigned_LE, tokens);
}

namespace {

double measure(const RunConfig& config)
{
    TrialSteps steps(config);
    std::vector<double> seconds;
    steps.take();
    const auto begin = std::chrono::steady_clock::now();
    while (seconds.empty() || (seconds.size() < 5 && std::chrono::steady_clock::now() - begin < kPatience)) {
        const auto stepBegin = std::chrono::steady_clock::now();
        steps.take();
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
