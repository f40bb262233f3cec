// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/control/launcher.h"

#include <chrono>
#include <csignal>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include "engine/base/file_system.h"
#include "tests/support/temporary_folder.h"

namespace moescope {
namespace {

using testing::HasSubstr;

class Launcher : public testing::Test {
protected:
    void SetUp() override
    {
        RunIdentity identity;
        identity.name = "test";
        auto run = RunFolder::create(FileSystem::real(), m_folder / "run", identity, "{}");
        ASSERT_TRUE(run.has_value());
        m_run = *run;
        ASSERT_TRUE(FileSystem::real().makeFolder(m_run->logs()));
    }

    /// One rank for each shell script.
    std::vector<RankCommand> ranks(const std::vector<std::string>& scripts) const
    {
        std::vector<RankCommand> commands;
        for (const std::string& script : scripts) {
            RankCommand command;
            command.arguments = {"/bin/sh", "-c", script};
            command.environment["FOLDER"] = m_folder.path().string();
            command.log = m_run->logs() / ("rank-" + std::to_string(commands.size()) + ".log");
            commands.push_back(command);
        }
        return commands;
    }

    TemporaryFolder m_folder;
    std::optional<RunFolder> m_run;
};

TEST_F(Launcher, EndsWellWhenAllRanksDo)
{
    const auto exit = launchRanks(*m_run, ranks({"echo zero; echo oops >&2", "echo one"}));
    ASSERT_TRUE(exit.has_value()) << exit.error().text;
    EXPECT_EQ(exit->code, 0);
    EXPECT_EQ(readBytes(m_run->logs() / "rank-0.log"), "zero\noops\n");
    EXPECT_EQ(readBytes(m_run->logs() / "rank-1.log"), "one\n");
    const RunStatus status = *m_run->status();
    EXPECT_EQ(status.pid, getpid());
    ASSERT_TRUE(status.exit);
    EXPECT_EQ(status.exit->code, 0);
}

TEST_F(Launcher, TakesOverWhatRankZeroTells)
{
    const auto exit = launchRanks(*m_run,
        ranks({R"(printf '{"state": "training", "step": 12, "checkpoint": "step-00000012"}\n' >&$MOESCOPE_STATUS_FD
                     printf '{"state": "paused", "step": 13, "checkpoint": "step-00000013", "exit": {"code": 0, "cause": "pause", "rank": -1}}\n' >&$MOESCOPE_STATUS_FD)",
            "test -n \"$MOESCOPE_START_TIME\""}));
    ASSERT_TRUE(exit.has_value()) << exit.error().text;
    EXPECT_EQ(exit->cause, "pause");
    const RunStatus status = *m_run->status();
    EXPECT_EQ(status.state, RunState::Paused);
    EXPECT_EQ(status.step, 13);
    EXPECT_EQ(status.checkpoint, "step-00000013");
}

TEST_F(Launcher, AKilledRankEndsAllWithinTwoSecondsAndIsNamed)
{
    const auto begin = std::chrono::steady_clock::now();
    // Rank 2 dies by a signal, rank 1 notices and ends with code 6, rank 0 hangs and must be killed.
    const auto exit = launchRanks(*m_run,
        ranks(
            {"exec sleep 1000", "while [ ! -e $FOLDER/dead ]; do :; done; exit 6", "touch $FOLDER/dead; kill -9 $$"}));
    const auto took = std::chrono::steady_clock::now() - begin;
    ASSERT_TRUE(exit.has_value()) << exit.error().text;
    EXPECT_EQ(exit->code, 6);
    EXPECT_EQ(exit->rank, 2);
    EXPECT_EQ(exit->cause, "rank 2 was killed by signal 9");
    EXPECT_LT(took, std::chrono::milliseconds(2500));  // 2 s from the death, and the start of three shells
    const RunStatus status = *m_run->status();
    EXPECT_EQ(status.state, RunState::Failed);
    ASSERT_TRUE(status.exit);
    EXPECT_EQ(status.exit->rank, 2);
}

TEST_F(Launcher, TheRootCauseWinsOverLostPeers)
{
    const auto exit = launchRanks(*m_run, ranks({"exit 6", "exit 5"}));
    ASSERT_TRUE(exit.has_value());
    EXPECT_EQ(exit->code, 5);
    EXPECT_EQ(exit->rank, 1);
    EXPECT_THAT(exit->cause, HasSubstr("rank 1 ended with code 5"));
}

TEST_F(Launcher, HandsSignalsOnToTheRanks)
{
    // Perl, because a shell cannot unblock what it was started with blocked. It is part of every Debian system.
    const std::string script = "exec perl -MPOSIX -e 'my $seen = 0; $SIG{TERM} = sub { $seen = 1 };"
                               " sigprocmask(SIG_UNBLOCK, POSIX::SigSet->new(SIGTERM));"
                               " open(my $f, \">\", \"$ENV{FOLDER}/ready-$ARGV[0]\"); close($f);"
                               " select(undef, undef, undef, 0.01) until $seen; exit 0' ";
    sigset_t stops, before;
    sigemptyset(&stops);
    sigaddset(&stops, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stops, &before);
    std::jthread sender([&](std::stop_token stop) {
        const auto ready = [&](int rank) {
            return std::filesystem::exists(m_folder / ("ready-" + std::to_string(rank)));
        };
        while (!stop.stop_requested() && !(ready(0) && ready(1)))
            std::this_thread::yield();
        kill(getpid(), SIGTERM);
    });
    const auto exit = launchRanks(*m_run, ranks({script + "0", script + "1"}));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ASSERT_TRUE(exit.has_value()) << exit.error().text;
    EXPECT_EQ(exit->code, 0) << exit->cause;
}

TEST_F(Launcher, SaysWhichProgramCannotBeStarted)
{
    std::vector<RankCommand> commands = ranks({"exec sleep 1000", "true"});
    commands[1].arguments = {"/nonexistent/program"};
    const auto exit = launchRanks(*m_run, commands);
    ASSERT_FALSE(exit.has_value());
    EXPECT_THAT(exit.error().text, HasSubstr("/nonexistent/program"));
    EXPECT_EQ(m_run->status()->state, RunState::Failed);
}

TEST_F(Launcher, ShowsTheLogOfARankOnStandardError)
{
    std::vector<RankCommand> commands = ranks({"echo progress >&2"});
    commands[0].shown = true;
    testing::internal::CaptureStderr();
    const auto exit = launchRanks(*m_run, commands);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "progress\n");
    EXPECT_EQ(readBytes(m_run->logs() / "rank-0.log"), "progress\n");
    EXPECT_TRUE(exit.has_value());
}

}  // namespace
}  // namespace moescope
