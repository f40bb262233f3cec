// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The log under a disk that is slow, full or refuses fsync. spec formats 5.5 row 6.
#include "engine/run/recorder.h"

#include <numeric>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/run/event_log.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/troubled_disk.h"

using namespace moescope;
using testing::HasSubstr;

namespace {

Record stepRecord(std::int64_t step)
{
    Record record;
    record.wallTime = static_cast<double>(step);
    record.step = step;
    record.scalars = {{"loss/total", static_cast<float>(step)}};
    record.tensors = {{"load/assigned", {1, 2}, std::vector<std::int64_t>{step, 1}},
        {"progress/tokens", {1}, std::vector<std::int64_t>{step * 100}}};
    return record;
}

RecorderOptions options()
{
    RecorderOptions result;
    result.meanings = {{"load/assigned", {"layer", "expert"}, "assignments"}, {"progress/tokens", {"total"}, "tokens"}};
    result.sums = {"load/assigned"};
    result.retry = std::chrono::milliseconds(1);
    return result;
}

std::vector<Record> readLog(const std::filesystem::path& run)
{
    std::vector<Record> all;
    EventLogReader reader(run);
    for (;;) {
        auto records = reader.poll();
        EXPECT_TRUE(records);
        if (!records || records->empty())
            break;
        all.insert(all.end(), records->begin(), records->end());
    }
    EXPECT_TRUE(reader.damages().empty());
    return all;
}

std::int64_t totalAssigned(const std::vector<Record>& records)
{
    std::int64_t total = 0;
    for (const Record& record : records)
        for (const TensorValue& tensor : record.tensors)
            if (tensor.tag == "load/assigned")
                total += std::get<std::vector<std::int64_t>>(tensor.data)[0];
    return total;
}

std::vector<std::int64_t> scalarSteps(const std::vector<Record>& records)
{
    std::vector<std::int64_t> steps;
    for (const Record& record : records)
        if (!record.scalars.empty())
            steps.push_back(record.step);
    return steps;
}

std::string allEvents(const std::vector<Record>& records)
{
    std::string text;
    for (const Record& record : records)
        for (const EventText& event : record.events)
            text += event.json + "\n";
    return text;
}

std::vector<std::int64_t> upTo(std::int64_t last)
{
    std::vector<std::int64_t> steps(static_cast<std::size_t>(last));
    std::iota(steps.begin(), steps.end(), 1);
    return steps;
}

/// Waits for what another thread does; a test that hangs is ended by its own limit.
template <class Condition> void waitFor(Condition condition)
{
    while (!condition())
        std::this_thread::yield();
}

}  // namespace

TEST(Recorder, WritesEveryRecordInOrder)
{
    const TemporaryFolder folder;
    auto recorder = Recorder::start(FileSystem::real(), folder.path(), options()).value();
    for (std::int64_t step = 1; step <= 200; ++step)
        recorder->record(stepRecord(step));
    ASSERT_TRUE(recorder->finish());
    const auto records = readLog(folder.path());
    EXPECT_EQ(scalarSteps(records), upTo(200));
    EXPECT_EQ(totalAssigned(records), 200 * 201 / 2);
    EXPECT_EQ(allEvents(records), "");
}

TEST(Recorder, FlushMeansThatEverythingIsOnTheDisk)
{
    const TemporaryFolder folder;
    auto recorder = Recorder::start(FileSystem::real(), folder.path(), options()).value();
    for (std::int64_t step = 1; step <= 20; ++step)
        recorder->record(stepRecord(step));
    ASSERT_TRUE(recorder->flush(std::chrono::seconds(20)));
    EXPECT_EQ(scalarSteps(readLog(folder.path())), upTo(20));
}

