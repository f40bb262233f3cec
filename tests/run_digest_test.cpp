// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/run_digest.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/file_system.h"
#include "engine/run/event_log.h"
#include "tests/support/temporary_folder.h"

using namespace moescope;

namespace {

RunFolder makeRun(const std::filesystem::path& path)
{
    RunIdentity identity;
    identity.id = "id";
    identity.name = "demo";
    return RunFolder::create(FileSystem::real(), path, identity, R"({"training": {"steps": 600}})").value();
}

void writeLog(const std::filesystem::path& run, std::int64_t numSteps, bool withLoad)
{
    auto writer = EventLogWriter::create(FileSystem::real(), run, 1).value();
    for (std::int64_t step = 1; step <= numSteps; ++step) {
        Record record;
        record.step = step;
        record.scalars = {{"loss/total", 9}, {"loss/language_model", static_cast<float>(step)}};
        if (step == 2)
            record.scalars.push_back({"eval/bits_per_byte", 1.5f});
        if (withLoad)
            record.tensors = {{"load/assigned", {100}, std::vector<std::int64_t>(100)}};
        ASSERT_TRUE(writer.append(record));
    }
}

}  // namespace

TEST(RunDigest, SaysWhatARunIsAndHowFarItCame)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "a");
    writeLog(run.path(), 5, false);
    ASSERT_TRUE(run.writeStatus({RunState::Finished, 5, 1, 1, 2, "step-00000005", RunExit{0, "finished", -1}}));
    const RunDigest digest = digestRun(run.path());
    EXPECT_EQ(digest.problem, "");
    EXPECT_EQ(digest.identity.name, "demo");
    EXPECT_EQ(digest.state, RunState::Finished);
    EXPECT_FALSE(digest.alive || digest.lost);
    EXPECT_EQ(digest.status.step, 5);
    EXPECT_EQ(digest.steps, 600);
    EXPECT_EQ(digest.loss, 5);
    EXPECT_EQ(digest.bitsPerByte, 1.5);
    EXPECT_TRUE(std::isnan(digestRun(run.path(), DigestLoss::Skip).loss));
}

TEST(RunDigest, ATrainingRunWithoutItsProcessIsLost)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "a");
    ASSERT_TRUE(run.writeStatus({RunState::Training, 5, 1, 1, 2, "", {}}));
    EXPECT_EQ(digestRun(run.path()).state, RunState::Failed);
    EXPECT_TRUE(digestRun(run.path()).lost);
    const auto lock = run.lock();
    EXPECT_EQ(digestRun(run.path()).state, RunState::Training);
    EXPECT_TRUE(digestRun(run.path()).alive);
}

TEST(RunDigest, FindsTheEndOfALongLogAndLooksFurtherBackForRareValues)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "a");
    writeLog(run.path(), 800, true);  // about 700 KB, the evaluation near its beginning
    const RunDigest digest = digestRun(run.path());
    EXPECT_EQ(digest.loss, 800);
    EXPECT_EQ(digest.bitsPerByte, 1.5);
}

TEST(RunDigest, BrokenFoldersAreToldNotLeftOut)
{
    const TemporaryFolder folder;
    const RunFolder run = makeRun(folder / "a");
    writeBytes(run.path() / "state.json", "{");
    EXPECT_THAT(digestRun(run.path()).problem, testing::HasSubstr("state.json:1:"));
    EXPECT_EQ(digestRun(run.path()).identity.name, "demo");
    writeBytes(run.path() / "run.json", R"({"format_version": 9})");
    EXPECT_THAT(digestRun(run.path()).problem, testing::HasSubstr("newer version"));
}
