// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/evaluator.h"

#include <algorithm>
#include <chrono>
#include <span>

#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include "engine/config/leaky_evaluation.h"
#include "engine/dist/group.h"
#include "engine/model/transformer.h"
#include "engine/routing/part_registry.h"
#include "engine/train/token_batch.h"

namespace moescope {

namespace {

// Enough for the products to run at full speed, little enough that evaluation never needs more memory than training.
constexpr std::int64_t kTokensAtOnce = 4096;
constexpr std::int64_t kAskEvery = 8;  // rounds between two questions whether to go on

using Clock = std::chrono::steady_clock;

}  // namespace

Evaluator::Evaluator(const RunConfig& config, Transformer& model, const Corpus& corpus, Group& group)
    : m_config(config)
    , m_model(model)
    , m_corpus(corpus)
    , m_group(group)
    , m_leaky(leaksInEvaluation(config.routing, {registeredParts(), {}}))
    , m_sample(sampleWindows(corpus, config.model.context, config.evaluation.sequences))
{
}

Result<EvaluationReport> Evaluator::sample(std::int64_t step)
{
    const auto begin = Clock::now();
    EvaluationScore sums;
    if (auto done = score(m_sample, step, {}, {}, sums); !done)
        return forward(done);
    return reportOf(sums, step, false, std::chrono::duration<double>(Clock::now() - begin).count());
}

Result<std::optional<EvaluationReport>> Evaluator::all(
    std::int64_t step, const Progress& progress, const Cancelled& cancelled)
{
    const auto begin = Clock::now();
    EvaluationScore sums;
    const auto done = score(fullWindows(m_corpus, m_config.model.context), step, progress, cancelled, sums);
    if (!done)
        return forward(done);
    if (!*done)
        return std::nullopt;
    return reportOf(sums, step, true, std::chrono::duration<double>(Clock::now() - begin).count());
}

/// False when it was cancelled.
Result<bool> Evaluator::score(const std::vector<EvaluationWindow>& windows, std::int64_t step, const Progress& progress,
    const Cancelled& cancelled, EvaluationScore& score)
{
    score.nats.resize(m_corpus.domains.size());
    score.bytes.resize(m_corpus.domains.size());
    const auto numWindows = static_cast<std::int64_t>(windows.size());
    const std::int64_t atOnce = std::max<std::int64_t>(1, kTokensAtOnce / m_config.model.context);
    const SequenceRange mine = rankSlice(numWindows, m_group.rank(), m_group.size());
    // As many rounds on every rank, for the question in each: the first rank has the largest slice.
    const std::int64_t most = rankSlice(numWindows, 0, m_group.size()).count;
    for (std::int64_t first = 0, round = 0; first < most; first += atOnce, ++round) {
        if (cancelled && round % kAskEvery == 0 && anyCancelled(cancelled))
            return false;
        const std::int64_t count = std::min(atOnce, mine.count - first);
        if (count <= 0)
            continue;
        const auto part =
            std::span(windows).subspan(static_cast<std::size_t>(mine.first + first), static_cast<std::size_t>(count));
        if (auto done = scorePart(part, step, score); !done)
            return forward(done);
        if (progress)
            progress(first + count, mine.count);
    }
    sumOverRanks(score);
    return true;
}

Result<void> Evaluator::scorePart(std::span<const EvaluationWindow> part, std::int64_t step, EvaluationScore& score)
{
    const c10::NoGradGuard noGrad;
    const std::int64_t context = m_config.model.context;
    if (auto read = readWindows(m_corpus, part, context, m_batch); !read)
        return read;
    ForwardContext forwardContext;
    forwardContext.step = Step(step);
    forwardContext.totalSteps = m_config.training.steps;
    forwardContext.seed = static_cast<std::uint64_t>(m_config.seed);
    const at::Tensor nats_BS = m_model.forward(toTokenBatch(m_batch), forwardContext).nats_BS.contiguous();
    score.add(part, context, std::span(nats_BS.const_data_ptr<float>(), static_cast<std::size_t>(nats_BS.numel())));
    return {};
}

bool Evaluator::anyCancelled(const Cancelled& cancelled)
{
    at::Tensor votes = at::zeros({1}, at::kDouble);
    if (cancelled())
        votes.fill_(1);
    m_group.sum(votes);
    return votes.item<double>() > 0;
}

EvaluationReport Evaluator::reportOf(const EvaluationScore& score, std::int64_t step, bool full, double seconds) const
{
    EvaluationReport report;
    report.step = step;
    report.full = full;
    report.leaky = m_leaky;
    report.bytes = score.totalBytes();
    report.loss = score.loss();
    report.bitsPerByte = score.bitsPerByte();
    for (std::size_t d = 0; d < m_corpus.domains.size(); ++d)
        report.domains.push_back({m_corpus.domains[d].name, score.bitsPerByte(static_cast<int>(d))});
    report.seconds = seconds;
    return report;
}

void Evaluator::sumOverRanks(EvaluationScore& score)
{
    const std::size_t count = score.nats.size();
    at::Tensor sums = at::zeros({static_cast<std::int64_t>(2 * count)}, at::kDouble);
    auto* values = sums.data_ptr<double>();
    for (std::size_t d = 0; d < count; ++d) {
        values[d] = score.nats[d];
        values[count + d] = static_cast<double>(score.bytes[d]);
    }
    m_group.sum(sums);
    for (std::size_t d = 0; d < count; ++d) {
        score.nats[d] = values[d];
        score.bytes[d] = static_cast<std::int64_t>(values[count + d]);
    }
}

}  // namespace moescope
