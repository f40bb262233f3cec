// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/export.h"

#include <cmath>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/file_system.h"
#include "engine/run/event_log.h"
#include "engine/run/export_sink.h"
#include "engine/run/run_folder.h"
#include "tests/support/failing_file_system.h"
#include "tests/support/temporary_folder.h"

using namespace moescope;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

namespace {

/// Three steps; `b` only at the second; step 3 was replaced once.
void makeRun(const std::filesystem::path& path)
{
    RunIdentity identity;
    identity.id = "id";
    identity.name = "=demo, \"one\"";
    ASSERT_TRUE(RunFolder::create(FileSystem::real(), path, identity, "{}"));
    for (const std::int64_t first : {1, 3}) {
        auto writer = EventLogWriter::create(FileSystem::real(), path, first).value();
        writer.describe({"load/assigned", {"layer", "expert"}, "assignments"});
        for (std::int64_t step = first; step <= 3; ++step) {
            Record record;
            record.step = step;
            record.wallTime = 10.5;
            record.scalars = {{"loss/total", first == 3 ? NAN : 0.1f}};
            if (step == 2) {
                record.scalars.push_back({"b", HUGE_VALF});
                record.events = {{R"({"kind":"notice","time":1,"text":"a,b"})"}};
            }
            if (step == 1)
                record.tensors = {{"load/assigned", {1, 2}, std::vector<std::int64_t>{7, 9}}};
            ASSERT_TRUE(writer.append(record));
        }
    }
}

std::vector<std::string> namesOf(const std::vector<ExportedFile>& files)
{
    std::vector<std::string> names;
    for (const ExportedFile& file : files)
        names.push_back(file.path.filename().string());
    return names;
}

}  // namespace

TEST(Export, WritesCsvWideLongEventsAndTensors)
{
    const TemporaryFolder folder;
    makeRun(folder / "run");
    const auto files = exportRun(folder / "run", folder / "out" / "csv", ExportFormat::Csv).value();
    EXPECT_THAT(
        namesOf(files), UnorderedElementsAre("scalars.csv", "scalars_long.csv", "events.csv", "load-assigned.csv"));
    EXPECT_EQ(readBytes(folder / "out/csv/scalars.csv"),
        "step,wall_time,b,loss/total\r\n"
        "1,10.5,,0.10000000149011612\r\n"
        "2,10.5,inf,0.10000000149011612\r\n"
        "3,10.5,,nan\r\n");
    EXPECT_EQ(readBytes(folder / "out/csv/scalars_long.csv"),
        "run,step,wall_time,metric,value\r\n"
        "\"'=demo, \"\"one\"\"\",2,10.5,b,inf\r\n"
        "\"'=demo, \"\"one\"\"\",1,10.5,loss/total,0.10000000149011612\r\n"
        "\"'=demo, \"\"one\"\"\",2,10.5,loss/total,0.10000000149011612\r\n"
        "\"'=demo, \"\"one\"\"\",3,10.5,loss/total,nan\r\n");
    EXPECT_EQ(readBytes(folder / "out/csv/events.csv"),
        "step,wall_time,kind,json\r\n"
        "2,10.5,notice,\"{\"\"kind\"\":\"\"notice\"\",\"\"time\"\":1,\"\"text\"\":\"\"a,b\"\"}\"\r\n");
    EXPECT_EQ(readBytes(folder / "out/csv/load-assigned.csv"), "step,layer,expert,value\r\n1,0,0,7\r\n1,0,1,9\r\n");
    // Again: the files are replaced, nothing else is left.
    ASSERT_TRUE(exportRun(folder / "run", folder / "out" / "csv", ExportFormat::Csv));
    EXPECT_EQ(numEntries(folder / "out" / "csv"), 4u);
}

