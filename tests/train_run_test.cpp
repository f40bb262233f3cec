// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Whole tiny runs in this process: what they record, how they resume, what they do when asked or in trouble.
#include <cmath>
#include <limits>
#include <set>
#include <thread>

#include <ATen/core/Tensor.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/control/command.h"
#include "engine/data/corpus.h"
#include "engine/data/dialects.h"
#include "engine/train/observer.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_run.h"
#include "tests/support/troubled_disk.h"

using namespace moescope;
using testing::HasSubstr;
using testing::Not;

namespace {

/// Calls back after each step, on the training thread.
class AfterStep : public Observer {
public:
    explicit AfterStep(std::function<void(const StepReport&)> action)
        : m_action(std::move(action))
    {
    }
    void stepDone(const StepReport& report) override { m_action(report); }

private:
    std::function<void(const StepReport&)> m_action;
};

/// Trains and asks for something after a step.
TrainOutcome trainAsking(const RunFolder& run, std::map<std::int64_t, TrainRequest> requests, bool resuming = false)
{
    const auto config = configOf(run).value();
    const auto group = singleGroup();
    Trainer* asked = nullptr;
    AfterStep asker([&](const StepReport& report) {
        if (requests.contains(report.step))
            asked->request(requests.at(report.step));
    });
    TrainerOptions options;
    options.resume = resuming;
    options.observers = {&asker};
    auto trainer = Trainer::create(config, run, *group, options).value();
    asked = trainer.get();
    return trainer->run();
}

}  // namespace

TEST(TrainRun, RecordsEveryStepAndEndsFinished)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "run");
    const TrainOutcome outcome = train(run);
    EXPECT_EQ(outcome.state, RunState::Finished);
    EXPECT_EQ(outcome.exit.code, 0);

    const auto stream = metricStream(run.path());
    for (int step = 1; step <= 20; ++step) {
        const std::string at = " 000000" + std::string(step < 10 ? "0" : "") + std::to_string(step);
        for (const char* tag : {"loss/total", "loss/language_model", "loss/balance", "train/learning_rate",
                 "train/gradient_norm", "load/assigned", "load/kept", "router/probability_sum", "router/entropy",
                 "load/max_violation/0", "load/max_violation/1", "progress/tokens"})
            EXPECT_TRUE(stream.contains(tag + at)) << tag << at;
        // spec diagnostics 3: counts are conserved, layer by layer.
        const std::vector<double>& assigned = stream.at("load/assigned" + at);
        EXPECT_EQ(assigned[0] + assigned[1] + assigned[2] + assigned[3], 8 * 16 * 2);
        EXPECT_EQ(stream.at("progress/tokens" + at).front(), step * 8 * 16);
    }
    EXPECT_TRUE(stream.contains("eval/bits_per_byte 00000020"));
    EXPECT_TRUE(stream.contains("eval/full_bits_per_byte 00000020"));
    EXPECT_EQ(stream.at("similarity/cosine 00000001").size(), 2u * 4 * 4);
    EXPECT_EQ(stream.at("similarity/diversity 00000020").size(), 2u);

    const RunStatus status = run.status().value();
    EXPECT_EQ(status.state, RunState::Finished);
    EXPECT_EQ(status.step, 20);
    EXPECT_EQ(status.checkpoint, "step-00000020");
    EXPECT_EQ(status.exit->cause, "finished");
}

TEST(TrainRun, PauseAndResumeGiveTheNumbersOfTheUnbrokenRun)
{
    const TemporaryFolder folder;
    const RunFolder whole = makeRun(folder / "whole");
    train(whole);
    const RunFolder halves = makeRun(folder / "halves");
    const TrainOutcome paused = trainAsking(halves, {{7, TrainRequest::Pause}});
    EXPECT_EQ(paused.state, RunState::Paused);
    EXPECT_EQ(paused.exit.code, 0);
    EXPECT_EQ(halves.status().value().state, RunState::Paused);
    EXPECT_LT(paused.step, 20);
    EXPECT_EQ(resume(halves).state, RunState::Finished);

    EXPECT_EQ(newestTensors(whole), newestTensors(halves));
    EXPECT_EQ(metricStream(whole.path()), metricStream(halves.path()));
}

