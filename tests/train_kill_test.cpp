// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// kill -9 at any moment: no complete record and no complete checkpoint is lost, and the numbers are those of the
// unbroken run. spec formats 5.1 (promises 1 and 2) and 5.5 row 1.
#include <csignal>
#include <functional>
#include <random>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/train/observer.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_run.h"

using namespace moescope;
using testing::HasSubstr;

namespace {

/// Trains in a child process until it is killed. LibTorch computes with one thread here, so that fork is safe.
class Victim {
public:
    explicit Victim(const std::filesystem::path& path)
        : m_pid(fork())
    {
        if (m_pid != 0)
            return;
        auto run = RunFolder::open(FileSystem::real(), path);
        const auto lock = run ? run->lock() : Result<RunLock>(fail(ErrorKind::Data, ""));
        _exit(lock && resume(*run).state == RunState::Finished ? 0 : 1);
    }
    void kill() const { ::kill(m_pid, SIGKILL); }
    bool ended() const { return waitpid(m_pid, nullptr, WNOHANG) != 0; }
    void reap() const { waitpid(m_pid, nullptr, 0); }

private:
    pid_t m_pid;
};

std::uintmax_t logBytes(const std::filesystem::path& run)
{
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(run))
        if (entry.path().filename().string().starts_with("events.out"))
            bytes += entry.file_size();
    return bytes;
}

/// Kills it once the log has grown by so much, at whatever it does then.
void killAfter(const RunFolder& run, std::uintmax_t moreBytes)
{
    const std::uintmax_t target = logBytes(run.path()) + moreBytes;
    const Victim victim(run.path());
    while (logBytes(run.path()) < target && !victim.ended())
        std::this_thread::yield();
    victim.kill();
    victim.reap();
}

std::int64_t newestStep(const RunFolder& run)
{
    const auto all = listCheckpoints(run.checkpoints());
    return all.empty() ? 0 : all.front().step;
}

/// The stream up to a step.
std::map<std::string, std::vector<double>> streamUpTo(const RunFolder& run, std::int64_t last)
{
    auto stream = metricStream(run.path());
    std::erase_if(
        stream, [&](const auto& item) { return std::stoll(item.first.substr(item.first.size() - 8)) > last; });
    return stream;
}

/// The same run without a break, ended exactly at `step`.
RunFolder unbrokenRun(const std::filesystem::path& path, const std::vector<std::string>& overrides, std::int64_t step)
{
    class StopAt : public Observer {
    public:
        Trainer* trainer = nullptr;
        std::int64_t last = 0;
        void stepDone(const StepReport& report) override
        {
            if (report.step == last - 1)  // what is asked now happens after the next step
                trainer->request(TrainRequest::Stop);
        }
    } stopAt;
    stopAt.last = step;
    RunFolder run = makeRun(path, overrides);
    const auto group = singleGroup();
    TrainerOptions options;
    options.observers = {&stopAt};
    const auto trainer = Trainer::create(configOf(run).value(), run, *group, options).value();
    stopAt.trainer = trainer.get();
    EXPECT_EQ(trainer->run().step, step);
    return run;
}

}  // namespace

TEST(Kill, FiftyTimesAtRandomMomentsLosesNothingThatWasComplete)
{
    const std::vector<std::string> settings{"training.steps=100000", "checkpoint.every=1", "evaluation.every=7"};
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "killed", settings);
    std::mt19937 random(20261124);
    std::int64_t before = 0;
    for (int i = 0; i < 50; ++i) {
        killAfter(run, random() % 9000);
        for (const CheckpointInfo& info : listCheckpoints(run.checkpoints())) {
            const auto whole = verifyCheckpoint(info);
            ASSERT_TRUE(whole) << whole.error().text;
        }
        const std::int64_t now = newestStep(run);
        ASSERT_GE(now, before);
        before = now;
    }
    ASSERT_GT(before, 50) << "the kills came before anything was done";

    // Everything up to the newest checkpoint is in the log, as if nothing had happened.
    const RunFolder whole = unbrokenRun(folder / "whole", settings, before);
    EXPECT_EQ(streamUpTo(run, before), streamUpTo(whole, before));
    EXPECT_EQ(newestTensors(run), newestTensors(whole));
}

TEST(Kill, HalfTheStepsThenKillThenTheRestEqualsTheUnbrokenRun)
{
    const std::vector<std::string> settings{"training.steps=40", "checkpoint.every=6"};
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "killed", settings);
    const Victim victim(run.path());
    while (newestStep(run) < 18 && !victim.ended())
        std::this_thread::yield();
    victim.kill();
    victim.reap();
    ASSERT_LT(newestStep(run), 40);
    EXPECT_EQ(resume(run).state, RunState::Finished);

    const RunFolder whole = makeRun(folder / "whole", settings);
    EXPECT_EQ(train(whole).state, RunState::Finished);
    EXPECT_EQ(newestTensors(run), newestTensors(whole));
    EXPECT_EQ(metricStream(run.path()), metricStream(whole.path()));
}

// spec formats 5.5 row 18
TEST(Kill, SecondTrainerOnOneFolderIsRefused)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "run");
    const auto lock = run.lock();
    ASSERT_TRUE(lock);
    RunCall call;
    call.run = run.path();
    const auto refused = resumeRun(std::move(call));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Data);
    EXPECT_THAT(refused.error().text, HasSubstr(std::to_string(getpid())));
    EXPECT_EQ(logBytes(run.path()), 0u);
}

TEST(Kill, InTheLastEvaluationLeavesOnlyThatToDo)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "run");
    TrainerOptions interrupted;
    const auto config = configOf(run).value();
    const auto group = singleGroup();
    Trainer* asked = nullptr;
    interrupted.evaluationProgress = [&](std::int64_t, std::int64_t) { asked->request(TrainRequest::Signal); };
    auto trainer = Trainer::create(config, run, *group, interrupted).value();
    asked = trainer.get();
    const TrainOutcome outcome = trainer->run();
    trainer.reset();
    // A short text is done before anyone asks; either way the checkpoint of the last step is there.
    EXPECT_THAT(outcome.state, testing::AnyOf(RunState::Stopped, RunState::Finished));
    EXPECT_EQ(newestStep(run), 20);
    EXPECT_EQ(resume(run).state, RunState::Finished);
    EXPECT_TRUE(metricStream(run.path()).contains("eval/full_bits_per_byte 00000020"));
}
