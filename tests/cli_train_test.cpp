// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Whole runs of the real program: train, stop, resume, two ranks, a lost rank.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/base/file_system.h"
#include "engine/run/run_folder.h"
#include "tests/support/holds_within.h"
#include "tests/support/places.h"
#include "tests/support/run_program.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string kTiny = sourceFolder() + "/tests/presets/tiny.json";

class Training : public testing::Test {
protected:
    static std::vector<std::string> engine(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), programPath("moescope-engine"));
        return arguments;
    }

    ProgramResult run(std::vector<std::string> arguments) const
    {
        return runProgramToEnd(engine(std::move(arguments)), m_variables);
    }

    RunStatus status() const
    {
        const auto folder = RunFolder::open(FileSystem::real(), m_run);
        const auto status = folder ? folder->status() : Result<RunStatus>(RunStatus{});
        return status.value_or(RunStatus{});
    }

    /// False after half a minute.
    bool comesTrue(const std::function<bool()>& condition) const
    {
        return holdsWithin(std::chrono::seconds(30), condition);
    }

    bool trains() const
    {
        return comesTrue([&] { return status().state == RunState::Training && status().step > 0; });
    }

    /// A hash of every file.
    std::map<std::string, std::size_t> contents() const
    {
        std::map<std::string, std::size_t> files;
        for (const auto& entry : fs::recursive_directory_iterator(m_run))
            if (entry.is_regular_file())
                files[entry.path().string()] = std::hash<std::string>{}(readBytes(entry.path()));
        return files;
    }

    TemporaryFolder m_folder;
    std::vector<std::string> m_variables{"OMP_NUM_THREADS=1", "XDG_DATA_HOME=" + (m_folder / "data").string()};
    fs::path m_run = m_folder / "run";
};

TEST_F(Training, GoesToItsEndAndSaysHowWell)
{
    const ProgramResult result = run({"train", kTiny, "--run", m_run, "--json"});
    ASSERT_EQ(result.code, 0) << result.errors;
    EXPECT_EQ(nlohmann::json::parse(result.output)["step"], 40);
    EXPECT_EQ(status().state, RunState::Finished);
    EXPECT_EQ(status().checkpoint, "step-00000040");
    EXPECT_TRUE(fs::exists(m_run / "checkpoints/step-00000040/manifest.json"));
    const auto config = nlohmann::json::parse(readBytes(m_run / "config.json"));
    EXPECT_NE(config["model"]["attention"], "auto");
    EXPECT_GT(config["training"]["threads"], 0);
    const ProgramResult evaluated = run({"evaluate", m_run, "--json"});
    EXPECT_EQ(evaluated.code, 0) << evaluated.errors;
    EXPECT_EQ(nlohmann::json::parse(evaluated.output)["step"], 40);
}

TEST_F(Training, ResumeAtTheEndChangesNothingAndGoesOnWithMoreSteps)
{
    ASSERT_EQ(run({"train", kTiny, "training.steps=10", "--run", m_run}).code, 0);
    const auto before = contents();
    const ProgramResult again = run({"resume", m_run});
    EXPECT_EQ(again.code, 0);
    EXPECT_THAT(again.errors, HasSubstr("is at step 10 of 10 already"));
    EXPECT_EQ(contents(), before);
    EXPECT_EQ(run({"train", kTiny, "--run", m_run}).code, 3);
    EXPECT_EQ(contents(), before);

    EXPECT_EQ(run({"resume", m_run, "training.steps=15"}).code, 0);
    EXPECT_EQ(status().step, 15);
    EXPECT_EQ(nlohmann::json::parse(readBytes(m_run / "config.json"))["training"]["steps"], 15);
}

TEST_F(Training, PutsRunsWhereTheyAreFound)
{
    const ProgramResult result = run({"train", kTiny, "training.steps=2", "name=a/b c"});
    ASSERT_EQ(result.code, 0) << result.errors;
    const auto list = nlohmann::json::parse(run({"runs", "--json"}).output);
    ASSERT_EQ(list.size(), 1U);
    EXPECT_EQ(list[0]["name"], "a/b c");
    EXPECT_THAT(
        list[0]["path"].get<std::string>(), testing::StartsWith((m_folder / "data/moescope/runs/a-b-c-").string()));
}

TEST_F(Training, SigtermStopsWithACheckpointAndResumeGoesOn)
{
    RunningProgram program(engine({"train", kTiny, "training.steps=1000000", "--run", m_run}), m_variables);
    ASSERT_TRUE(trains());
    kill(program.pid(), SIGTERM);
    const ProgramResult result = program.wait();
    EXPECT_EQ(result.code, 0) << result.errors;
    const RunStatus stopped = status();
    EXPECT_EQ(stopped.state, RunState::Stopped);
    ASSERT_TRUE(stopped.exit);
    EXPECT_EQ(stopped.exit->cause, "signal");
    EXPECT_EQ(run({"resume", m_run, "training.steps=" + std::to_string(stopped.step + 5)}).code, 0);
    EXPECT_EQ(status().state, RunState::Finished);
    EXPECT_EQ(status().step, stopped.step + 5);
}

