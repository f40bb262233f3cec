// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/commands.h"

#include <cstdio>
#include <mutex>
#include <utility>

#include <unistd.h>

#include <ATen/Parallel.h>
#include <nlohmann/json.hpp>

#include "engine/base/file_system.h"
#include "engine/config/leaky_evaluation.h"
#include "engine/config/routed_experts.h"
#include "engine/control/signals.h"
#include "engine/data/corpus.h"
#include "engine/data/dialects.h"
#include "engine/data/ngram.h"
#include "engine/dist/group.h"
#include "engine/model/transformer.h"
#include "engine/routing/part_registry.h"
#include "engine/run/checkpoint_folder.h"
#include "engine/train/checkpoint.h"
#include "engine/train/cpu_threads.h"
#include "engine/train/create_run.h"
#include "engine/train/evaluator.h"
#include "engine/train/failure.h"
#include "engine/train/progress_line.h"
#include "engine/train/run_summary.h"
#include "engine/train/training_run.h"

namespace moescope {

namespace {

/// Signals may come before there is a trainer and while it is taken down.
class SignalTarget {
public:
    void set(Trainer* trainer)
    {
        const std::scoped_lock lock(m_mutex);
        m_trainer = trainer;
        if (trainer != nullptr && m_stop)
            trainer->request(TrainRequest::Signal);
    }
    void request(TrainRequest request)
    {
        const std::scoped_lock lock(m_mutex);
        m_stop = m_stop || request == TrainRequest::Signal;
        if (m_trainer != nullptr)
            m_trainer->request(request);
    }

private:
    std::mutex m_mutex;
    Trainer* m_trainer = nullptr;
    bool m_stop = false;
};

bool launcherOwnsState() { return std::getenv("MOESCOPE_STATUS_FD") != nullptr; }

void writeLastState(const RunFolder& folder, RunState state, const RunExit& exit)
{
    if (launcherOwnsState())
        return;
    RunStatus status = folder.status().value_or(RunStatus{});
    status.state = state;
    status.exit = exit;
    if (auto written = folder.writeStatus(status); !written)
        std::fprintf(stderr, "%s\n", written.error().text.c_str());
}

[[noreturn]] void endAtOnce(const RunFolder& folder, int rank, int signal)
{
    if (rank == 0)
        writeLastState(folder, RunState::Stopped, {128 + signal, "signal", rank});
    _exit(128 + signal);
}

/// Taking a broken group down would wait for threads that wait for the lost peer.
[[noreturn]] void endWithoutPeers(const Error& error)
{
    std::fprintf(stderr, "%s\n", error.text.c_str());
    std::fflush(nullptr);
    _exit(exitCode(error.kind));
}

std::string threadsJson(const ThreadPlacement& placement)
{
    return nlohmann::json{{"threads", at::get_num_threads()}, {"pinned", placement.pinned},
        {"free_us", placement.freeMicroseconds}, {"pinned_us", placement.pinnedMicroseconds},
        {"waiting", placement.waiting}}
        .dump();
}

/// What the corpus itself says about its numbers. A failure is told, never fatal.
Anchors anchorsOf(const RunConfig& config)
{
    Anchors anchors;
    const auto corpus = openCorpus(config.data, config.model.context);
    if (!corpus)
        return anchors;
    if (corpus->dialects)
        anchors.bayesBits = corpus->dialects->bayesBits(corpus->documentTokens - 1);
    const auto scores = ngramAnchors(*corpus);
    if (!scores)
        std::fprintf(stderr, "No n-gram models beside it: %s\n", scores.error().text.c_str());
    for (const NgramScore& score : scores.value_or(std::vector<NgramScore>{}))
        if (score.order >= 2)
            anchors.ngramBits.push_back(score.bitsPerByte);
    return anchors;
}

void printSummary(const RunFolder& folder, const RunConfig& config, const TrainOutcome& outcome,
    const ProgressLine& progress, double seconds, bool json)
{
    RunSummary summary;
    summary.folder = folder.path().string();
    summary.state = std::string(stateName(outcome.state));
    summary.step = outcome.step;
    summary.tokens = progress.tokens();
    summary.seconds = seconds;
    summary.tokensPerSecond = progress.tokensPerSecond();
    summary.trainingLoss = progress.loss();
    summary.full = progress.full();
    summary.sample = progress.lastSample();
    summary.hasExperts = numRoutedExperts(config.model) > 1;
    if (summary.full.bytes > 0)
        summary.anchors = anchorsOf(config);
    const std::string text = json ? summaryJson(summary) : summaryText(summary);
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

struct Session {
    RunFolder folder;
    RunConfig config;
    RunCall call;
    std::unique_ptr<Group> group;
};

/// Rank 0 holds the lock while it trains, unless whoever started the ranks does.
Result<void> takeLock(Session& session)
{
    if (session.call.lock || session.group->rank() != 0 || session.call.launch.source == "flags")
        return {};
    auto lock = session.folder.lock();
    if (!lock)
        return forward(lock);
    session.call.lock = std::move(*lock);
    return {};
}

Result<TrainOutcome> trainSession(Session session, bool resume)
{
    const int rank = session.group->rank();
    const RunFolder& folder = session.folder;
    SignalTarget target;
    const SignalWatch watch([&](int signal, int nth) {
        if (nth >= 2)
            endAtOnce(folder, rank, signal);
        target.request(nth == 0 ? TrainRequest::Checkpoint : TrainRequest::Signal);
    });

    ProgressLine progress(session.config, 0, folder.logs() / "rank-0.log");
    TrainerOptions options;
    options.resume = resume;
    if (rank == 0)
        options.observers = {&progress};
    options.evaluationProgress = [&](std::int64_t done, std::int64_t all) { progress.evaluating(done, all); };
    at::set_num_threads(static_cast<int>(session.config.training.threads));
    options.startEvents = {{"threads", threadsJson(placeThreads(session.call.launch.localSize))}};
    auto trainer = Trainer::create(session.config, folder, *session.group, std::move(options));
    if (!trainer) {
        if (rank == 0)
            writeLastState(folder, RunState::Failed, {exitCode(trainer.error().kind), causeOf(trainer.error()), rank});
        return forward(trainer);
    }
    target.set(trainer->get());
    const TrainOutcome outcome = (*trainer)->run();
    target.set(nullptr);
    if (outcome.state == RunState::Failed && outcome.error.kind == ErrorKind::PeerLost)
        endWithoutPeers(outcome.error);
    if (outcome.state == RunState::Failed)
        return tl::make_unexpected(outcome.error);
    if (rank == 0) {
        if (!outcome.error.text.empty())
            progress.say(outcome.error.text);
        printSummary(folder, session.config, outcome, progress, progress.seconds(), session.call.json);
    }
    return outcome;
}

Result<std::unique_ptr<Group>> groupOf(const LaunchEnv& launch)
{
    if (launch.worldSize > 1)
        return connectGroup(launch);
    return singleGroup();
}

/// Opens the folder on this rank, once it is there.
Result<Session> openSession(RunCall call, std::unique_ptr<Group> group)
{
    auto folder = RunFolder::open(FileSystem::real(), call.run);
    if (!folder)
        return forward(folder);
    auto config = configOf(*folder);
    if (!config)
        return forward(config);
    if (config->parallel.ranks != group->size())
        return fail(ErrorKind::User,
            shownPath(call.run) + ": this run belongs to " + std::to_string(config->parallel.ranks) + " ranks, but "
                + std::to_string(group->size())
                + " were started; another number would change its results. Start it with --ranks "
                + std::to_string(config->parallel.ranks) + ".");
    Session session{std::move(*folder), std::move(*config), std::move(call), std::move(group)};
    if (auto locked = takeLock(session); !locked)
        return forward(locked);
    return session;
}

bool folderExists(const std::filesystem::path& path)
{
    std::error_code ignored;
    return std::filesystem::exists(path / "run.json", ignored);
}

}  // namespace

Result<TrainOutcome> trainRun(const RunConfig& config, RunCall call)
{
    try {
        auto group = groupOf(call.launch);
        if (!group)
            return forward(group);
        if ((*group)->rank() == 0 && !folderExists(call.run))
            if (auto created = createRun(config, call.run); !created)
                return forward(created);
        (*group)->barrier();
        auto session = openSession(std::move(call), std::move(*group));
        if (!session)
            return forward(session);
        return trainSession(std::move(*session), false);
    } catch (const std::exception& problem) {
        return tl::make_unexpected(errorOf(problem));
    }
}

Result<TrainOutcome> resumeRun(RunCall call)
{
    try {
        auto group = groupOf(call.launch);
        if (!group)
            return forward(group);
        auto session = openSession(std::move(call), std::move(*group));
        if (!session)
            return forward(session);
        return trainSession(std::move(*session), true);
    } catch (const std::exception& problem) {
        return tl::make_unexpected(errorOf(problem));
    }
}

namespace {

Result<EvaluateReport> evaluateNewest(const RunFolder& run, bool acceptLeaky)
{
    const auto config = configOf(run);
    if (!config)
        return forward(config);
    if (!acceptLeaky && !isEvaluated(*config, {registeredParts(), {}}))
        return fail(ErrorKind::User,
            shownPath(run.path()) + ": not evaluated: " + whyNotEvaluated() + ". --accept-leaky does it anyway.");
    at::set_num_threads(static_cast<int>(config->training.threads));
    const auto checkpoints = listCheckpoints(run.checkpoints());
    std::string expected;
    if (!checkpoints.empty())
        if (const auto state = readTrainerState(checkpoints.front()))
            expected = state->dataFingerprint;
    const auto corpus = openCorpus(config->data, config->model.context, expected);
    if (!corpus)
        return forward(corpus);
    Transformer model(
        config->model, config->routing, config->training.precision, static_cast<std::uint64_t>(config->seed));
    const auto status = run.status();
    const auto loaded = loadNewestCheckpoint(
        run.checkpoints(), status ? status->checkpoint : std::string(), model.parameters(), nullptr);
    if (!loaded)
        return forward(loaded);
    if (!*loaded)
        return fail(ErrorKind::Data, shownPath(run.path()) + ": there is no checkpoint to evaluate yet.");
    for (const std::string& message : (*loaded)->messages)
        std::fprintf(stderr, "%s\n", message.c_str());

    const auto group = singleGroup();
    ProgressLine progress(*config, 0, {});
    Evaluator evaluator(*config, model, *corpus, *group);
    const auto result = evaluator.all(
        (*loaded)->state.step, [&](std::int64_t done, std::int64_t all) { progress.evaluating(done, all); });
    if (!result)
        return forward(result);
    EvaluateReport report;
    report.step = (*loaded)->state.step;
    report.checkpoint = (*loaded)->name;
    report.bytes = (*result)->bytes;
    report.leaky = (*result)->leaky;
    report.loss = (*result)->loss;
    report.bitsPerByte = (*result)->bitsPerByte;
    for (const NamedNumber& domain : (*result)->domains)
        report.domains[domain.name] = domain.value;
    report.anchors = anchorsOf(*config).ngramBits;
    return report;
}

}  // namespace

Result<EvaluateReport> evaluateRun(const RunFolder& run, bool acceptLeaky)
{
    try {
        return evaluateNewest(run, acceptLeaky);
    } catch (const std::exception& problem) {
        return tl::make_unexpected(errorOf(problem));
    }
}

}  // namespace moescope
