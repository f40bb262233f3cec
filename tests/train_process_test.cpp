// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The real engine as processes: signals, commands from another process, several ranks and a rank that is killed.
#include <cmath>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/run/event_log.h"
#include "engine/run/run_folder.h"
#include "tests/support/holds_within.h"
#include "tests/support/places.h"
#include "tests/support/run_program.h"
#include "tests/support/temporary_folder.h"

using namespace moescope;
using testing::HasSubstr;

namespace {

constexpr std::chrono::seconds kLong{30};
const std::string kEngine = programPath("moescope-engine");
const std::string kTinyPreset = sourceFolder() + "/tests/presets/tiny.json";

std::vector<std::string> trainCommand(const std::filesystem::path& run, const std::vector<std::string>& more = {})
{
    std::vector<std::string> command{kEngine, "train", kTinyPreset, "--run", run.string()};
    command.insert(command.end(), more.begin(), more.end());
    return command;
}

std::optional<RunStatus> statusOf(const std::filesystem::path& path)
{
    const auto run = RunFolder::open(FileSystem::real(), path);
    const auto status = run ? run->status() : Result<RunStatus>(fail(ErrorKind::Data, ""));
    return status ? std::optional(*status) : std::nullopt;
}

bool isTraining(const std::filesystem::path& path, std::int64_t step = 1)
{
    const auto status = statusOf(path);
    return status && status->state == RunState::Training && status->step >= step;
}

std::vector<double> scalars(const std::filesystem::path& run, const std::string& tag)
{
    std::vector<double> values;
    EventLogReader reader(run);
    for (auto records = reader.poll(); records && !records->empty(); records = reader.poll())
        for (const Record& record : *records)
            for (const ScalarValue& scalar : record.scalars)
                if (scalar.tag == tag)
                    values.push_back(scalar.value);
    return values;
}

/// Processes whose parent is `parent`, in the order of their start.
std::vector<pid_t> childrenOf(pid_t parent)
{
    std::ifstream file("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children");
    std::vector<pid_t> children;
    for (pid_t child = 0; file >> child;)
        children.push_back(child);
    return children;
}

const std::vector<std::string> kEndless{"training.steps=1000000", "evaluation.every=0", "probe.every=0"};

}  // namespace

TEST(Engine, TrainsToTheEndAndPrintsItsNumbers)
{
    const TemporaryFolder folder;
    const ProgramResult result = runProgramToEnd(trainCommand(folder / "run"));
    EXPECT_EQ(result.code, 0) << result.errors;
    EXPECT_THAT(result.output, HasSubstr("bits per byte on all"));
    EXPECT_THAT(result.output, HasSubstr("best possible 2.2112"));
    EXPECT_EQ(statusOf(folder / "run")->state, RunState::Finished);

    const ProgramResult again = runProgramToEnd({kEngine, "resume", (folder / "run").string()});
    EXPECT_EQ(again.code, 0);
    EXPECT_THAT(again.errors, HasSubstr("nothing to do"));
    const ProgramResult evaluated = runProgramToEnd({kEngine, "evaluate", (folder / "run").string()});
    EXPECT_EQ(evaluated.code, 0) << evaluated.errors;
}

// spec formats 5.5 row 27
TEST(Engine, SigtermStopsWithACheckpointAndCodeZero)
{
    const TemporaryFolder folder;
    RunningProgram engine(trainCommand(folder / "run", kEndless));
    ASSERT_TRUE(holdsWithin(kLong, [&] { return isTraining(folder / "run"); }));
    engine.send(SIGTERM);
    EXPECT_EQ(engine.wait().code, 0);
    const RunStatus status = *statusOf(folder / "run");
    EXPECT_EQ(status.state, RunState::Stopped);
    EXPECT_EQ(status.exit->cause, "signal");
    EXPECT_FALSE(status.checkpoint.empty());
}