TEST(TrainRun, ProbeAndLogChangeNoNumberOfTheTraining)
{
    const TemporaryFolder folder;
    const RunFolder with = makeRun(folder / "with");
    const RunFolder without = makeRun(folder / "without",
        {"probe.every=0", "record.every=100", "record.load_every=100", "evaluation.every=0", "checkpoint.every=0"});
    train(with);
    train(without);
    EXPECT_EQ(newestTensors(with), newestTensors(without));
}

TEST(TrainRun, CountsBetweenLoadRecordsAreSummed)
{
    const TemporaryFolder folder;
    const RunFolder each = makeRun(folder / "each");
    const RunFolder seldom = makeRun(folder / "seldom", {"record.load_every=7", "checkpoint.every=0"});
    train(each);
    train(seldom);
    const auto sum = [](const RunFolder& run) {
        std::vector<double> total(8);
        for (const auto& [key, values] : metricStream(run.path()))
            if (key.starts_with("load/assigned"))
                std::transform(total.begin(), total.end(), values.begin(), total.begin(), std::plus<>());
        return total;
    };
    EXPECT_EQ(sum(each), sum(seldom));
    EXPECT_TRUE(metricStream(seldom.path()).contains("load/assigned 00000014"));
    EXPECT_FALSE(metricStream(seldom.path()).contains("load/assigned 00000013"));
}

// spec formats 5.5 row 15
TEST(TrainRun, NonFiniteGradientLeavesOutExactlyThatUpdate)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "run", {"checkpoint.every=1"});
    TrainerOptions poison;
    std::map<std::string, std::string> before;
    poison.onGradient = [&](std::int64_t step, at::Tensor& gradient) {
        if (step != 6)
            return;
        before = newestTensors(run);
        gradient[3] = std::numeric_limits<float>::quiet_NaN();
    };
    AfterStep check([&](const StepReport& report) { EXPECT_EQ(report.skipped, report.step == 6); });
    poison.observers = {&check};
    AfterStep* observer = &check;
    (void)observer;
    EXPECT_EQ(train(run, poison).state, RunState::Finished);
    EXPECT_THAT(allEvents(run.path()), HasSubstr(R"("kind":"non_finite")"));

    // The checkpoint behind the skipped step holds the same tensors as the one before it.
    const RunFolder stopped = makeRun(folder / "stopped", {"checkpoint.every=1", "checkpoint.keep_last=100"});
    train(stopped, poison);
    const auto hash = [&](const char* name, const char* file) {
        return sha256OfFile(stopped.checkpoints() / name / file).value();
    };
    for (const char* file : {"model.safetensors", "optimizer.safetensors"}) {
        EXPECT_EQ(hash("step-00000005", file), hash("step-00000006", file));
        EXPECT_NE(hash("step-00000006", file), hash("step-00000007", file));
    }
}

TEST(TrainRun, PolicyStopEndsWithExitCode5AndPolicyPauseWithACheckpoint)
{
    const TemporaryFolder folder;
    TrainerOptions poison;
    poison.onGradient = [](std::int64_t step, at::Tensor& gradient) {
        if (step == 6)
            gradient[0] = std::numeric_limits<float>::infinity();
    };
    const RunFolder stop = makeRun(folder / "stop", {"training.non_finite=stop"});
    const TrainOutcome stopped = train(stop, poison);
    EXPECT_EQ(stopped.state, RunState::Failed);
    EXPECT_EQ(stopped.exit.code, 5);
    EXPECT_EQ(stop.status().value().exit->cause, "diverged");
    EXPECT_THAT(stopped.error.text, HasSubstr("is not finite"));

    const RunFolder pause = makeRun(folder / "pause", {"training.non_finite=pause"});
    const TrainOutcome paused = train(pause, poison);
    EXPECT_EQ(paused.state, RunState::Paused);
    EXPECT_EQ(paused.exit.cause, "non_finite");
    EXPECT_EQ(pause.status().value().checkpoint, "step-00000006");
}