TEST_F(Training, KilledBeforeACheckpointStartsAgain)
{
    RunningProgram program(
        engine({"train", kTiny, "training.steps=1000000", "checkpoint.every=0", "evaluation.every=0", "--run", m_run}),
        m_variables);
    ASSERT_TRUE(trains());
    kill(program.pid(), SIGKILL);
    EXPECT_EQ(program.wait().code, 128 + SIGKILL);
    const ProgramResult resumed = run({"resume", m_run, "training.steps=3"});
    EXPECT_EQ(resumed.code, 0) << resumed.errors;
    EXPECT_THAT(resumed.errors, HasSubstr("starts again at step 0"));
    EXPECT_EQ(status().step, 3);
}

TEST_F(Training, ObeysCommandsFromTheCommandLine)
{
    RunningProgram program(engine({"train", kTiny, "training.steps=1000000", "--run", m_run}), m_variables);
    ASSERT_TRUE(trains());
    EXPECT_EQ(run({"control", m_run, "hold"}).code, 0);
    EXPECT_TRUE(comesTrue([&] { return status().state == RunState::Holding; }));
    EXPECT_EQ(run({"control", m_run, "set", "model.hidden_size=8"}).code, 2);
    EXPECT_EQ(run({"control", m_run, "set", "evaluation.every=33"}).code, 0);
    EXPECT_EQ(run({"control", m_run, "continue"}).code, 0);
    EXPECT_EQ(run({"control", m_run, "pause"}).code, 0);
    EXPECT_EQ(program.wait().code, 0);
    EXPECT_EQ(status().state, RunState::Paused);
    EXPECT_EQ(run({"control", m_run, "stop"}).code, 3);
}

TEST_F(Training, TwoRanksTrainAsOne)
{
    ASSERT_EQ(run({"train", kTiny, "--run", m_run, "--ranks", "2"}).code, 0);
    EXPECT_EQ(status().state, RunState::Finished);
    EXPECT_EQ(status().step, 40);
    EXPECT_TRUE(fs::exists(m_run / "logs/rank-0.log"));
    EXPECT_TRUE(fs::exists(m_run / "logs/rank-1.log"));
    EXPECT_EQ(run({"train", kTiny, "data.batch_sequences=3", "--ranks", "2"}).code, 2);
}

/// The children of a process whose command line holds `text`.
std::vector<pid_t> childrenOf(pid_t parent, const std::string& text)
{
    std::vector<pid_t> found;
    std::ifstream list("/proc/" + std::to_string(parent) + "/task/" + std::to_string(parent) + "/children");
    for (pid_t child = 0; list >> child;) {
        std::ifstream file("/proc/" + std::to_string(child) + "/cmdline");
        std::string line{std::istreambuf_iterator<char>(file), {}};
        std::ranges::replace(line, '\0', ' ');
        if (line.find(text) != std::string::npos)
            found.push_back(child);
    }
    return found;
}

TEST_F(Training, AKilledRankEndsTheRunAndIsNamed)
{
    RunningProgram program(
        engine({"train", kTiny, "training.steps=1000000", "--run", m_run, "--ranks", "2"}), m_variables);
    ASSERT_TRUE(trains());
    const std::vector<pid_t> ranks = childrenOf(program.pid(), " rank ");
    const std::vector<pid_t> second = childrenOf(program.pid(), "--rank 1 ");
    ASSERT_EQ(ranks.size(), 2U);
    ASSERT_EQ(second.size(), 1U);
    kill(second[0], SIGKILL);
    const auto begin = std::chrono::steady_clock::now();
    const ProgramResult result = program.wait();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(2));
    EXPECT_EQ(result.code, 6);
    for (const pid_t rank : ranks)
        EXPECT_NE(kill(rank, 0), 0);
    const RunStatus failed = status();
    EXPECT_EQ(failed.state, RunState::Failed);
    ASSERT_TRUE(failed.exit);
    EXPECT_EQ(failed.exit->code, 6);
    EXPECT_EQ(failed.exit->rank, 1);
    EXPECT_EQ(failed.exit->cause, "rank 1 was killed by signal 9");
}

TEST_F(Training, RanksDieWithTheirLauncher)
{
    RunningProgram program(
        engine({"train", kTiny, "training.steps=1000000", "--run", m_run, "--ranks", "2"}), m_variables);
    ASSERT_TRUE(trains());
    const std::vector<pid_t> ranks = childrenOf(program.pid(), " rank ");
    ASSERT_EQ(ranks.size(), 2U);
    kill(program.pid(), SIGKILL);
    EXPECT_EQ(program.wait().code, 128 + SIGKILL);
    const auto ended = [](pid_t pid) {
        std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
        std::string word;
        file >> word >> word >> word;  // pid, name, state
        return !file || word == "Z";
    };
    EXPECT_TRUE(comesTrue([&] { return std::ranges::all_of(ranks, ended); }));
    const auto folder = RunFolder::open(FileSystem::real(), m_run);
    EXPECT_TRUE(folder.has_value() && comesTrue([&] { return !folder->isLocked(); }));
}

TEST_F(Training, MissingDataIsCodeThreeAndLeavesNoFolder)
{
    const ProgramResult result =
        run({"train", kTiny, "data.corpus=text", "data.path=/nonexistent/texts", "--run", m_run});
    EXPECT_EQ(result.code, 3);
    EXPECT_THAT(result.errors, HasSubstr("/nonexistent/texts"));
    EXPECT_FALSE(fs::exists(m_run));
    EXPECT_EQ(
        run({"train", kTiny, "data.corpus=text", "data.path=/nonexistent/texts", "--run", m_run, "--ranks", "2"}).code,
        3);
}

}  // namespace
}  // namespace moescope
