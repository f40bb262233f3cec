// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/file_system.h"
#include "engine/run/snapshot.h"
#include "tests/support/temporary_folder.h"

using namespace moescope;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

Record stepOf(std::int64_t step, float loss)
{
    Record record;
    record.step = step;
    record.wallTime = 1000 + static_cast<double>(step);
    record.scalars = {{"loss/total", loss}};
    record.tensors = {{"progress/tokens", {}, std::vector<std::int64_t>{step * 4096}}};
    return record;
}

Record eventOf(std::int64_t step, std::string json)
{
    Record record;
    record.step = step;
    record.wallTime = 1000;
    record.events = {{std::move(json)}};
    return record;
}

Record evalOf(std::int64_t step)
{
    Record record;
    record.step = step;
    record.wallTime = 1000 + static_cast<double>(step);
    record.scalars = {{"eval/loss", 1}};
    return record;
}

void writeSteps(const std::filesystem::path& run, std::int64_t firstStep, std::int64_t lastStep, float loss)
{
    auto writer = EventLogWriter::create(FileSystem::real(), run, firstStep).value();
    for (std::int64_t step = firstStep; step <= lastStep; ++step) {
        ASSERT_TRUE(writer.append(stepOf(step, loss)));
        if (step % 10 == 0) {
            ASSERT_TRUE(writer.append(evalOf(step)));
        }
    }
}

std::shared_ptr<const RunSnapshot> readAll(RunStore& store)
{
    while (store.poll().value()) { }
    return store.snapshot();
}

}  // namespace

TEST(RunStore, FollowsALogWithoutGapAndLeavesOldSnapshotsAlone)
{
    const TemporaryFolder folder;
    RunStore store(folder.path());
    EXPECT_FALSE(store.poll().value());
    EXPECT_TRUE(store.snapshot()->scalars.empty());
    auto writer = EventLogWriter::create(FileSystem::real(), folder.path(), 1).value();
    ASSERT_TRUE(writer.append(stepOf(1, 2.0f)));
    const auto first = readAll(store);
    ASSERT_TRUE(writer.append(stepOf(2, 1.0f)));
    const auto second = readAll(store);
    EXPECT_EQ(first->scalar("loss/total")->size(), 1u);
    const Series& loss = *second->scalar("loss/total");
    ASSERT_EQ(loss.size(), 2u);
    EXPECT_EQ(loss.value(1), 1.0f);
    EXPECT_EQ(loss.tokens(1), 8192);
    EXPECT_EQ(second->lastStep, 2);
    EXPECT_EQ(second->lastWallTime, 1002);
    EXPECT_EQ(second->bytesRead, second->bytesKnown);
    EXPECT_EQ(store.snapshot(), second);
    EXPECT_EQ(second->scalar("loss/none"), nullptr);
}

// interface D.1 row 13: no zig-zag, rolled-back steps kept
TEST(RunStore, ResumeMakesASegmentAndKeepsTheRolledBackSteps)
{
    const TemporaryFolder folder;
    writeSteps(folder.path(), 1, 35, 1.0f);
    writeSteps(folder.path(), 21, 25, 2.0f);
    RunStore store(folder.path());
    const auto snapshot = readAll(store);
    const Series& loss = *snapshot->scalar("loss/total");
    EXPECT_EQ(loss.size(), 25u);
    EXPECT_EQ(loss.value(19), 1.0f);
    EXPECT_EQ(loss.value(20), 2.0f);
    const Series& rolledBack = snapshot->rolledBack.at("loss/total");
    EXPECT_EQ(rolledBack.size(), 15u);
    EXPECT_EQ(rolledBack.step(0), 21);
    EXPECT_EQ(rolledBack.value(14), 1.0f);
    // A rarer curve has no point of its own to be replaced, yet step 30 is undone too.
    EXPECT_EQ(snapshot->scalar("eval/loss")->size(), 2u);
    EXPECT_EQ(snapshot->rolledBack.at("eval/loss").step(0), 30);
    EXPECT_EQ(snapshot->tensor("progress/tokens")->size(), 25u);
    ASSERT_THAT(snapshot->segments, SizeIs(2));
    EXPECT_EQ(snapshot->segments[0].lastStep, 35);
    EXPECT_EQ(snapshot->segments[0].rolledBackFrom, 21);
    EXPECT_EQ(snapshot->segments[1].firstStep, 21);
    EXPECT_EQ(snapshot->segments[1].lastStep, 25);
    EXPECT_EQ(snapshot->segments[1].rolledBackFrom, 0);
    EXPECT_EQ(snapshot->lastStep, 25);
}

