// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// queue of the real program: trains what waits, in order, and names what it cannot read.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/control/run_queue.h"
#include "tests/support/places.h"
#include "tests/support/run_program.h"

namespace moescope {
namespace {

using testing::HasSubstr;

ProgramResult queueCommand(std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), {programPath("moescope-engine"), "queue"});
    return runProgramToEnd(std::move(arguments));
}

TEST(Queue, TrainsWhatWaitsInOrderAndNamesWhatItCannotRead)
{
    const TemporaryFolder folder;
    const auto queue = RunQueue::open(folder / "queue");
    ASSERT_TRUE(queue);
    const std::string config = readBytes(sourceFolder() + "/tests/presets/tiny.json");
    ASSERT_TRUE(queue->add("first", config, folder / "runs-first"));
    ASSERT_TRUE(queue->add("second", config, folder / "runs-second"));
    writeBytes(folder / "queue/waiting/bad.json", "{}");

    const ProgramResult worked = queueCommand({(folder / "queue").string()});
    EXPECT_EQ(worked.code, 0) << worked.errors;
    EXPECT_THAT(worked.errors, HasSubstr("bad.json"));
    EXPECT_LT(worked.errors.find("runs-first"), worked.errors.find("runs-second"));

    const auto done = queue->list(QueuePlace::Done);
    ASSERT_EQ(done.size(), 2u);
    for (const QueueEntry& entry : done) {
        EXPECT_EQ(entry.code, 0) << entry.cause;
        EXPECT_TRUE(std::filesystem::exists(entry.run / "run.json"));
    }
    EXPECT_THAT(queueCommand({(folder / "queue").string(), "--list"}).output,
        testing::AllOf(HasSubstr("done      second"), HasSubstr("bad.json: has no format_version")));
}

}  // namespace
}  // namespace moescope
