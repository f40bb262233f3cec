// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/training_run.h"

#include <fstream>
#include <utility>

#include <ATen/ops/tensor.h>
#include <nlohmann/json.hpp>

#include "engine/base/file_system.h"
#include "engine/base/units.h"
#include "engine/base/version.h"
#include "engine/config/leaky_evaluation.h"
#include "engine/config/schedule.h"
#include "engine/data/token_counts.h"
#include "engine/dist/group.h"
#include "engine/routing/part_registry.h"
#include "engine/run/checkpoint_folder.h"
#include "engine/train/commands.h"
#include "engine/train/failure.h"
#include "engine/train/trainer_state_json.h"

namespace moescope {

namespace {

/// VmHWM: the highest resident memory of this process. getrusage would count what the parent had before exec.
std::int64_t peakResidentBytes()
{
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word != "VmHWM:")
            continue;
        std::int64_t kilobytes = 0;
        status >> kilobytes;
        return kilobytes * 1024;
    }
    return 0;
}

}  // namespace

TrainingRun::TrainingRun(const RunConfig& config, const RunFolder& folder, Group& group, TrainerOptions options)
    : m_config(config)
    , m_folder(folder)
    , m_group(group)
    , m_options(std::move(options))
    , m_files(m_options.files != nullptr ? *m_options.files : FileSystem::real())
{
}

bool TrainingRun::leads() const { return m_group.rank() == 0; }

Result<void> TrainingRun::prepare()
{
    std::string expected;
    if (m_options.resume)
        if (const auto checkpoints = listCheckpoints(m_folder.checkpoints()); !checkpoints.empty())
            if (const auto state = readTrainerState(checkpoints.front()))
                expected = state->dataFingerprint;
    auto corpus = openCorpus(m_config.data, m_config.model.context, expected);
    if (!corpus)
        return forward(corpus);
    m_corpus = std::move(*corpus);
    m_messages = m_corpus.notices;

    const auto seed = static_cast<std::uint64_t>(m_config.seed);
    m_batches.emplace(m_corpus, m_config.model.context, seed);
    m_model = std::make_unique<Transformer>(m_config.model, m_config.routing, m_config.training.precision, seed);
    m_trainingStep = std::make_unique<TrainingStep>(m_config, *m_model, *m_batches, m_group);
    m_trainingStep->setGradientHook(m_options.onGradient);
    m_evaluator = std::make_unique<Evaluator>(m_config, *m_model, m_corpus, m_group);
    m_evaluated = isEvaluated(m_config, {registeredParts(), {}});
    if (!m_evaluated)
        m_messages.push_back("Not evaluated: " + whyNotEvaluated() + ". evaluation.accept_leaky=true does it anyway.");
    if (auto counted = countTokens(); !counted)
        return counted;
    if (auto loaded = loadState(); !loaded)
        return loaded;
    return leads() ? openTelemetry() : Result<void>{};
}

/// Before a checkpoint is loaded, which has what was made of the counts.
Result<void> TrainingRun::countTokens()
{
    if (!m_model->needsTokenCounts())
        return {};
    const auto counts = tokenCounts(m_corpus, *m_batches);
    if (!counts)
        return forward(counts);
    m_model->onTokenCounts(at::tensor(*counts, at::kLong));
    return {};
}

Result<void> TrainingRun::loadState()
{
    m_state.dataFingerprint = m_corpus.fingerprint;
    m_state.configHash = sha256OfText(m_folder.configJson().value_or(std::string()));
    m_state.ranks = m_group.size();
    m_state.libtorch = libtorchVersion();
    m_state.program = std::string(programVersion());
    if (!m_options.resume)
        return {};
    const auto status = m_folder.status();
    auto loaded = loadNewestCheckpoint(m_folder.checkpoints(), status ? status->checkpoint : std::string(),
        m_model->parameters(), &m_trainingStep->optimizer());
    if (!loaded)
        return forward(loaded);
    if (!*loaded) {
        m_messages.push_back("No checkpoint was ever complete: the run starts again at step 0.");
        return {};
    }
    const LoadedCheckpoint& checkpoint = **loaded;
    m_messages.insert(m_messages.end(), checkpoint.messages.begin(), checkpoint.messages.end());
    m_state.step = checkpoint.state.step;
    m_state.tokens = checkpoint.state.tokens;
    m_state.numSkipped = checkpoint.state.numSkipped;
    m_state.bestStep = checkpoint.state.bestStep;
    m_state.bestBitsPerByte = checkpoint.state.bestBitsPerByte;
    m_savedStep = m_state.step;
    return {};
}