TEST(RunStore, AProcessThatDiesBeforeItsFirstStepRollsNothingBack)
{
    const TemporaryFolder folder;
    writeSteps(folder.path(), 1, 10, 1.0f);
    auto writer = EventLogWriter::create(FileSystem::real(), folder.path(), 6).value();
    ASSERT_TRUE(writer.append(eventOf(5, R"({"kind":"state","time":1,"state":"loading"})")));
    RunStore store(folder.path());
    EXPECT_EQ(readAll(store)->scalar("loss/total")->size(), 10u);
    EXPECT_EQ(store.snapshot()->events.at(0).segment, 1u);
    ASSERT_TRUE(writer.append(stepOf(6, 3.0f)));
    EXPECT_EQ(readAll(store)->scalar("loss/total")->size(), 6u);
}

TEST(RunStore, FilesWithoutSessionStartReplaceToo)
{
    const TemporaryFolder folder;
    writeSteps(folder.path(), 1, 10, 1.0f);
    writeSteps(folder.path(), 4, 5, 2.0f);
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        std::string bytes = readBytes(entry.path());
        const std::size_t session = bytes.find("\x3A\x02\x08\x01");
        bytes.erase(session - 11 - 12, 12 + 11 + 4 + 4);
        writeBytes(entry.path(), bytes);
    }
    RunStore store(folder.path());
    const auto snapshot = readAll(store);
    EXPECT_THAT(snapshot->damages, IsEmpty());
    EXPECT_EQ(snapshot->scalar("loss/total")->size(), 5u);
    EXPECT_THAT(snapshot->segments, SizeIs(2));
}

TEST(RunStore, EventsKnowTheirKindAndSegment)
{
    const TemporaryFolder folder;
    auto writer = EventLogWriter::create(FileSystem::real(), folder.path(), 1).value();
    ASSERT_TRUE(writer.append(eventOf(0, R"({"kind":"state","time":1.5,"state":"training"})")));
    ASSERT_TRUE(writer.append(eventOf(3, R"({"kind":7})")));
    ASSERT_TRUE(writer.append(eventOf(3, R"(not json)")));
    ASSERT_TRUE(writer.append(eventOf(4, R"({"kind":"alarm"})")));
    RunStore store(folder.path());
    const auto snapshot = readAll(store);
    ASSERT_THAT(snapshot->events, SizeIs(2));
    EXPECT_EQ(snapshot->events[0].kind, "state");
    EXPECT_EQ(snapshot->events[0].json, R"({"kind":"state","time":1.5,"state":"training"})");
    EXPECT_EQ(snapshot->events[1].kind, "alarm");
    EXPECT_EQ(snapshot->events[1].step, 4);
    EXPECT_THAT(snapshot->damages, SizeIs(2));
}

TEST(RunStore, OddTagsAndShapesAreLeftOutAndReported)
{
    const TemporaryFolder folder;
    auto writer = EventLogWriter::create(FileSystem::real(), folder.path(), 1).value();
    Record record = stepOf(1, 1.0f);
    record.scalars.push_back({"bad\ntag", 1});
    record.scalars.push_back({"good", 2});
    ASSERT_TRUE(writer.append(record));
    record = stepOf(2, 1.0f);
    record.tensors = {{"progress/tokens", {2}, std::vector<std::int64_t>{1, 2}}};
    ASSERT_TRUE(writer.append(record));
    RunStore store(folder.path());
    const auto snapshot = readAll(store);
    EXPECT_NE(snapshot->scalar("good"), nullptr);
    EXPECT_EQ(snapshot->scalars.size(), 2u);
    EXPECT_EQ(snapshot->tensor("progress/tokens")->size(), 1u);
    ASSERT_THAT(snapshot->damages, SizeIs(2));
    EXPECT_THAT(snapshot->damages[0].reason, HasSubstr("control characters"));
    EXPECT_THAT(snapshot->damages[1].reason, HasSubstr("another shape"));
}

TEST(RunStore, SnapshotsMayBeReadInOtherThreadsWhileTheStoreGoesOn)
{
    const TemporaryFolder folder;
    RunStore store(folder.path());
    auto writer = EventLogWriter::create(FileSystem::real(), folder.path(), 1).value();
    for (int round = 0; round < 40; ++round) {
        for (std::int64_t i = 1; i <= 150; ++i)
            ASSERT_TRUE(writer.append(stepOf(150 * round + i, static_cast<float>(round))));
        const auto snapshot = readAll(store);
        std::jthread reader([snapshot] {
            const Series& loss = *snapshot->scalar("loss/total");
            const auto columns = loss.columns(0, 1e9, 10, XAxis::Tokens);
            EXPECT_EQ(columns.front().count, loss.size());
            EXPECT_TRUE(snapshot->tensor("progress/tokens")->sum(0, 1'000'000));
        });
        for (std::int64_t i = 1; i <= 20; ++i)
            ASSERT_TRUE(writer.append(stepOf(150 * (round + 1) + i, 9)));
        EXPECT_TRUE(store.poll());
        ASSERT_EQ(store.snapshot()->scalar("loss/total")->size(), snapshot->scalar("loss/total")->size() + 20);
        writer = EventLogWriter::create(FileSystem::real(), folder.path(), 150 * (round + 1) + 1).value();
    }
}
