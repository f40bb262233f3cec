// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/file_system.h"
#include "engine/run/event_framing.h"
#include "engine/run/event_log.h"
#include "tests/support/temporary_folder.h"

using namespace moescope;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

Record recordOf(std::int64_t step)
{
    Record record;
    record.step = step;
    record.wallTime = 1000.5 + static_cast<double>(step);
    record.scalars = {{"loss/total", 1.0f / static_cast<float>(step)}, {"train/learning_rate", 1e-3f}};
    record.tensors = {{"load/assigned", {1, 3}, std::vector<std::int64_t>{step, 2, 3}},
        {"router/entropy", {2}, std::vector<float>{0.5f, 0.25f}}};
    if (step % 2 == 0)
        record.events = {{R"({"kind":"notice","time":1})"}, {R"({"kind":"alarm","time":2})"}};
    return record;
}

std::filesystem::path writeLog(const std::filesystem::path& run, std::int64_t firstStep, std::int64_t lastStep)
{
    auto writer = EventLogWriter::create(FileSystem::real(), run, firstStep).value();
    writer.describe({"load/assigned", {"layer", "expert"}, "assignments"});
    for (std::int64_t step = firstStep; step <= lastStep; ++step)
        EXPECT_TRUE(writer.append(recordOf(step)));
    return writer.path();
}

std::vector<std::int64_t> stepsOf(const std::vector<Record>& records)
{
    std::vector<std::int64_t> steps;
    for (const Record& record : records) {
        if (!record.sessionStart)
            steps.push_back(record.step);
    }
    return steps;
}

/// Begin of each record in the bytes of a log, and the end.
std::vector<std::size_t> boundaries(const std::string& bytes)
{
    std::vector<std::size_t> places = {0};
    while (places.back() < bytes.size()) {
        const auto rest = std::as_bytes(std::span(bytes)).subspan(places.back());
        places.push_back(places.back() + checkFrame(rest).size());
    }
    return places;
}

std::string frameOf(const std::string& payload)
{
    std::string frame;
    beginFrame(frame);
    frame += payload;
    endFrame(frame);
    return frame;
}

}  // namespace

TEST(EventLogReader, GivesBackWhatTheWriterWrote)
{
    const TemporaryFolder folder;
    writeLog(folder.path(), 7, 8);
    EventLogReader reader(folder.path());
    const auto records = reader.poll().value();
    ASSERT_THAT(records, SizeIs(3));
    EXPECT_TRUE(records[0].sessionStart);
    EXPECT_EQ(records[0].step, 7);
    for (const std::int64_t step : {7, 8}) {
        const Record& record = records[static_cast<std::size_t>(step) - 6];
        const Record expected = recordOf(step);
        EXPECT_EQ(record.step, step);
        EXPECT_EQ(record.wallTime, expected.wallTime);
        EXPECT_EQ(record.scalars, expected.scalars);
        EXPECT_EQ(record.tensors, expected.tensors);
        EXPECT_EQ(record.events, expected.events);
    }
    EXPECT_THAT(records[1].meanings,
        ElementsAre(TensorMeaning{"load/assigned", {"layer", "expert"}, "assignments"},
            TensorMeaning{"router/entropy", {}, ""}));
    EXPECT_THAT(records[2].meanings, IsEmpty());
    EXPECT_THAT(reader.damages(), IsEmpty());
    EXPECT_EQ(reader.bytesRead(), reader.bytesKnown());
}

TEST(EventLogReader, KeepsNaNAndInfinity)
{
    const TemporaryFolder folder;
    auto writer = EventLogWriter::create(FileSystem::real(), folder.path(), 1).value();
    Record record;
    record.step = 1;
    record.scalars = {{"a", std::nanf("")}, {"b", -HUGE_VALF}};
    ASSERT_TRUE(writer.append(record));
    const auto records = EventLogReader(folder.path()).poll().value();
    EXPECT_TRUE(std::isnan(records[1].scalars[0].value));
    EXPECT_EQ(records[1].scalars[1].value, -HUGE_VALF);
}

