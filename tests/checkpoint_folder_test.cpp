// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/checkpoint_folder.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/file_system.h"
#include "tests/support/failing_file_system.h"
#include "tests/support/temporary_folder.h"

using namespace moescope;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

Result<std::filesystem::path> write(
    FileSystem& files, const std::filesystem::path& checkpoints, std::int64_t step, float value = 1)
{
    const std::vector<float> weights(300, value);
    return writeCheckpoint(files, checkpoints, step,
        [&](const std::filesystem::path& folder) -> Result<std::map<std::string, WrittenFile>> {
            auto model = writeSafetensors(files, folder / "model.safetensors",
                {{"w", DType::F32, {300}, std::as_bytes(std::span(weights))}}, {{"format", "pt"}});
            if (!model)
                return forward(model);
            auto trainer = writeCheckpointFile(files, folder / "trainer.json", "{}");
            if (!trainer)
                return forward(trainer);
            return std::map<std::string, WrittenFile>{{"model.safetensors", *model}, {"trainer.json", *trainer}};
        });
}

std::vector<std::int64_t> stepsIn(const std::filesystem::path& checkpoints)
{
    std::vector<std::int64_t> steps;
    for (const CheckpointInfo& info : listCheckpoints(checkpoints))
        steps.push_back(info.step);
    return steps;
}

}  // namespace

TEST(CheckpointFolder, WritesListsAndVerifies)
{
    const TemporaryFolder folder;
    EXPECT_EQ(write(FileSystem::real(), folder.path(), 1000).value(), folder / "step-00001000");
    ASSERT_TRUE(write(FileSystem::real(), folder.path(), 2000));
    const auto found = listCheckpoints(folder.path());
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0].step, 2000);
    EXPECT_EQ(found[0].files.at("trainer.json").bytes, 2u);
    EXPECT_TRUE(verifyCheckpoint(found[0]));
    EXPECT_EQ(numEntries(folder.path()), 2u);
    EXPECT_THAT(readBytes(folder / "step-00001000" / "manifest.json"), HasSubstr("\"format_version\": 1"));
}

// spec formats 5.5 rows 7 and 8
TEST(CheckpointFolder, NeverLooksCompleteWhenItIsNotWhicheverOperationFails)
{
    const TemporaryFolder folder;
    ASSERT_TRUE(write(FileSystem::real(), folder.path(), 1));
    FailingFileSystem counting;
    ASSERT_TRUE(write(counting, folder.path(), 2));
    std::filesystem::remove_all(folder / "step-00000002");
    for (int n = 1; n <= counting.numOperations(); ++n) {
        FailingFileSystem files(n, n % 2 == 0 ? EIO : ENOSPC);
        ASSERT_FALSE(write(files, folder.path(), 2)) << n;
        for (const CheckpointInfo& info : listCheckpoints(folder.path()))
            ASSERT_TRUE(verifyCheckpoint(info)) << files.failedOperation();
        ASSERT_TRUE(std::filesystem::exists(folder / "step-00000001")) << files.failedOperation();
        // Only where the very last sync failed is it there already, whole.
        const bool published = n == counting.numOperations();
        EXPECT_EQ(numEntries(folder.path()), published ? 2u : 1u) << files.failedOperation();
    }
}

TEST(CheckpointFolder, WhatADyingProcessLeftIsNoCheckpointAndIsSwept)
{
    const TemporaryFolder folder;
    ASSERT_TRUE(write(FileSystem::real(), folder.path(), 5));
    std::filesystem::create_directory(folder / ".tmp-step-6-1");
    std::filesystem::create_directory(folder / ".trash-step-00000004-1");
    std::filesystem::create_directory(folder / "step-00000007");  // no manifest
    std::filesystem::create_directory(folder / "step-8");
    std::filesystem::create_directory_symlink(folder / "step-00000005", folder / "step-00000009");
    EXPECT_THAT(stepsIn(folder.path()), ElementsAre(5));
    pruneCheckpoints(FileSystem::real(), folder.path(), 2, {});
    EXPECT_FALSE(std::filesystem::exists(folder / ".tmp-step-6-1"));
    EXPECT_FALSE(std::filesystem::exists(folder / ".trash-step-00000004-1"));
    EXPECT_TRUE(std::filesystem::exists(folder / "step-00000007"));
}

