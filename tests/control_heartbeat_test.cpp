// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/control/heartbeat.h"

#include <chrono>
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include "engine/base/file_system.h"
#include "engine/control/status_line.h"
#include "tests/support/failing_file_system.h"
#include "tests/support/holds_within.h"
#include "tests/support/temporary_folder.h"

namespace moescope {
namespace {

RunFolder makeRun(FileSystem& files, const std::filesystem::path& path)
{
    RunIdentity identity;
    identity.name = "test";
    auto run = RunFolder::create(files, path, identity, "{}");
    EXPECT_TRUE(run.has_value());
    return *run;
}

/// Waits until the status on disk is as wanted; state.json is written from another thread.
template <class Condition> bool comesTrue(const RunFolder& run, Condition condition)
{
    return holdsWithin(std::chrono::seconds(10), [&] {
        const auto status = run.status();
        return status && condition(*status);
    });
}

TEST(Heartbeat, WritesEveryChangeOfStateAtOnce)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(FileSystem::real(), folder / "run");
    Heartbeat heartbeat(run, {});
    heartbeat.setState(RunState::Training);
    EXPECT_TRUE(comesTrue(run, [](const RunStatus& status) { return status.state == RunState::Training; }));
    heartbeat.setStep(7);
    heartbeat.setCheckpoint("step-00000007");
    EXPECT_TRUE(comesTrue(
        run, [](const RunStatus& status) { return status.checkpoint == "step-00000007" && status.step == 7; }));
    const RunStatus status = *run.status();
    EXPECT_EQ(status.pid, getpid());
    EXPECT_EQ(status.startTime, heartbeat.startTime());
    EXPECT_GE(status.heartbeat, status.startTime);
    EXPECT_FALSE(status.exit);
}

TEST(Heartbeat, BeatsWithoutAChange)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(FileSystem::real(), folder / "run");
    Heartbeat heartbeat(run, {});
    EXPECT_TRUE(comesTrue(run, [](const RunStatus& status) { return status.heartbeat > 0; }));
    const double first = run.status()->heartbeat;
    EXPECT_TRUE(comesTrue(run, [&](const RunStatus& status) { return status.heartbeat > first; }));
}

TEST(Heartbeat, HasTheLastWord)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(FileSystem::real(), folder / "run");
    Heartbeat heartbeat(run, {});
    heartbeat.setStep(40);
    ASSERT_TRUE(heartbeat.finish(RunState::Finished, {0, "finished", -1}));
    const RunStatus status = *run.status();
    EXPECT_EQ(status.state, RunState::Finished);
    EXPECT_EQ(status.step, 40);
    ASSERT_TRUE(status.exit);
    EXPECT_EQ(status.exit->cause, "finished");
}

TEST(Heartbeat, ReportsWhatTheDiskRefused)
{
    const TemporaryFolder folder;
    FailingFileSystem disk;
    const RunFolder run = makeRun(disk, folder / "run");
    disk.failFromNowOn();
    Heartbeat heartbeat(run, {});
    const auto last = heartbeat.finish(RunState::Finished, {});
    ASSERT_FALSE(last);
    EXPECT_EQ(last.error().kind, ErrorKind::Resources);
}

TEST(StatusLine, ReadsBackEqualAndIsShort)
{
    RunStatus status;
    status.state = RunState::Stopping;
    status.step = 123456789;
    status.checkpoint = "step-00001000";
    status.exit = RunExit{5, std::string(5000, 'x') + "\n\"é", 2};
    const std::string line = statusLine(status);
    EXPECT_LT(line.size(), 4096U);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    RunStatus again;
    ASSERT_TRUE(readStatusLine(line, again));
    EXPECT_EQ(again.state, RunState::Stopping);
    EXPECT_EQ(again.step, 123456789);
    EXPECT_EQ(again.checkpoint, "step-00001000");
    EXPECT_EQ(again.exit->code, 5);
    EXPECT_EQ(again.exit->rank, 2);
    EXPECT_FALSE(readStatusLine("garbage", again));
    EXPECT_FALSE(readStatusLine("{\"state\": \"training\"}", again));
}

}  // namespace
}  // namespace moescope