TEST(EventLogReader, FollowsAGrowingLogAndReadsOnlyNewRecords)
{
    const TemporaryFolder folder;
    EventLogReader reader(folder.path());
    EXPECT_THAT(reader.poll().value(), IsEmpty());
    auto writer = EventLogWriter::create(FileSystem::real(), folder.path(), 1).value();
    ASSERT_TRUE(writer.append(recordOf(1)));
    EXPECT_THAT(stepsOf(reader.poll().value()), ElementsAre(1));
    EXPECT_THAT(reader.poll().value(), IsEmpty());
    ASSERT_TRUE(writer.append(recordOf(2)));
    ASSERT_TRUE(writer.append(recordOf(3)));
    EXPECT_THAT(stepsOf(reader.poll(1).value()), ElementsAre(2));
    EXPECT_THAT(stepsOf(reader.poll(1).value()), ElementsAre(3));
}

TEST(EventLogReader, StopsAtTornTailAndTakesItUpOnceItIsWhole)
{
    const TemporaryFolder folder;
    const auto path = writeLog(folder.path(), 1, 3);
    const std::string bytes = readBytes(path);
    const auto places = boundaries(bytes);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        writeBytes(path, bytes.substr(0, cut));
        EventLogReader reader(folder.path());
        const auto records = reader.poll();
        ASSERT_TRUE(records) << cut;
        const auto numWhole = static_cast<std::size_t>(std::ranges::upper_bound(places, cut) - places.begin()) - 1;
        ASSERT_EQ(records->size(), numWhole - std::min<std::size_t>(numWhole, 1))
            << "cut at " << cut;  // without the version
        ASSERT_THAT(reader.damages(), IsEmpty());
        writeBytes(path, bytes);
        ASSERT_EQ(records->size() + reader.poll().value().size(), 4u) << "cut at " << cut;
        ASSERT_THAT(reader.damages(), IsEmpty());
    }
}

// spec formats 5.5 row 23
TEST(EventLogReader, GoesOnInTheNextFileAndMarksTheGap)
{
    const std::string tails[] = {std::string(5, 'x'), std::string(5000, '\0'), std::string(100, '\xA5')};
    for (const std::string& tail : tails) {
        const TemporaryFolder folder;
        const auto path = writeLog(folder.path(), 1, 3);
        const std::string bytes = readBytes(path);
        writeBytes(path, bytes + tail);
        EventLogReader reader(folder.path());
        EXPECT_THAT(stepsOf(reader.poll().value()), ElementsAre(1, 2, 3));
        EXPECT_THAT(reader.damages(), IsEmpty());
        EXPECT_LT(reader.bytesRead(), reader.bytesKnown());
        writeLog(folder.path(), 3, 4);
        EXPECT_THAT(stepsOf(reader.poll().value()), ElementsAre(3, 4));
        ASSERT_THAT(reader.damages(), SizeIs(1));
        EXPECT_EQ(reader.damages()[0].file, path);
        EXPECT_EQ(reader.damages()[0].offset, bytes.size());
        EXPECT_THAT(reader.damages()[0].reason, HasSubstr("no whole record"));
    }
}

TEST(EventLogReader, FindsTheNextRecordBehindGarbageInTheMiddle)
{
    const TemporaryFolder folder;
    const auto path = writeLog(folder.path(), 1, 6);
    const std::string bytes = readBytes(path);
    const auto places = boundaries(bytes);
    const std::size_t third = places[4];
    std::string flippedLength = bytes, flippedPayload = bytes;
    flippedLength[third + 1] ^= 1;
    flippedPayload[third + 30] ^= 1;
    std::string inserted = bytes;
    inserted.insert(third, "garbage that is no record");
    const std::tuple<std::string, std::vector<std::int64_t>, std::string> cases[] = {
        {flippedLength, {1, 2, 4, 5, 6}, "bad checksum of a record's length"},
        {flippedPayload, {1, 2, 4, 5, 6}, "bad checksum of a record"},
        {inserted, {1, 2, 3, 4, 5, 6}, "25 bytes left out"},
    };
    for (const auto& [damaged, steps, reason] : cases) {
        writeBytes(path, damaged);
        EventLogReader reader(folder.path());
        EXPECT_EQ(stepsOf(reader.poll().value()), steps) << reason;
        ASSERT_THAT(reader.damages(), SizeIs(1)) << reason;
        EXPECT_EQ(reader.damages()[0].offset, third);
        EXPECT_THAT(reader.damages()[0].reason, HasSubstr(reason));
    }
}