TEST(TrainRun, SignalStopsWithACheckpoint)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "run");
    const TrainOutcome outcome = trainAsking(run, {{7, TrainRequest::Signal}});
    EXPECT_EQ(outcome.state, RunState::Stopped);
    EXPECT_EQ(outcome.exit.code, 0);
    EXPECT_EQ(run.status().value().exit->cause, "signal");
    EXPECT_EQ(listCheckpoints(run.checkpoints()).front().step, outcome.step);
}

TEST(TrainRun, HeldRunGoesOnWithTheSameNumbers)
{
    const TemporaryFolder folder;
    const RunFolder whole = makeRun(folder / "whole");
    train(whole);
    const RunFolder held = makeRun(folder / "held");
    // Both wait for the same step boundary: held first, then let go.
    const auto config = configOf(held).value();
    const auto group = singleGroup();
    Trainer* asked = nullptr;
    AfterStep asker([&](const StepReport& report) {
        if (report.step != 7)
            return;
        asked->request(TrainRequest::Hold);
        asked->request(TrainRequest::Checkpoint);
        asked->request(TrainRequest::Continue);
    });
    TrainerOptions options;
    options.observers = {&asker};
    auto trainer = Trainer::create(config, held, *group, options).value();
    asked = trainer.get();
    EXPECT_EQ(trainer->run().state, RunState::Finished);
    EXPECT_THAT(allEvents(held.path()), HasSubstr(R"("state":"holding")"));
    EXPECT_EQ(newestTensors(whole), newestTensors(held));
}

TEST(TrainRun, CommandsInTheInboxAreTakenAndAnswered)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "run", {"training.steps=100000", "checkpoint.every=0", "probe.every=0"});
    AfterStep poster([&](const StepReport& report) {
        Command command;
        command.issuer = "test";
        while ((command.epoch = run.status().value().startTime) == 0)
            std::this_thread::yield();  // the first heartbeat is on its way
        if (report.step == 3) {
            command.verb = Verb::Set;
            command.key = "evaluation.every";
            command.value = "0";
            EXPECT_TRUE(postCommand(FileSystem::real(), run.path(), command));
            command.key = "model.hidden_size";
            EXPECT_TRUE(postCommand(FileSystem::real(), run.path(), command));
            command.key = "probe.every";
            command.value = "1";
            EXPECT_TRUE(postCommand(FileSystem::real(), run.path(), command));
        } else if (report.step == 6) {
            command.verb = Verb::Stop;
            EXPECT_TRUE(postCommand(FileSystem::real(), run.path(), command));
        }
    });
    TrainerOptions options;
    options.observers = {&poster};
    const TrainOutcome outcome = train(run, options);
    EXPECT_EQ(outcome.state, RunState::Stopped);
    EXPECT_EQ(outcome.exit.cause, "stop");
    const std::string events = allEvents(run.path());
    EXPECT_THAT(events, HasSubstr(R"("key":"evaluation.every","kind":"setting")"));
    EXPECT_THAT(events, HasSubstr("model.hidden_size cannot change while a run trains"));
    EXPECT_EQ(configOf(run).value().evaluation.every, 0);
    const auto stream = metricStream(run.path());
    EXPECT_FALSE(stream.contains("similarity/cosine 00000002"));
    EXPECT_TRUE(stream.contains("similarity/cosine 00000006")) << "the probe was switched on at step 3";
}

