// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/file_system.h"

#include <array>

#include <sys/stat.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/input_file.h"
#include "tests/support/failing_file_system.h"
#include "tests/support/temporary_folder.h"

using namespace moescope;
using testing::HasSubstr;

TEST(ReplaceFile, LeavesTheOldTextWholeWhicheverOperationFails)
{
    const TemporaryFolder folder;
    FailingFileSystem counting;
    ASSERT_TRUE(replaceFile(counting, folder / "state.json", "old"));
    ASSERT_EQ(counting.numOperations(), 7);  // remove, create, write, sync, close, rename, syncFolder
    for (int n = 1; n <= counting.numOperations(); ++n) {
        FailingFileSystem files(n);
        const auto result = replaceFile(files, folder / "state.json", "new text");
        ASSERT_FALSE(result) << n;
        EXPECT_EQ(result.error().kind, ErrorKind::Resources) << n;
        const bool renamed = n == 7;
        EXPECT_EQ(readBytes(folder / "state.json"), renamed ? "new text" : "old") << files.failedOperation();
        EXPECT_EQ(numEntries(folder.path()), 1u) << "something was left after " << files.failedOperation();
    }
}

TEST(FileSystem, NeverWritesOverAFileThatExists)
{
    const TemporaryFolder folder;
    writeBytes(folder / "a", "mine");
    EXPECT_FALSE(FileSystem::real().create(folder / "a"));
    EXPECT_EQ(readBytes(folder / "a"), "mine");
}

TEST(FileSystem, TruncateGoesOnWritingAtTheCut)
{
    const TemporaryFolder folder;
    auto file = FileSystem::real().create(folder / "a").value();
    const std::string text = "whole|torn";
    ASSERT_TRUE(file->write(std::as_bytes(std::span(text))));
    ASSERT_TRUE(file->truncate(6));
    ASSERT_TRUE(file->write(std::as_bytes(std::span(text)).first(5)));
    ASSERT_TRUE(file->close());
    EXPECT_EQ(readBytes(folder / "a"), "whole|whole");
}

TEST(FileSystem, ErrorsNameThePathTheActAndTheCause)
{
    const TemporaryFolder folder;
    writeBytes(folder / "file", "");
    const auto made = FileSystem::real().create(folder / "file" / "x");
    EXPECT_EQ(made.error().kind, ErrorKind::Data);
    EXPECT_EQ(made.error().text, (folder / "file" / "x").string() + ": cannot create the file: Not a directory");
}

TEST(ReadFile, RefusesWhatIsTooLargeMissingOrNoFile)
{
    const TemporaryFolder folder;
    writeBytes(folder / "a", "12345");
    EXPECT_EQ(readFile(folder / "a", 5).value(), "12345");
    EXPECT_THAT(readFile(folder / "a", 4).error().text, HasSubstr("5 bytes are more than the 4"));
    EXPECT_THAT(readFile(folder / "b", 5).error().text, HasSubstr("No such file"));
    EXPECT_THAT(readFile(folder.path(), 5).error().text, HasSubstr("no regular file"));
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    EXPECT_THAT(readFile(folder / "pipe", 5).error().text, HasSubstr("no regular file"));
    EXPECT_FALSE(readFile("/proc/self/status", 1 << 20).value().empty());
}

TEST(InputFile, RefusesLinksOnlyWhenAskedTo)
{
    const TemporaryFolder folder;
    writeBytes(folder / "a", "x");
    std::filesystem::create_symlink("a", folder / "link");
    EXPECT_TRUE(InputFile::open(folder / "link"));
    EXPECT_THAT(InputFile::open(folder / "link", InputFile::Links::Refuse).error().text, HasSubstr("symbolic link"));
}

TEST(InputFile, ShortFileIsAnErrorThatNamesTheBytes)
{
    const TemporaryFolder folder;
    writeBytes(folder / "a", "12345");
    std::array<std::byte, 4> into;
    const auto file = InputFile::open(folder / "a").value();
    EXPECT_EQ(file.readAt(3, into).value(), 2u);
    EXPECT_TRUE(file.readExactly(1, into));
    EXPECT_THAT(file.readExactly(3, into).error().text, HasSubstr("ends at byte 5, but bytes up to 7"));
}

// spec formats 5.5 row 21
TEST(ShownPath, EscapesWhatWouldMoveTheCursorOrReverseTheText)
{
    EXPECT_EQ(shownPath("/runs/my run 'é' 🙂"), "/runs/my run 'é' 🙂");
    EXPECT_EQ(shownPath("a\nb\x1b[2J"), "a\\u{a}b\\u{1b}[2J");
    EXPECT_EQ(shownPath("a\u202Ecod.exe"), "a\\u{202e}cod.exe");
    EXPECT_EQ(shownPath(std::string("a\xFF\xC0\x80z")), "a\\xff\\xc0\\x80z");
}

TEST(FileSystem, OddNamesWorkAndTooLongPathsAreCleanErrors)
{
    const TemporaryFolder folder;
    for (const std::string& name : {std::string("with space"), std::string("quote'\""), std::string("new\nline"),
             std::string("\xFF\xFE"), std::string("🙂"), std::string(255, 'x')}) {
        ASSERT_TRUE(replaceFile(FileSystem::real(), folder / name, name)) << shownPath(name);
        EXPECT_EQ(readFile(folder / name, 1000).value(), name);
    }
    EXPECT_THAT(replaceFile(FileSystem::real(), folder / std::string(256, 'x'), "").error().text,
        HasSubstr("File name too long"));
    EXPECT_THAT(readFile(std::string(5000, '/') + "x", 10).error().text, HasSubstr("File name too long"));
}