TEST(EventLogReader, NeverBelievesALengthBeforeItsChecksumAndLimit)
{
    const TemporaryFolder folder;
    for (const std::uint64_t length : {UINT64_MAX, std::uint64_t{1} << 63, kMaxRecordBytes + 1}) {
        const auto path = writeLog(folder.path(), 1, 1);
        std::string head(12, '\0');
        std::memcpy(head.data(), &length, 8);
        const std::uint32_t crc = maskedCrc32c(std::as_bytes(std::span(head)).first(8));
        std::memcpy(head.data() + 8, &crc, 4);
        writeBytes(path, readBytes(path) + head + frameOf("\x10\x05"));
        EventLogReader reader(folder.path());
        EXPECT_THAT(stepsOf(reader.poll().value()), ElementsAre(1, 5));
        ASSERT_THAT(reader.damages(), SizeIs(1));
        EXPECT_THAT(reader.damages()[0].reason, HasSubstr("past the limit of 64 MiB"));
        std::filesystem::remove(path);
    }
}

TEST(EventLogReader, LeavesOutRecordsThatAreNoEvents)
{
    const std::pair<std::string, std::string> cases[] = {
        {std::string("\x2A\x7F\x00", 3), "not an Event message"},  // a summary longer than the record
        {"\x10\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01", "the step is negative"},
        {std::string("\x09\x00\x00\x00\x00\x00\x00\xF8\x7F", 9), "the time is not a number"},
        // value {tag "x", tensor {DT_INT64, shape [2^62, 4], no content}}
        {std::string("\x2A\x1C\x0A\x1A\x0A\x01x\x42\x15\x08\x09\x12\x11\x12\x0A\x08\x80\x80\x80\x80\x80\x80\x80\x80\x40"
                     "\x12\x03\x08\x84\x00",
             30),
            "the size of a tensor does not fit its shape"},
        {std::string("\x2A\x0D\x0A\x0B\x0A\x01x\x42\x06\x08\x09\x12\x02\x12\x00", 15), ""},  // an empty tensor is fine
    };
    for (const auto& [payload, reason] : cases) {
        const TemporaryFolder folder;
        const auto path = writeLog(folder.path(), 1, 1);
        writeBytes(path, readBytes(path) + frameOf(payload));
        EventLogReader reader(folder.path());
        const auto records = reader.poll().value();
        EXPECT_EQ(records.size(), reason.empty() ? 3u : 2u) << reason;
        ASSERT_THAT(reader.damages(), SizeIs(reason.empty() ? 0 : 1)) << reason;
        if (!reason.empty()) {
            EXPECT_EQ(reader.damages()[0].reason, reason);
        }
    }
}

TEST(EventLogReader, ReadsANewerVersionAndSaysSo)
{
    const TemporaryFolder folder;
    writeBytes(folder / "events.out.tfevents.1000000000.host.1.0",
        frameOf("\x1A\x0D"
                "brain.Event:3")
            + frameOf("\x10\x05"));
    EventLogReader reader(folder.path());
    EXPECT_THAT(stepsOf(reader.poll().value()), ElementsAre(5));
    ASSERT_THAT(reader.damages(), SizeIs(1));
    EXPECT_THAT(reader.damages()[0].reason, HasSubstr("newer version (brain.Event:3)"));
}

TEST(EventLogReader, SurvivesRandomDamage)
{
    const TemporaryFolder folder;
    const auto path = writeLog(folder.path(), 1, 40);
    const std::string bytes = readBytes(path);
    std::mt19937 generator(3);
    for (int round = 0; round < 500; ++round) {
        std::string damaged = bytes;
        for (int i = 0; i < 3; ++i)
            damaged[generator() % damaged.size()] = static_cast<char>(generator());
        writeBytes(path, damaged.substr(0, generator() % damaged.size()));
        EventLogReader reader(folder.path());
        const auto records = reader.poll();
        ASSERT_TRUE(records);
        const auto steps = stepsOf(*records);
        ASSERT_TRUE(std::ranges::is_sorted(steps));
        ASSERT_LE(steps.size(), 40u);
    }
}

TEST(EventLogReader, MissingFolderIsAnError)
{
    const TemporaryFolder folder;
    EXPECT_THAT(EventLogReader(folder / "gone").poll().error().text,
        HasSubstr("gone: cannot list the run folder: No such file"));
}
