// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/training_step.h"

#include <chrono>
#include <cmath>
#include <utility>

#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include "engine/config/routed_experts.h"
#include "engine/dist/gradient_sync.h"
#include "engine/dist/group.h"
#include "engine/model/transformer.h"
#include "engine/train/token_batch.h"

namespace moescope {

namespace {

using Clock = std::chrono::steady_clock;

double millisecondsSince(Clock::time_point begin)
{
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

/// Adds the time until it is stopped.
class PartTimer {
public:
    explicit PartTimer(double& milliseconds)
        : m_milliseconds(milliseconds)
    {
    }
    ~PartTimer() { m_milliseconds += millisecondsSince(m_begin); }
    PartTimer(const PartTimer&) = delete;
    PartTimer& operator=(const PartTimer&) = delete;

private:
    double& m_milliseconds;
    Clock::time_point m_begin = Clock::now();
};

}  // namespace

TrainingStep::TrainingStep(const RunConfig& config, Transformer& model, const BatchSource& batches, Group& group)
    : m_config(config)
    , m_model(model)
    , m_batches(batches)
    , m_group(group)
    , m_optimizer(config.optimizer, model.parameters().master().detach().narrow(0, 0, model.parameters().numTrained()),
          model.parameters().gradient(), model.parameters().numDecayed())
{
}

Result<StepOutcome> TrainingStep::run(Step step, double learningRate, const Decision& decision, bool stopWanted)
{
    const auto begin = Clock::now();
    const auto communicationBefore = m_group.communicationTime();
    StepOutcome outcome;
    StepReport& report = outcome.report;
    StepTotals totals(static_cast<std::int64_t>(m_model.moeLayers().size()), numRoutedExperts(m_config.model));

    m_model.onStepBegin(step, m_config.training.steps);
    if (auto done = forwardBackward(step, totals, report.times); !done)
        return forward(done);
    at::Tensor gradient = m_model.parameters().gradient();
    sumGradients(m_group, gradient, 1);
    totals.reduce(m_group, decision, stopWanted);
    if (m_hook)
        m_hook(step.value, gradient);

    const auto updateBegin = Clock::now();
    report.gradientNorm = gradientNorm(gradient);
    report.skipped = !totals.lossFinite() || !std::isfinite(report.gradientNorm);
    if (report.skipped) {
        outcome.culprit = totals.lossFinite() ? firstNonFinite() : "loss";
    } else {
        const c10::NoGradGuard noGrad;
        m_optimizer.step(learningRate, report.gradientNorm);
        m_model.parameters().refreshCompute();
        m_model.onStepEnd(step, m_config.training.steps, totals.assigned_LE(), totals.load().tokens);
    }
    report.times.optimizer = millisecondsSince(updateBegin);

    report.step = step.value;
    report.stepTokens = m_config.data.batchSequences * m_config.model.context;
    report.total = totals.total();
    report.languageModel = totals.languageModel();
    report.losses = totals.losses();
    report.learningRate = learningRate;
    report.load = totals.load();
    report.times.communication =
        std::chrono::duration<double, std::milli>(m_group.communicationTime() - communicationBefore).count();
    report.times.step = millisecondsSince(begin);
    outcome.decision = totals.decision();
    outcome.stopWanted = totals.stopWanted();
    return outcome;
}

Result<void> TrainingStep::forwardBackward(Step step, StepTotals& totals, StepTimes& times)
{
    m_model.parameters().gradient().zero_();
    const std::int64_t global = m_config.data.batchSequences;
    const auto numParts = static_cast<int>(m_config.training.accumulation);
    for (int part = 0; part < numParts; ++part) {
        // Micro-batches are slices of the global batch and ranks are slices of them: the same sums for any number of
        // ranks.
        const SequenceRange micro = rankSlice(global, part, numParts);
        SequenceRange mine = rankSlice(micro.count, m_group.rank(), m_group.size());
        mine.first += micro.first;
        TokenBatch tokens;
        {
            const PartTimer timer(times.data);
            if (auto read = m_batches.read(step, mine, m_batch); !read)
                return read;
            tokens = toTokenBatch(m_batch);
        }
        const double share = static_cast<double>(mine.count) / static_cast<double>(global);
        ForwardContext context;
        context.step = step;
        context.totalSteps = m_config.training.steps;
        context.seed = static_cast<std::uint64_t>(m_config.seed);
        context.training = true;
        context.recordStats = m_recordStats;
        context.group = &m_group;
        ForwardResult result;
        {
            const PartTimer timer(times.forward);
            result = m_model.forward(tokens, context);
        }
        {
            const PartTimer timer(times.backward);
            (result.total * share).backward();
        }
        totals.add(result, share);
    }
    return {};
}

std::string TrainingStep::firstNonFinite() const
{
    const at::Tensor& gradient = m_model.parameters().gradient();
    for (const ParameterStore::Entry& entry : m_model.parameters().parameters()) {
        if (!entry.traits.trained)
            continue;
        const at::Tensor part = gradient.narrow(0, entry.offset, entry.value.numel());
        if (!std::isfinite(gradientNorm(part)))
            return entry.name;
    }
    return "gradient norm";
}

}  // namespace moescope