// spec formats 5.5 rows 6 and 7
TEST(TrainRun, FullDiskStopsNeitherTrainingNorLosesCounts)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "run");
    TroubledDisk disk;
    AfterStep trouble([&](const StepReport& report) { disk.full = report.step >= 6 && report.step < 16; });
    TrainerOptions options;
    options.files = &disk;
    options.observers = {&trouble};
    EXPECT_EQ(train(run, options).state, RunState::Finished);
    const auto stream = metricStream(run.path());
    for (int step = 1; step <= 20; ++step)
        EXPECT_TRUE(stream.contains("load/assigned 000000" + std::string(step < 10 ? "0" : "") + std::to_string(step)));
    const std::string events = allEvents(run.path());
    EXPECT_THAT(events, HasSubstr("No checkpoint at step 10, training goes on"));
    EXPECT_THAT(events, HasSubstr(R"("kind":"gap")"));
    EXPECT_EQ(listCheckpoints(run.checkpoints()).front().step, 20);
}

// spec formats 5.5 row 9
TEST(TrainRun, DamagedCheckpointIsNamedAndTheOneBeforeIsTaken)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "run");
    trainAsking(run, {{12, TrainRequest::Stop}});
    const auto all = listCheckpoints(run.checkpoints());
    ASSERT_GE(all.size(), 2u);
    std::string bytes = readBytes(all[0].path / "model.safetensors");
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
    writeBytes(all[0].path / "model.safetensors", bytes);
    const auto group = singleGroup();
    TrainerOptions options;
    options.resume = true;
    const auto trainer = Trainer::create(configOf(run).value(), run, *group, options).value();
    EXPECT_EQ(trainer->step(), all[1].step);
    ASSERT_FALSE(trainer->messages().empty());
    EXPECT_THAT(trainer->messages().front(), HasSubstr("model.safetensors"));
}

TEST(TrainRun, NoWholeCheckpointIsAnErrorThatNamesThem)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "run");
    trainAsking(run, {{6, TrainRequest::Stop}});
    for (const CheckpointInfo& info : listCheckpoints(run.checkpoints()))
        writeBytes(info.path / "optimizer.safetensors", "short");
    const auto group = singleGroup();
    TrainerOptions options;
    options.resume = true;
    const auto refused = Trainer::create(configOf(run).value(), run, *group, options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Data);
    EXPECT_THAT(refused.error().text, HasSubstr("none is whole"));
    EXPECT_THAT(refused.error().text, HasSubstr("optimizer.safetensors"));
}

// spec formats 5.5 row 26
TEST(TrainRun, CheckpointOfAnotherShapeIsRefusedWithATable)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "run");
    trainAsking(run, {{6, TrainRequest::Stop}});
    const auto group = singleGroup();
    TrainerOptions options;
    options.resume = true;
    RunConfig other = configOf(run).value();
    other.model.numExperts = 8;
    const auto refused = Trainer::create(other, run, *group, options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Data);
    EXPECT_THAT(refused.error().text, HasSubstr("checkpoint F32 [4, 16, 16], model F32 [8, 16, 16]"));
}

TEST(TrainRun, ResumeWithoutAnyCheckpointStartsAgainAndSaysSo)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "run");
    const auto group = singleGroup();
    TrainerOptions options;
    options.resume = true;
    const auto trainer = Trainer::create(configOf(run).value(), run, *group, options).value();
    EXPECT_EQ(trainer->step(), 0);
    EXPECT_THAT(trainer->messages().front(), HasSubstr("starts again at step 0"));
}

// spec diagnostics 8.1, B4: the best possible loss of this corpus is known.
TEST(TrainRun, LearnsDialectsAlmostToTheirBayesLoss)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "run",
        {"training.steps=300", "model.hidden_size=32", "model.context=32", "model.expert_size=32",
            "data.batch_sequences=16", "optimizer.learning_rate=0.01", "evaluation.every=0", "checkpoint.every=0",
            "probe.every=0"});
    EXPECT_EQ(train(run).state, RunState::Finished);
    const RunConfig config = configOf(run).value();
    const Corpus corpus = openCorpus(config.data, config.model.context).value();
    const double best = corpus.dialects->bayesBits(corpus.documentTokens - 1);
    const double reached = metricStream(run.path()).at("eval/full_bits_per_byte 00000300").front();
    EXPECT_LT(reached, 1.02 * best);
    EXPECT_GT(reached, 0.98 * best);
}

