// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What a run does between two steps: evaluation, probe, checkpoints, commands, the guard on non-finite numbers.
#include <chrono>
#include <cmath>

#include <ATen/ops/zeros.h>
#include <nlohmann/json.hpp>

#include "engine/base/file_system.h"
#include "engine/dist/group.h"
#include "engine/train/create_run.h"
#include "engine/train/live_settings.h"
#include "engine/train/token_batch.h"
#include "engine/train/training_run.h"

namespace moescope {

namespace {

// So many updates left out in a row are no accident any more.
constexpr std::int64_t kMostSkips = 100;
// Held ranks wait in a collective, which has a time-out; rank 0 answers at least this often.
constexpr std::chrono::milliseconds kHoldBeat{500};

bool isDue(std::int64_t step, std::int64_t every) { return every > 0 && step % every == 0; }

}  // namespace

Result<void> TrainingRun::betweenSteps()
{
    const std::int64_t step = m_state.step;
    const bool last = step == m_config.training.steps;
    const std::int64_t bestBefore = m_state.bestStep;
    if (m_evaluated && (isDue(step, m_config.evaluation.every) || last))
        if (auto done = evaluateSample(); !done)
            return done;
    const bool probing = m_config.probe.every > 0 && leads() && !m_model->moeLayers().empty();
    if (probing && (step == 1 || isDue(step, m_config.probe.every) || last))
        if (auto done = probe(); !done)
            return done;
    const bool improved = m_state.bestStep != bestBefore && m_config.checkpoint.keepBest;
    if (leads() && !last && (isDue(step, m_config.checkpoint.every) || improved))
        if (auto saved = saveNow(); !saved)
            tellNotice("No checkpoint at step " + std::to_string(step) + ", training goes on: " + saved.error().text);
    return {};
}

Result<void> TrainingRun::evaluateSample()
{
    const auto report = m_evaluator->sample(m_state.step);
    if (!report)
        return forward(report);
    if (std::isfinite(report->bitsPerByte)
        && (m_state.bestStep == 0 || report->bitsPerByte < m_state.bestBitsPerByte)) {
        m_state.bestStep = m_state.step;
        m_state.bestBitsPerByte = report->bitsPerByte;
    }
    tell([&](Observer& observer) { observer.evaluated(*report); });
    return {};
}

Result<void> TrainingRun::probe()
{
    if (!m_probe) {
        const std::int64_t context = m_config.model.context;
        Batch batch;
        if (auto read =
                readWindows(m_corpus, sampleWindows(m_corpus, context, m_config.probe.sequences), context, batch);
            !read)
            return read;
        m_probe = std::make_unique<ExpertProbe>(*m_model, m_config, toTokenBatch(batch));
    }
    const SimilarityReport report = m_probe->measure();
    tell([&](Observer& observer) { observer.probed(m_state.step, report); });
    return {};
}

/// The checkpoint is written: a signal meanwhile ends the run here, and a resume only has this evaluation to do.
Result<void> TrainingRun::finalEvaluation()
{
    if (!m_evaluated)
        return {};
    const auto report = m_evaluator->all(m_state.step, leads() ? m_options.evaluationProgress : Evaluator::Progress{},
        [this] { return m_control.signalled(); });
    if (!report)
        return forward(report);
    if (*report)
        tell([&](Observer& observer) { observer.evaluated(**report); });
    else
        m_ending = TrainOutcome{RunState::Stopped, m_state.step, {0, "signal", -1}, {}};
    return {};
}

Result<void> TrainingRun::saveNow()
{
    const auto begin = std::chrono::steady_clock::now();
    tell([](Observer& observer) { observer.flush(); });
    const auto saved =
        saveCheckpoint(m_files, m_folder.checkpoints(), m_model->parameters(), m_trainingStep->optimizer(), m_state);
    if (!saved)
        return forward(saved);
    m_savedStep = m_state.step;
    std::vector<std::int64_t> keep;
    if (m_config.checkpoint.keepBest && m_state.bestStep > 0)
        keep.push_back(m_state.bestStep);
    pruneCheckpoints(m_files, m_folder.checkpoints(), m_config.checkpoint.keepLast, keep);
    const std::string name = saved->filename().string();
    m_heartbeat->setCheckpoint(name);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    tell([&](Observer& observer) { observer.checkpointed(m_state.step, name, seconds); });
    return {};
}

/// Rank 0 saves; all ranks learn whether there is a whole checkpoint of this step.
bool TrainingRun::saveTogether()
{
    at::Tensor saved = at::zeros({1}, at::kDouble);
    if (leads()) {
        if (m_savedStep == m_state.step) {
            saved.fill_(1);
        } else if (auto done = saveNow()) {
            saved.fill_(1);
        } else {
            tellNotice(done.error().text);
        }
    }
    m_group.sum(saved);
    return saved.item<double>() > 0;
}

Result<void> TrainingRun::stop(const std::string& cause)
{
    setState(RunState::Stopping, cause);
    if (!saveTogether())
        return moescope::fail(ErrorKind::Resources,
            shownPath(m_folder.path())
                + ": the run was asked to stop, but its checkpoint could not be written; "
                  "free some space and resume it from the one before.");
    m_ending = TrainOutcome{RunState::Stopped, m_state.step, {0, cause, -1}, {}};
    return {};
}

Result<void> TrainingRun::pause(const std::string& cause)
{
    if (saveTogether())
        m_ending = TrainOutcome{RunState::Paused, m_state.step, {0, cause, -1}, {}};
    else if (leads())
        tellNotice("Not paused: without a checkpoint the work would be lost. Training goes on.");
    return {};
}

Result<void> TrainingRun::act(const Decision& decision)
{
    switch (decision.code) {
    case Decision::Hold:
        return hold();
    case Decision::Pause:
        return pause("pause");
    case Decision::Stop:
        return stop("stop");
    case Decision::Checkpoint:
        saveTogether();
        return {};
    case Decision::Set:
        applySetting(decision);
        return {};
    default:
        return {};
    }
}

Result<void> TrainingRun::hold()
{
    setState(RunState::Holding);
    for (;;) {
        StepTotals exchange(0, 0);
        exchange.reduce(
            m_group, leads() ? m_control.next(m_state.step, true, kHoldBeat) : Decision{}, m_control.signalled());
        if (exchange.stopWanted())
            return stop("signal");
        const Decision decision = exchange.decision();
        if (decision.code == Decision::Continue)
            break;
        if (decision.code == Decision::Hold)
            continue;
        if (auto done = act(decision); !done || m_ending)
            return done;
    }
    setState(RunState::Training);
    return {};
}

void TrainingRun::applySetting(const Decision& decision)
{
    const LiveSetting& setting = liveSetting(decision.setting);
    setting.of(m_config) = decision.value;
    if (!leads())
        return;
    const nlohmann::json members{{"key", setting.key}, {"value", decision.value}};
    tell([&](Observer& observer) { observer.noticed(m_state.step, "setting", members.dump()); });
    if (auto written = storeConfig(m_files, m_folder, m_config); !written)
        tellNotice("The new value holds until this process ends, but not for a resume: " + written.error().text);
}

Result<void> TrainingRun::guard(const StepOutcome& outcome)
{
    const bool tooMany = m_skippedInARow >= kMostSkips;
    const NonFinitePolicy policy = tooMany ? NonFinitePolicy::Stop : m_config.training.nonFinite;
    const char* action = policy == NonFinitePolicy::Skip ? "skip" : policy == NonFinitePolicy::Pause ? "pause" : "stop";
    const nlohmann::json members{{"what", outcome.culprit}, {"policy", action}, {"in_a_row", m_skippedInARow},
        {"first_sequence", 0}, {"sequences", m_config.data.batchSequences}};
    tell([&](Observer& observer) { observer.noticed(m_state.step, "non_finite", members.dump()); });
    if (policy == NonFinitePolicy::Pause)
        return pause("non_finite");
    if (policy == NonFinitePolicy::Skip)
        return {};
    return moescope::fail(ErrorKind::Diverged,
        "Step " + std::to_string(m_state.step) + ": " + outcome.culprit + " is not finite"
            + (tooMany ? " for " + std::to_string(kMostSkips) + " steps in a row" : "")
            + ". Its update was left out. Start again with a lower learning rate, a longer warm-up or a smaller "
              "optimizer.clip.");
}

}  // namespace moescope
