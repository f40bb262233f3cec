// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/run/event_log.h"
#include "engine/run/event_log_files.h"
#include "tests/support/failing_file_system.h"
#include "tests/support/temporary_folder.h"

using namespace moescope;
using testing::MatchesRegex;

namespace {

std::string fromHex(std::string_view hex)
{
    std::string bytes;
    std::string digits;
    for (const char c : hex) {
        if (c == ' ' || c == '\n')
            continue;
        digits += c;
        if (digits.size() == 2) {
            bytes += static_cast<char>(std::stoi(digits, nullptr, 16));
            digits.clear();
        }
    }
    return bytes;
}

Record lossAndLoad()
{
    Record record;
    record.wallTime = 1.5;
    record.step = 3;
    record.scalars = {{"loss/total", 2.0f}};
    record.tensors = {{"load/assigned", {1, 2}, std::vector<std::int64_t>{5, 7}}};
    return record;
}

}  // namespace

TEST(EventLogWriter, WritesTheBytesThatTheFormatAsksFor)
{
    const TemporaryFolder folder;
    auto writer = EventLogWriter::create(FileSystem::real(), folder.path(), 1).value();
    const std::size_t before = readBytes(writer.path()).size();
    writer.describe({"load/assigned", {"layer", "expert"}, "assignments"});
    ASSERT_TRUE(writer.append(lossAndLoad()));

    // By hand from the field numbers of spec formats 1.5; the two checksums from a bitwise CRC.
    const std::string expected = fromHex("B3 00 00 00 00 00 00 00  0F BF D8 41")  // length 179, its masked CRC
        + fromHex("09 00 00 00 00 00 00 F8 3F")                                   // 1 wall_time = 1.5
        + fromHex("10 03")                                                        // 2 step = 3
        + fromHex("2A A5 01")                                                     // 5 summary, 165 bytes
        + fromHex("0A 11  0A 0A") + "loss/total" + fromHex("15 00 00 00 40")      // value {tag, 2 simple_value = 2.0}
        + fromHex("0A 8F 01  0A 0D") + "load/assigned"                            // value {tag
        + fromHex("42 1E  08 09")                                                 // 8 tensor {DT_INT64
        + fromHex("12 08  12 02 08 01  12 02 08 02")                              // shape [1, 2]
        + fromHex("22 10  05 00 00 00 00 00 00 00  07 00 00 00 00 00 00 00")      // tensor_content}
        + fromHex("4A 5E  0A 5A  0A 08") + "moescope"  // 9 metadata {plugin_data {plugin_name
        + fromHex("12 4E") + R"({"name":"load/assigned","dimensions":["layer","expert"],"units":"assignments"})"
        + fromHex("20 02")         // data_class = tensor}}
        + fromHex("B6 1D EA 99");  // masked CRC of the payload
    EXPECT_EQ(readBytes(writer.path()).substr(before), expected);
}

TEST(EventLogWriter, BeginsEveryFileWithVersionAndSessionStart)
{
    const TemporaryFolder folder;
    const auto writer = EventLogWriter::create(FileSystem::real(), folder.path(), 41).value();
    const std::string bytes = readBytes(writer.path());
    ASSERT_EQ(bytes.size(), (12u + 9 + 15 + 4) + (12u + 9 + 2 + 4 + 4));
    EXPECT_EQ(bytes.substr(12 + 9, 15), fromHex("1A 0D") + "brain.Event:2");
    EXPECT_EQ(
        bytes.substr(bytes.size() - 10, 6), fromHex("10 29  3A 02 08 01"));  // step 41, session_log {status START}
}

TEST(EventLogWriter, NamesSortInTheOrderOfTheStartsWhateverTheClockSays)
{
    const TemporaryFolder folder;
    const auto first = EventLogWriter::create(FileSystem::real(), folder.path(), 1).value();
    EXPECT_THAT(first.path().filename().string(),
        MatchesRegex(R"(events\.out\.tfevents\.[0-9]{10}\.[-A-Za-z0-9]+\.[0-9]+\.[0-9]+)"));
    const auto second = EventLogWriter::create(FileSystem::real(), folder.path(), 1).value();
    EXPECT_LT(first.path(), second.path());
    writeBytes(folder / "events.out.tfevents.9000000000.other-host.1.0", "");  // a clock that was ahead
    const auto third = EventLogWriter::create(FileSystem::real(), folder.path(), 1).value();
    EXPECT_THAT(listEventFiles(folder.path()).value().back(), third.path());
}

// spec formats 5.5 row 6
TEST(EventLogWriter, FullDiskLeavesWholeRecordsAndLaterAppendsGoOn)
{
    const TemporaryFolder folder;
    FailingFileSystem files;
    auto writer = EventLogWriter::create(files, folder.path(), 1).value();
    ASSERT_TRUE(writer.append(lossAndLoad()));
    const std::string whole = readBytes(writer.path());

    files.failOnly({"write"});
    files.failFromNowOn(ENOSPC);
    const auto refused = writer.append(lossAndLoad());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Resources);
    EXPECT_EQ(readBytes(writer.path()), whole);

    files.recover();
    ASSERT_TRUE(writer.append(lossAndLoad()));
    const std::string longer = readBytes(writer.path());
    EXPECT_EQ(longer.substr(0, whole.size()), whole);
    EXPECT_GT(longer.size(), whole.size());
}

TEST(EventLogWriter, CutsBackLaterWhenEvenTheCutFailed)
{
    const TemporaryFolder folder;
    FailingFileSystem files;
    auto writer = EventLogWriter::create(files, folder.path(), 1).value();
    ASSERT_TRUE(writer.append(lossAndLoad()));
    const std::string whole = readBytes(writer.path());
    files.failFromNowOn(EIO);
    ASSERT_FALSE(writer.append(lossAndLoad()));
    ASSERT_FALSE(writer.append(lossAndLoad()));
    EXPECT_GT(readBytes(writer.path()).size(), whole.size());
    files.recover();
    ASSERT_TRUE(writer.append(lossAndLoad()));
    const std::string after = readBytes(writer.path());
    EXPECT_EQ(after.substr(0, whole.size()), whole);
    const std::string second = after.substr(whole.size());
    EXPECT_EQ(
        second.size(), 12u + fromHex("09 00 00 00 00 00 00 F8 3F 10 03 2A 44").size() + 68 + 4);  // no metadata again
}

TEST(EventLogWriter, WritesTheMeaningAgainWhenTheRecordThatBroughtItWasLost)
{
    const TemporaryFolder folder;
    FailingFileSystem files;
    auto writer = EventLogWriter::create(files, folder.path(), 1).value();
    files.failFromNowOn();
    ASSERT_FALSE(writer.append(lossAndLoad()));
    files.recover();
    ASSERT_TRUE(writer.append(lossAndLoad()));
    EXPECT_NE(readBytes(writer.path()).find("moescope"), std::string::npos);
}

TEST(EventLogWriter, LeavesNoFileWhenItCannotBegin)
{
    const TemporaryFolder folder;
    FailingFileSystem counting;
    ASSERT_TRUE(EventLogWriter::create(counting, folder.path(), 1));
    const int numOperations = counting.numOperations();
    for (int n = 1; n <= numOperations; ++n) {
        FailingFileSystem files(n);
        ASSERT_FALSE(EventLogWriter::create(files, folder.path(), 1)) << n;
        EXPECT_EQ(numEntries(folder.path()), 1u) << files.failedOperation();
    }
    EXPECT_FALSE(EventLogWriter::create(counting, folder / "missing", 1));
}
