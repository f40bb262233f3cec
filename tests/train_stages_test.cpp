// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Methods that freeze or grow on the way, in whole tiny runs: what their checkpoints hold, and that a resume gives the
// numbers of the unbroken run.
#include <span>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/run/safetensors.h"
#include "engine/train/checkpoint.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_run.h"

using namespace moescope;
using testing::ElementsAre;

namespace {

RunFolder makeRunOf(
    const std::string& recipe, const std::filesystem::path& path, std::vector<std::string> overrides = {})
{
    overrides.insert(overrides.end(),
        {"routing.recipe=" + recipe, "training.steps=40", "checkpoint.every=4", "checkpoint.keep_last=100",
            "optimizer.weight_decay=0.1", "optimizer.learning_rate=0.01"});
    return makeRun(path, overrides);
}

CheckpointInfo checkpointAt(const RunFolder& run, std::int64_t step)
{
    for (const CheckpointInfo& info : listCheckpoints(run.checkpoints()))
        if (info.step == step)
            return info;
    ADD_FAILURE() << "no checkpoint of step " << step;
    return {};
}

/// Numbers of a parameter in the checkpoint of a step; empty when it has none of this name.
std::vector<float> numbersIn(
    const RunFolder& run, std::int64_t step, const std::string& name, const char* file = "model.safetensors")
{
    const auto tensors = SafetensorsFile::open(checkpointAt(run, step).path / file);
    if (!tensors || tensors->find(name) == nullptr)
        return {};
    std::size_t count = 1;
    for (const std::int64_t size : tensors->find(name)->shape)
        count *= static_cast<std::size_t>(size);
    std::vector<float> numbers(count);
    EXPECT_TRUE(tensors->read(*tensors->find(name), std::as_writable_bytes(std::span(numbers))));
    return numbers;
}

/// The unbroken run and one that was paused after a step and resumed have the same numbers everywhere.
void expectResumeChangesNothing(const std::string& recipe, std::int64_t pauseAfter)
{
    const TemporaryFolder folder;
    const RunFolder whole = makeRunOf(recipe, folder / "whole"), halves = makeRunOf(recipe, folder / "halves");
    ASSERT_EQ(train(whole).state, RunState::Finished);
    ASSERT_EQ(trainAsking(halves, {{pauseAfter, TrainRequest::Pause}}).state, RunState::Paused);
    ASSERT_EQ(resume(halves).state, RunState::Finished);
    EXPECT_EQ(newestTensors(whole), newestTensors(halves)) << recipe << ' ' << pauseAfter;
    EXPECT_EQ(metricStream(whole.path()), metricStream(halves.path())) << recipe << ' ' << pauseAfter;
}

constexpr const char* kStudent[] = {"layers.1.moe.router.student.embedding", "layers.1.moe.router.student.weight",
    "layers.3.moe.router.student.embedding", "layers.3.moe.router.student.weight"};

}  // namespace

// field 4.1 (h2): the first stage are updates 1 to 4 of 40.
TEST(StableMoe, StudentIsBitIdenticalFromTheSwitchOnUnderWeightDecay)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRunOf("stablemoe", folder / "run", {"evaluation.every=0", "probe.every=0"});
    ASSERT_EQ(train(run).state, RunState::Finished);
    for (const char* name : kStudent) {
        const auto atSwitch = numbersIn(run, 4, name);
        ASSERT_FALSE(atSwitch.empty()) << name;
        EXPECT_EQ(numbersIn(run, 40, name), atSwitch) << name;
        EXPECT_FALSE(numbersIn(run, 4, name + std::string(".exp_avg"), "optimizer.safetensors").empty());
        EXPECT_TRUE(numbersIn(run, 8, name + std::string(".exp_avg"), "optimizer.safetensors").empty());
    }
    EXPECT_NE(numbersIn(run, 8, "layers.1.moe.router.weight"), numbersIn(run, 40, "layers.1.moe.router.weight"))
        << "the teacher goes on learning";

    EXPECT_THAT(readTrainerState(checkpointAt(run, 4))->frozen, ElementsAre());
    EXPECT_THAT(readTrainerState(checkpointAt(run, 8))->frozen, testing::ElementsAreArray(kStudent));
    const auto stream = metricStream(run.path());
    EXPECT_GT(stream.at("loss/distillation 00000004").front(), 0);
    EXPECT_EQ(stream.at("loss/distillation 00000005").front(), 0);
    EXPECT_EQ(stream.at("loss/balance 00000005").front(), 0);
}

TEST(StableMoe, ResumeInEitherStageChangesNothing)
{
    expectResumeChangesNothing("stablemoe", 2);
    expectResumeChangesNothing("stablemoe", 10);
}

TEST(EvoMoe, ResumeInEitherStageChangesNothing)
{
    expectResumeChangesNothing("evomoe", 9);
    expectResumeChangesNothing("evomoe", 30);
}

// seeds 3 (h)
TEST(SmoeDropout, TrainingLeavesTheRouterBitIdenticalAndKGrows)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRunOf("smoe-dropout", folder / "run");
    ASSERT_EQ(train(run).state, RunState::Finished);
    for (const char* name : {"layers.1.moe.router.weight", "layers.3.moe.router.weight"}) {
        EXPECT_EQ(numbersIn(run, 40, name), numbersIn(run, 4, name)) << name;
        EXPECT_TRUE(numbersIn(run, 40, name + std::string(".exp_avg"), "optimizer.safetensors").empty());
    }
    const auto stream = metricStream(run.path());
    const auto pairs = [&](const char* step) {
        const std::vector<double>& assigned = stream.at(std::string("load/assigned 000000") + step);
        return assigned[0] + assigned[1] + assigned[2] + assigned[3];
    };
    EXPECT_EQ(pairs("01"), 2 * 8 * 16) << "half of four experts";
    EXPECT_EQ(pairs("11"), 3 * 8 * 16);
    EXPECT_EQ(pairs("40"), 4 * 8 * 16);
    expectResumeChangesNothing("smoe-dropout", 17);
}

TEST(SmoeDropout, EvaluationOfACheckpointUsesTheKOfItsStep)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRunOf("smoe-dropout", folder / "run");
    ASSERT_EQ(train(run).state, RunState::Finished);
    const auto report = evaluateRun(run);
    ASSERT_TRUE(report) << report.error().text;
    EXPECT_NEAR(report->bitsPerByte, metricStream(run.path()).at("eval/full_bits_per_byte 00000040").front(), 1e-6);
}

// seeds 4 (h)
TEST(HyperRouter, TrainingMovesTheEmbeddingAlone)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRunOf("hyperrouter", folder / "run");
    ASSERT_EQ(train(run).state, RunState::Finished);
    const std::string router = "layers.1.moe.router.";
    for (const char* name : {"hypernetwork.w1", "hypernetwork.w2"}) {
        EXPECT_FALSE(numbersIn(run, 40, router + name).empty());
        EXPECT_EQ(numbersIn(run, 40, router + name), numbersIn(run, 4, router + name)) << name;
    }
    EXPECT_NE(numbersIn(run, 40, router + "embedding"), numbersIn(run, 4, router + "embedding"));
    expectResumeChangesNothing("hyperrouter", 17);
}