TEST(Recorder, FullDiskOnlyDelaysAndTheGapIsMarked)
{
    const TemporaryFolder folder;
    TroubledDisk disk;
    auto recorder = Recorder::start(disk, folder.path(), options()).value();
    recorder->record(stepRecord(1));
    ASSERT_TRUE(recorder->flush(std::chrono::seconds(20)));
    disk.full = true;
    for (std::int64_t step = 2; step <= 50; ++step)
        recorder->record(stepRecord(step));
    waitFor([&] { return recorder->health().failing; });
    EXPECT_THAT(recorder->health().problem, HasSubstr("No space left on device"));
    EXPECT_EQ(recorder->health().numQueued, 49u);
    EXPECT_FALSE(recorder->flush(std::chrono::seconds(20)));
    disk.full = false;
    ASSERT_TRUE(recorder->finish());

    const auto records = readLog(folder.path());
    EXPECT_EQ(scalarSteps(records), upTo(50));
    EXPECT_THAT(allEvents(records), HasSubstr(R"("from":2,"kind":"gap")"));
    EXPECT_THAT(allEvents(records), HasSubstr(R"("records":0)"));
    EXPECT_THAT(allEvents(records), HasSubstr("No space left on device"));
}

TEST(Recorder, FullDiskAndFullQueueSumCountsAndLoseNone)
{
    const TemporaryFolder folder;
    TroubledDisk disk;
    RecorderOptions small = options();
    small.maxQueuedBytes = 4000;
    auto recorder = Recorder::start(disk, folder.path(), small).value();
    disk.full = true;
    recorder->record(stepRecord(1));
    waitFor([&] { return recorder->health().failing; });
    for (std::int64_t step = 2; step <= 1000; ++step)
        recorder->record(stepRecord(step));
    EXPECT_LT(recorder->health().numQueued, 20u);
    EXPECT_GT(recorder->health().numMerged, 900);
    disk.full = false;
    ASSERT_TRUE(recorder->finish());

    const auto records = readLog(folder.path());
    EXPECT_EQ(totalAssigned(records), 1000 * 1001 / 2);
    EXPECT_EQ(scalarSteps(records).back(), 1000);
    const auto& last = std::get<std::vector<std::int64_t>>(records.back().tensors.back().data);
    EXPECT_EQ(last.front(), 100'000) << "progress is no sum";
    EXPECT_THAT(allEvents(records), HasSubstr(R"("kind":"gap")"));
}

TEST(Recorder, SlowDiskMakesTheTrainerWaitAndSaysSo)
{
    const TemporaryFolder folder;
    TroubledDisk disk;
    RecorderOptions small = options();
    small.maxQueuedBytes = 2000;
    auto recorder = Recorder::start(disk, folder.path(), small).value();
    disk.setHangs(true);
    std::atomic<std::int64_t> given = 0;
    std::jthread trainer([&] {
        for (std::int64_t step = 1; step <= 100; ++step) {
            recorder->record(stepRecord(step));
            given = step;
        }
    });
    waitFor([&] { return given >= 4; });
    EXPECT_LT(given, 100);
    disk.setHangs(false);
    trainer.join();
    ASSERT_TRUE(recorder->finish());
    const auto records = readLog(folder.path());
    EXPECT_EQ(scalarSteps(records), upTo(100));
    EXPECT_THAT(allEvents(records), HasSubstr("training waited"));
}

TEST(Recorder, GoesOnInANewFileAfterARefusedFsync)
{
    const TemporaryFolder folder;
    TroubledDisk disk;
    auto recorder = Recorder::start(disk, folder.path(), options()).value();
    recorder->record(stepRecord(1));
    disk.refusesSync = true;
    EXPECT_FALSE(recorder->flush(std::chrono::seconds(20)));
    disk.refusesSync = false;
    recorder->record(stepRecord(2));
    ASSERT_TRUE(recorder->finish());
    const auto records = readLog(folder.path());
    EXPECT_EQ(scalarSteps(records), upTo(2));
    EXPECT_THAT(allEvents(records), HasSubstr("Input/output error"));
}

TEST(Recorder, NamesWhatIsMissingWhenTheDiskStaysFull)
{
    const TemporaryFolder folder;
    TroubledDisk disk;
    auto recorder = Recorder::start(disk, folder.path(), options()).value();
    disk.full = true;
    for (std::int64_t step = 1; step <= 3; ++step)
        recorder->record(stepRecord(step));
    const auto finished = recorder->finish(std::chrono::milliseconds(5));
    ASSERT_FALSE(finished);
    EXPECT_EQ(finished.error().kind, ErrorKind::Resources);
    EXPECT_THAT(finished.error().text, HasSubstr("last 3 records"));
    EXPECT_THAT(finished.error().text, HasSubstr("No space left on device"));
}
