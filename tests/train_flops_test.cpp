// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What the log says of arithmetic spent, and runs that end by it.
#include <cmath>

#include <gtest/gtest.h>

#include "engine/config/flops.h"
#include "engine/train/checkpoint.h"
#include "engine/train/observer.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_run.h"

namespace moescope {
namespace {

FlopRates ratesOf(const RunConfig& config) { return flopRates(config, *routingCatalog(resourceFolder())); }

std::string stepKey(const std::string& tag, std::int64_t step)
{
    return tag + (step < 10 ? " 0000000" : " 000000") + std::to_string(step);
}

/// FLOPs of each step of a run of 20, from the log.
std::vector<double> flopsOfSteps(const RunFolder& run)
{
    const auto stream = metricStream(run.path());
    std::vector<double> steps;
    double before = 0;
    for (std::int64_t step = 1; stream.contains(stepKey("progress/flops", step)); ++step) {
        const double now = stream.at(stepKey("progress/flops", step)).front();
        steps.push_back(now - before);
        before = now;
    }
    return steps;
}

constexpr double kTokens = 8 * 16;

/// Of the tiny run with k = 2 in two layers. Its vocabulary is that of its corpus, which a run learns when it is made.
double flopsOfPlainStep(const TemporaryFolder& folder)
{
    return stepFlops(ratesOf(configOf(makeRun(folder / "sizes")).value()), kTokens, kTokens * 4);
}

/// Asks for a pause when a step is done.
class PauseAfter final : public Observer {
public:
    explicit PauseAfter(std::int64_t step)
        : m_step(step)
    {
    }
    void stepDone(const StepReport& report) override
    {
        if (report.step == m_step)
            trainer->request(TrainRequest::Pause);
    }
    Trainer* trainer = nullptr;

private:
    std::int64_t m_step;
};

TrainOutcome pauseAfter(const RunFolder& run, std::int64_t step)
{
    const auto config = configOf(run).value();
    const auto group = singleGroup();
    PauseAfter observer(step);
    TrainerOptions options;
    options.observers = {&observer};
    auto trainer = Trainer::create(config, run, *group, options).value();
    observer.trainer = trainer.get();
    return trainer->run();
}

TEST(TrainFlops, EveryStepOfPlainRoutingCostsTheSame)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "run");
    train(run);
    const RunConfig config = configOf(run).value();
    const double expected = stepFlops(ratesOf(config), kTokens, kTokens * 2 * 2);  // k = 2, two layers
    const std::vector<double> steps = flopsOfSteps(run);
    ASSERT_EQ(steps.size(), 20U);
    for (const double step : steps)
        EXPECT_NEAR(step, expected, 1e-5 * expected);
    EXPECT_NEAR(expected, kTokens * planMeanFlops(config, *routingCatalog(resourceFolder())).perToken, 1e-6 * expected);
}

// In a step, none, one or both layers compete; then all four experts of a layer answer instead of two.
TEST(TrainFlops, StepsWithACompetitionCostMore)
{
    const TemporaryFolder folder;
    const RunFolder run =
        makeRun(folder / "run", {"routing.recipe=competesmoe-2024", "routing.hooks.competition-schedule.rate=0.5"});
    train(run);
    const FlopRates rates = ratesOf(configOf(run).value());
    std::vector<int> stepsWith(3);
    for (const double step : flopsOfSteps(run)) {
        const double answers = (step - stepFlops(rates, kTokens, 0)) / rates.perAnswer / kTokens;
        const auto layers = static_cast<int>(std::lround((answers - 4) / 2));
        ASSERT_TRUE(layers >= 0 && layers <= 2) << answers;
        EXPECT_NEAR(answers, 4 + 2 * layers, 0.01);
        ++stepsWith[static_cast<std::size_t>(layers)];
    }
    for (const int steps : stepsWith)
        EXPECT_GT(steps, 0);
}

TEST(TrainFlops, ABudgetEndsTheRunAtTheFirstStepAtOrAboveIt)
{
    const TemporaryFolder folder;
    const double step = flopsOfPlainStep(folder);
    for (const auto& [budget, last] : {std::pair{7.5 * step, 8}, {7 * step, 7}}) {
        const RunFolder run =
            makeRun(folder / std::to_string(last), {"training.flops=" + std::to_string(budget), "evaluation.every=0"});
        const TrainOutcome outcome = train(run);
        EXPECT_EQ(outcome.state, RunState::Finished);
        EXPECT_EQ(outcome.step, last);
        const auto stream = metricStream(run.path());
        EXPECT_TRUE(stream.contains(stepKey("eval/full_bits_per_byte", last)));
        EXPECT_EQ(run.status().value().checkpoint, "step-0000000" + std::to_string(last));
        EXPECT_FALSE(stream.contains(stepKey("loss/total", last + 1)));
        // The schedule came to its end: cosine from 3e-3 to 2 % of it.
        EXPECT_NEAR(stream.at(stepKey("train/learning_rate", last)).front(), 3e-3 * 0.02, 1e-9);
        EXPECT_GT(stream.at(stepKey("train/learning_rate", last / 2)).front(), 1e-3);
    }
}

TEST(TrainFlops, ALargerBudgetGoesOn)
{
    const TemporaryFolder folder;
    const double step = flopsOfPlainStep(folder);
    const RunFolder run = makeRun(folder / "run", {"training.flops=" + std::to_string(5 * step)});
    EXPECT_EQ(train(run).step, 5);
    RunConfig config = configOf(run).value();
    config.training.flops = 9 * step;
    ASSERT_TRUE(storeConfig(FileSystem::real(), run, config));
    EXPECT_EQ(resume(run).step, 9);
    const auto checkpoints = listCheckpoints(run.checkpoints());
    EXPECT_NEAR(readTrainerState(checkpoints.front())->flops, 9 * step, 1e-6 * step);
}

// Competition, tracker and budget go on after a pause as if there had been none.
TEST(TrainFlops, ResumeKeepsTrackerScheduleAndAccount)
{
    const TemporaryFolder folder;
    const std::vector<std::string> settings = {"routing.recipe=simsmoe+competesmoe-2025",
        "routing.hooks.competition-schedule.rate=0.4", "routing.losses.similarity.frequency=0.3",
        "routing.losses.similarity.threshold=0.1", "routing.losses.similarity.tokens_per_feature=1"};
    const RunFolder whole = makeRun(folder / "whole", settings);
    train(whole);
    const auto stream = metricStream(whole.path());
    double similarity = 0;
    for (std::int64_t step = 1; step <= 20; ++step)
        similarity += stream.at(stepKey("loss/similarity", step)).front();
    EXPECT_GT(similarity, 0) << "some pair was measured";

    const RunFolder broken = makeRun(folder / "broken", settings);
    EXPECT_EQ(pauseAfter(broken, 7).state, RunState::Paused);
    EXPECT_EQ(resume(broken).state, RunState::Finished);
    EXPECT_EQ(newestTensors(whole), newestTensors(broken));
    EXPECT_EQ(metricStream(whole.path()), metricStream(broken.path()));
}

}  // namespace
}  // namespace moescope