TEST(Export, WritesJsonLines)
{
    const TemporaryFolder folder;
    makeRun(folder / "run");
    ASSERT_TRUE(exportRun(folder / "run", folder / "out", ExportFormat::JsonLines));
    EXPECT_EQ(readBytes(folder / "out/scalars.jsonl"),
        "{\"step\":1,\"wall_time\":10.5,\"loss/total\":0.10000000149011612}\n"
        "{\"step\":2,\"wall_time\":10.5,\"b\":\"inf\",\"loss/total\":0.10000000149011612}\n"
        "{\"step\":3,\"wall_time\":10.5,\"loss/total\":\"nan\"}\n");
    EXPECT_EQ(readBytes(folder / "out/tensors.jsonl"),
        "{\"step\":1,\"tag\":\"load/assigned\",\"shape\":[1,2],\"data\":[7.0,9.0]}\n");
    EXPECT_EQ(readBytes(folder / "out/events.jsonl"),
        "{\"step\":2,\"wall_time\":10.5,\"event\":{\"kind\":\"notice\",\"time\":1,\"text\":\"a,b\"}}\n");
}

TEST(Export, WritesNpyArrays)
{
    const TemporaryFolder folder;
    makeRun(folder / "run");
    const auto files = exportRun(folder / "run", folder / "out", ExportFormat::Npy).value();
    EXPECT_THAT(namesOf(files),
        UnorderedElementsAre("b.npy", "loss-total.npy", "load-assigned.npy", "load-assigned-steps.npy"));
    const std::string bytes = readBytes(folder / "out/load-assigned.npy");
    ASSERT_EQ(bytes.size() % 64, 16u);
    EXPECT_EQ(bytes.substr(0, 8), "\x93NUMPY\x01" + std::string(1, '\0'));
    EXPECT_THAT(
        bytes.substr(10), testing::StartsWith("{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1, 2, ), }"));
    double numbers[2];
    std::memcpy(numbers, bytes.data() + bytes.size() - 16, 16);
    EXPECT_THAT(numbers, ElementsAre(7, 9));
}

TEST(Export, TextCellsAreNoFormulas)
{
    EXPECT_EQ(csvCell("=1+1"), "'=1+1");
    EXPECT_EQ(csvCell("@x"), "'@x");
    EXPECT_EQ(csvCell("-x"), "'-x");
    EXPECT_EQ(csvCell("a\nb"), "\"a\nb\"");
    EXPECT_EQ(csvCell("plain"), "plain");
    EXPECT_EQ(csvCell(""), "");
}

TEST(Export, TagsNeverLeaveTheFolder)
{
    EXPECT_EQ(fileNameOf("loss/total"), "loss-total");
    EXPECT_EQ(fileNameOf("../../etc/passwd"), "_..-..-etc-passwd");
    EXPECT_EQ(fileNameOf("a b\\c"), "a_b_c");
    EXPECT_EQ(fileNameOf(""), "_");
    const TemporaryFolder folder;
    ExportSink sink(FileSystem::real(), folder.path());
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(sink.begin(i == 0 ? "a/b" : "a-b", ".csv"));
        ASSERT_TRUE(sink.end(0));
    }
    EXPECT_THAT(namesOf(sink.take()), ElementsAre("a-b.csv", "a-b-2.csv"));
}

TEST(Export, FullDiskIsAnErrorAndLeavesNoHalfFile)
{
    const TemporaryFolder folder;
    for (int n = 1; n <= 4; ++n) {
        FailingFileSystem files(n);
        ExportSink sink(files, folder.path());
        const auto write = [&]() -> Result<void> {
            if (auto begun = sink.begin("a", ".csv"); !begun)
                return begun;
            sink.put("text");
            return sink.end(1);
        };
        EXPECT_FALSE(write()) << n;
    }
    EXPECT_EQ(numEntries(folder.path()), 0u);
}

TEST(Export, AFolderThatIsNoRunIsAnError)
{
    const TemporaryFolder folder;
    EXPECT_EQ(exportRun(folder.path(), folder / "out", ExportFormat::Csv).error().kind, ErrorKind::Data);
    EXPECT_FALSE(std::filesystem::exists(folder / "out"));
}