Result<void> TrainingRun::openTelemetry()
{
    auto recording = RunRecording::start(m_files, m_folder.path(), m_config, m_state.step + 1);
    if (!recording)
        return forward(recording);
    m_recording = std::move(*recording);
    m_observers = m_options.observers;
    m_observers.insert(m_observers.begin(), m_recording.get());
    for (const std::string& message : m_messages)
        tellNotice(message);
    for (const auto& [kind, members] : m_options.startEvents)
        m_recording->noticed(m_state.step, kind, members);

    RunStatus status;
    status.state = RunState::Loading;
    status.step = m_state.step;
    if (m_savedStep >= 0)
        status.checkpoint = checkpointName(m_savedStep);
    m_heartbeat = std::make_unique<Heartbeat>(m_folder, status);
    m_control.openInbox(m_files, m_folder.path(), m_heartbeat->startTime(), *m_recording);
    warnOfLittleSpace();
    return {};
}

/// A checkpoint being written needs its place beside the one before.
void TrainingRun::warnOfLittleSpace()
{
    std::error_code unknown;
    const auto space = std::filesystem::space(m_folder.path(), unknown);
    const double needed = 2 * 3 * static_cast<double>(m_model->parameters().master().nbytes());  // with both moments
    if (!unknown && static_cast<double>(space.available) < needed)
        tellNotice(shownPath(m_folder.path()) + ": only " + formatBytes(static_cast<double>(space.available))
            + " are free, two checkpoints need " + formatBytes(needed) + ".");
}

TrainOutcome TrainingRun::train()
{
    setState(RunState::Training);
    while (!m_ending && m_state.step < m_config.training.steps) {
        if (auto done = takeStep(); !done) {
            // The parameters are those of the last whole step: worth a checkpoint before the end.
            if (leads() && m_savedStep != m_state.step)
                if (auto saved = saveNow(); !saved)
                    tellNotice(saved.error().text);
            return fail(done.error());
        }
    }
    if (m_ending)
        return end(*m_ending);
    if (leads() && m_savedStep != m_state.step)
        if (auto saved = saveNow(); !saved)
            return fail(saved.error());
    if (auto done = finalEvaluation(); !done)
        return fail(done.error());
    return end(m_ending.value_or(TrainOutcome{RunState::Finished, m_state.step, {0, "finished", -1}, {}}));
}

Result<void> TrainingRun::takeStep()
{
    const Decision wanted = leads() ? m_control.next(m_state.step, false, std::chrono::milliseconds(0)) : Decision{};
    const std::int64_t step = m_state.step + 1;
    const double learningRate =
        learningRateAt(m_config.optimizer.learningRate, m_config.schedule, step, m_config.training.steps);
    auto outcome = m_trainingStep->run(Step(step), learningRate, wanted, m_control.signalled());
    if (!outcome)
        return forward(outcome);

    StepReport& report = outcome->report;
    m_state.step = step;
    m_state.tokens += report.stepTokens;
    m_state.numSkipped += report.skipped ? 1 : 0;
    m_skippedInARow = report.skipped ? m_skippedInARow + 1 : 0;
    if (leads()) {
        report.tokens = m_state.tokens;
        report.peakBytes = peakResidentBytes();
        report.times.record = m_recording->lastMilliseconds();
        m_heartbeat->setStep(step);
        tell([&](Observer& observer) { observer.stepDone(report); });
    }
    if (report.skipped)
        if (auto guarded = guard(*outcome); !guarded)
            return guarded;
    if (auto done = betweenSteps(); !done)
        return done;
    if (m_ending)
        return {};
    if (outcome->stopWanted)
        return stop("signal");
    return act(outcome->decision);
}

void TrainingRun::setState(RunState state, const std::string& cause)
{
    if (!leads())
        return;
    m_heartbeat->setState(state);
    tell([&](Observer& observer) { observer.stateChanged(m_state.step, state, cause); });
}

void TrainingRun::tellNotice(const std::string& text)
{
    const std::string members =
        nlohmann::json{{"text", text}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    tell([&](Observer& observer) { observer.noticed(m_state.step, "notice", members); });
}

TrainOutcome TrainingRun::end(TrainOutcome outcome)
{
    if (!leads())
        return outcome;
    tell([&](Observer& observer) { observer.stateChanged(m_state.step, outcome.state, outcome.exit.cause); });
    if (auto finished = m_recording->finish(); !finished && outcome.error.text.empty())
        outcome.error = finished.error();
    if (auto written = m_heartbeat->finish(outcome.state, outcome.exit); !written && outcome.error.text.empty())
        outcome.error = written.error();
    return outcome;
}

TrainOutcome TrainingRun::fail(Error error)
{
    TrainOutcome outcome{RunState::Failed, m_state.step, {exitCode(error.kind), causeOf(error), m_group.rank()}, error};
    if (leads() && m_recording)
        tellNotice(error.text);
    return m_recording ? end(std::move(outcome)) : outcome;
}

}  // namespace moescope