// spec formats 5.5 row 9
TEST(CheckpointFolder, OneFlippedByteAnywhereIsFound)
{
    const TemporaryFolder folder;
    ASSERT_TRUE(write(FileSystem::real(), folder.path(), 1));
    const CheckpointInfo info = listCheckpoints(folder.path()).front();
    const auto path = info.path / "model.safetensors";
    const std::string whole = readBytes(path);
    std::mt19937 generator(1);
    for (int i = 0; i < 1000; ++i) {
        std::string damaged = whole;
        damaged[generator() % whole.size()] ^= static_cast<char>(1 + generator() % 255);
        writeBytes(path, damaged);
        const auto verified = verifyCheckpoint(info);
        ASSERT_FALSE(verified);
        ASSERT_EQ(verified.error().kind, ErrorKind::Data);
    }
    EXPECT_THAT(verifyCheckpoint(info).error().text, HasSubstr("model.safetensors: bytes 0 to 1,"));
    writeBytes(path, whole.substr(1));
    EXPECT_THAT(verifyCheckpoint(info).error().text, HasSubstr("but the manifest says"));
    std::filesystem::remove(path);
    EXPECT_THAT(verifyCheckpoint(info).error().text, HasSubstr("No such file"));
    std::filesystem::create_symlink("/etc/passwd", path);
    EXPECT_THAT(verifyCheckpoint(info).error().text, HasSubstr("symbolic link"));
}

TEST(CheckpointFolder, ForeignAndNewerManifestsAreNoCheckpoints)
{
    const TemporaryFolder folder;
    for (const std::string manifest :
        {R"({"format_version":2,"step":1,"files":{}})", R"({"format_version":1,"step":2,"files":{}})",
            R"({"format_version":1,"step":1,"files":{"../x":{"bytes":1,"sha256":""}}})",
            R"({"format_version":1,"step":1,"files":{"/etc/passwd":{"bytes":1,"sha256":""}}})",
            R"({"format_version":1,"step":1,"files":{"a":{"bytes":-1,"sha256":""}}})", R"({"step":1,"files":{}})", "{",
            ""}) {
        std::filesystem::create_directories(folder / "step-00000001");
        writeBytes(folder / "step-00000001" / "manifest.json", manifest);
        EXPECT_THAT(listCheckpoints(folder.path()), IsEmpty()) << manifest;
    }
    writeBytes(folder / "step-00000001" / "manifest.json", R"({"format_version":1,"step":1,"files":{}})");
    EXPECT_THAT(stepsIn(folder.path()), ElementsAre(1));
    EXPECT_THAT(listCheckpoints(folder / "missing"), IsEmpty());
}

TEST(CheckpointFolder, PruneKeepsTheNewestAndTheChosen)
{
    const TemporaryFolder folder;
    for (const std::int64_t step : {10, 20, 30, 40, 50})
        ASSERT_TRUE(write(FileSystem::real(), folder.path(), step));
    pruneCheckpoints(FileSystem::real(), folder.path(), 1, {10});  // one alone is never kept: it could be the bad one
    EXPECT_THAT(stepsIn(folder.path()), ElementsAre(50, 40, 10));
    EXPECT_EQ(numEntries(folder.path()), 3u);
}

TEST(CheckpointFolder, PruneThatFailsLeavesNothingHalfDeleted)
{
    for (int n = 1; n <= 3; ++n) {
        const TemporaryFolder folder;
        for (const std::int64_t step : {1, 2, 3})
            ASSERT_TRUE(write(FileSystem::real(), folder.path(), step));
        FailingFileSystem files(n, EIO);
        pruneCheckpoints(files, folder.path(), 2, {});
        for (const CheckpointInfo& info : listCheckpoints(folder.path()))
            EXPECT_TRUE(verifyCheckpoint(info)) << files.failedOperation();
        pruneCheckpoints(FileSystem::real(), folder.path(), 2, {});
        EXPECT_EQ(numEntries(folder.path()), 2u);
    }
}

TEST(CheckpointFolder, TheSameStepAgainReplacesADamagedOne)
{
    const TemporaryFolder folder;
    ASSERT_TRUE(write(FileSystem::real(), folder.path(), 1));
    writeBytes(folder / "step-00000001" / "model.safetensors", "damaged");
    ASSERT_TRUE(write(FileSystem::real(), folder.path(), 1, 2.0f));
    EXPECT_TRUE(verifyCheckpoint(listCheckpoints(folder.path()).front()));
    EXPECT_EQ(numEntries(folder.path()), 1u);
}