// spec formats 5.5 row 20
TEST(TrainRun, DataThatIsShortenedMeanwhileEndsTheRunWithACheckpoint)
{
    const TemporaryFolder folder;
    std::string text;
    for (int line = 0; text.size() < 200'000; ++line)
        text += "line " + std::to_string(line) + " of some text\n";
    writeBytes(folder / "text.txt", text);
    const RunFolder run = makeRun(folder / "run",
        {"data.corpus=text", "data.path=" + (folder / "text.txt").string(), "checkpoint.every=0",
            "evaluation.every=0"});
    AfterStep shorten([&](const StepReport& report) {
        if (report.step == 7)
            std::filesystem::resize_file(folder / "text.txt", 1000);
    });
    TrainerOptions options;
    options.observers = {&shorten};
    const TrainOutcome outcome = train(run, options);
    EXPECT_EQ(outcome.state, RunState::Failed);
    EXPECT_EQ(outcome.exit.code, 3);
    EXPECT_THAT(outcome.error.text, HasSubstr("text.txt"));
    EXPECT_EQ(run.status().value().checkpoint, "step-00000007");

    // Put back, the run goes on; with other text it is refused.
    writeBytes(folder / "text.txt", text);
    EXPECT_EQ(resume(run).state, RunState::Finished);
}

namespace {

/// Tags of all evaluations of a run.
std::set<std::string> evaluationTags(const RunFolder& run)
{
    std::set<std::string> tags;
    for (const auto& [key, values] : metricStream(run.path()))
        if (key.starts_with("eval/"))
            tags.insert(key.substr(0, key.find(' ')));
    return tags;
}

const std::vector<std::string> kSeesTheFuture{
    "routing.recipe=expert-choice", "routing.selector.evaluation=as-training", "training.steps=5"};

}  // namespace

TEST(TrainRun, ARoutingThatSeesTheFutureIsNotEvaluated)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "run", kSeesTheFuture);
    EXPECT_EQ(train(run).state, RunState::Finished);
    EXPECT_THAT(evaluationTags(run), testing::IsEmpty());
    EXPECT_THAT(allEvents(run.path()), HasSubstr("Not evaluated: "));

    const auto refused = evaluateRun(run);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::User);
    EXPECT_THAT(refused.error().text, HasSubstr("--accept-leaky"));
    const auto accepted = evaluateRun(run, true);
    ASSERT_TRUE(accepted) << accepted.error().text;
    EXPECT_TRUE(accepted->leaky);
}

TEST(TrainRun, AcceptedNumbersOfSuchARoutingHaveTagsOfTheirOwn)
{
    const TemporaryFolder folder;
    std::vector<std::string> settings = kSeesTheFuture;
    settings.emplace_back("evaluation.accept_leaky=true");
    const RunFolder run = makeRun(folder / "run", settings);
    EXPECT_EQ(train(run).state, RunState::Finished);
    EXPECT_EQ(evaluationTags(run),
        (std::set<std::string>{"eval/leaky_bits_per_byte", "eval/leaky_full_bits_per_byte", "eval/leaky_loss"}));
    EXPECT_TRUE(evaluateRun(run).value().leaky);
}

// Thresholds, tables and who stands aside are in the checkpoint or follow from the step.
TEST(TrainRun, RoutingStateSurvivesAPause)
{
    for (const std::string recipe : {"hash-balanced", "expert-choice", "expert-race", "base", "sinkhorn", "moec"}) {
        SCOPED_TRACE(recipe);
        const TemporaryFolder folder;
        const std::vector<std::string> settings{"routing.recipe=" + recipe};
        const RunFolder whole = makeRun(folder / "whole", settings), halves = makeRun(folder / "halves", settings);
        train(whole);
        trainAsking(halves, {{7, TrainRequest::Pause}});
        EXPECT_EQ(resume(halves).state, RunState::Finished);
        EXPECT_EQ(newestTensors(whole), newestTensors(halves));
        EXPECT_EQ(metricStream(whole.path()), metricStream(halves.path()));
    }
}