TEST(Engine, SecondSignalEndsItAtOnce)
{
    const TemporaryFolder folder;
    // Steps of about a second: the first signal alone would have to wait for the end of one.
    std::vector<std::string> slow = kEndless;
    slow.insert(slow.end(), {"model.context=256", "data.batch_sequences=256", "model.hidden_size=64"});
    RunningProgram engine(trainCommand(folder / "run", slow));
    ASSERT_TRUE(holdsWithin(kLong, [&] { return isTraining(folder / "run"); }));
    engine.send(SIGTERM);
    engine.send(SIGINT);
    EXPECT_THAT(engine.wait().code, testing::AnyOf(128 + SIGTERM, 128 + SIGINT));
    EXPECT_EQ(statusOf(folder / "run")->state, RunState::Stopped);
}

TEST(Engine, HoldsContinuesAndPausesFromAnotherProcess)
{
    const TemporaryFolder folder;
    RunningProgram engine(trainCommand(folder / "run", kEndless));
    ASSERT_TRUE(holdsWithin(kLong, [&] { return isTraining(folder / "run"); }));
    const std::string run = folder / "run";
    EXPECT_EQ(runProgramToEnd({kEngine, "control", run, "hold"}).code, 0);
    EXPECT_TRUE(holdsWithin(kLong, [&] { return statusOf(run)->state == RunState::Holding; }));
    EXPECT_EQ(runProgramToEnd({kEngine, "control", run, "continue"}).code, 0);
    EXPECT_TRUE(holdsWithin(kLong, [&] { return isTraining(run); }));
    EXPECT_EQ(runProgramToEnd({kEngine, "control", run, "pause"}).code, 0);
    EXPECT_EQ(engine.wait().code, 0);
    EXPECT_EQ(statusOf(run)->state, RunState::Paused);
}

TEST(Engine, TwoRanksGiveTheCurveOfOne)
{
    const TemporaryFolder folder;
    const ProgramResult one = runProgramToEnd(trainCommand(folder / "one", {"training.precision=fp32"}));
    const ProgramResult two =
        runProgramToEnd(trainCommand(folder / "two", {"training.precision=fp32", "--ranks", "2"}));
    ASSERT_EQ(one.code, 0) << one.errors;
    ASSERT_EQ(two.code, 0) << two.errors;
    for (const char* tag : {"loss/total", "loss/language_model", "loss/balance"}) {
        const std::vector<double> a = scalars(folder / "one", tag), b = scalars(folder / "two", tag);
        ASSERT_EQ(a.size(), 40u) << tag;
        ASSERT_EQ(b.size(), 40u) << tag;
        for (std::size_t i = 0; i < a.size(); ++i)
            EXPECT_LT(std::abs(a[i] - b[i]) / std::abs(a[i]), 1e-4) << tag << " step " << i + 1;
    }
}

// spec formats 5.5 row 2
TEST(Engine, KilledRankEndsTheRunWithItsNumberAndCause)
{
    const TemporaryFolder folder;
    std::vector<std::string> more = kEndless;
    more.insert(more.end(), {"--ranks", "2"});
    RunningProgram launcher(trainCommand(folder / "run", more));
    ASSERT_TRUE(holdsWithin(kLong, [&] { return isTraining(folder / "run"); }));
    const std::vector<pid_t> ranks = childrenOf(launcher.pid());
    ASSERT_EQ(ranks.size(), 2u);
    const auto begin = std::chrono::steady_clock::now();
    ::kill(ranks[1], SIGKILL);
    EXPECT_EQ(launcher.wait().code, 6);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
    const RunStatus status = *statusOf(folder / "run");
    EXPECT_EQ(status.state, RunState::Failed);
    EXPECT_EQ(status.exit->code, 6);
    EXPECT_EQ(status.exit->rank, 1);
    EXPECT_FALSE(status.exit->cause.empty());
}

TEST(Engine, TwoRanksStopTogetherAtASignal)
{
    const TemporaryFolder folder;
    std::vector<std::string> more = kEndless;
    more.insert(more.end(), {"--ranks", "2"});
    RunningProgram launcher(trainCommand(folder / "run", more));
    ASSERT_TRUE(holdsWithin(kLong, [&] { return isTraining(folder / "run"); }));
    launcher.send(SIGTERM);
    EXPECT_EQ(launcher.wait().code, 0);
    EXPECT_EQ(statusOf(folder / "run")->state, RunState::Stopped);
    EXPECT_EQ(statusOf(folder / "run")->exit->cause, "signal");
    EXPECT_FALSE(statusOf(folder / "run")->checkpoint.empty());
}
