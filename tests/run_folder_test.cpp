// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/run_folder.h"

#include <csignal>

#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/file_system.h"
#include "engine/run/run_documents.h"
#include "tests/support/failing_file_system.h"
#include "tests/support/temporary_folder.h"

using namespace moescope;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

RunIdentity identityOf(const std::string& name, double created = 1.7e9)
{
    RunIdentity identity;
    identity.id = "id-" + name;
    identity.name = name;
    identity.created = created;
    identity.program = "0.1.0";
    identity.libtorch = "2.11.0";
    identity.git = "abc";
    identity.host = "host";
    identity.devices = {"cpu"};
    identity.seed = 1337;
    return identity;
}

Result<RunFolder> create(const std::filesystem::path& path, FileSystem& files = FileSystem::real())
{
    return RunFolder::create(files, path, identityOf("demo"), R"({"seed": 1337})");
}

}  // namespace

TEST(RunFolder, GivesBackWhatItWasMadeWith)
{
    const TemporaryFolder folder;
    RunIdentity identity = identityOf("demo");
    identity.parentRun = "id-other";
    identity.parentStep = 400;
    ASSERT_TRUE(RunFolder::create(FileSystem::real(), folder / "runs" / "demo/", identity, "{}\n"));
    const auto run = RunFolder::open(FileSystem::real(), folder / "runs" / "demo");
    ASSERT_TRUE(run) << run.error().text;
    EXPECT_EQ(toJson(run->identity()), toJson(identity));
    EXPECT_EQ(run->configJson().value(), "{}\n");
    EXPECT_EQ(run->status()->state, RunState::Created);
    for (const auto& path : {run->checkpoints(), run->inbox(), run->done(), run->logs(), run->charts()})
        EXPECT_TRUE(std::filesystem::is_directory(path)) << path;
    EXPECT_EQ(numEntries(folder / "runs"), 1u);
}

TEST(RunFolder, NeverWritesIntoAFolderThatIsNotEmpty)
{
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "empty");
    EXPECT_TRUE(create(folder / "empty"));
    writeBytes(folder / "file", "mine");
    for (const char* name : {"empty", "file"}) {
        const auto again = create(folder / name);
        ASSERT_FALSE(again);
        EXPECT_EQ(again.error().kind, ErrorKind::Data);
        EXPECT_THAT(again.error().text, HasSubstr(name));
        EXPECT_THAT(again.error().text, HasSubstr("moescope-engine resume"));
    }
    EXPECT_EQ(readBytes(folder / "file"), "mine");
}

TEST(RunFolder, IsThereWholeOrNotAtAllWhicheverOperationFails)
{
    const TemporaryFolder folder;
    FailingFileSystem counting;
    ASSERT_TRUE(create(folder / "a", counting));
    std::filesystem::remove_all(folder / "a");
    for (int n = 1; n <= counting.numOperations(); ++n) {
        FailingFileSystem files(n);
        ASSERT_FALSE(create(folder / "a", files)) << n;
        if (std::filesystem::exists(folder / "a")) {
            EXPECT_TRUE(RunFolder::open(FileSystem::real(), folder / "a")) << files.failedOperation();
            std::filesystem::remove_all(folder / "a");
        }
        EXPECT_EQ(numEntries(folder.path()), 0u) << files.failedOperation();
    }
}

TEST(RunFolder, OpenSaysWhatIsWrongAndWhere)
{
    const TemporaryFolder folder;
    EXPECT_THAT(RunFolder::open(FileSystem::real(), folder / "no").error().text, HasSubstr("there is no run folder"));
    EXPECT_THAT(RunFolder::open(FileSystem::real(), folder.path()).error().text, HasSubstr("has no run.json"));
    const std::pair<std::string, std::string> cases[] = {
        {R"({"format_version": 2})", "written by a newer version of Moescope (format 2"},
        {R"({"format_version": "1"})", "no file of Moescope"},
        {R"({"format_version": 1, "id": 5})", "run.json:1:29: 'id' must be a text"},
        {"[]", "run.json:1:1: is no JSON object"},
        {"{\n  \"id\": }", "run.json:2:"},
        {"", "run.json:"},
        {std::string(2 << 20, ' '), "2,097,152 bytes are more than"},
        {"{\"a\":" + std::string(10'000, '[') + "}", "run.json:1:"},
    };
    for (const auto& [json, reason] : cases) {
        writeBytes(folder / "run.json", json);
        const auto run = RunFolder::open(FileSystem::real(), folder.path());
        ASSERT_FALSE(run) << reason;
        EXPECT_EQ(run.error().kind, ErrorKind::Data);
        EXPECT_THAT(run.error().text, HasSubstr(reason));
    }
}

TEST(RunFolder, StatusIsReplacedWholeAndReadBack)
{
    const TemporaryFolder folder;
    const RunFolder run = create(folder / "a").value();
    const RunStatus status = {
        RunState::Failed, 123, 4711, 1.7e9 + 0.25, 1.7e9 + 9.5, "step-00000100", RunExit{137, "signal", 2}};
    ASSERT_TRUE(run.writeStatus(status));
    const RunStatus read = run.status().value();
    EXPECT_EQ(toJson(read), toJson(status));
    EXPECT_EQ(read.exit->rank, 2);
    EXPECT_EQ(read.heartbeat, status.heartbeat);
    writeBytes(run.path() / "state.json", R"({"state": "flying"})");
    EXPECT_THAT(run.status().error().text, HasSubstr("'state' must be a state that this program knows"));
}

// spec formats 5.5 row 18
TEST(RunFolder, OnlyOneProcessTrainsAndAKilledOneLeavesNothingBehind)
{
    const TemporaryFolder folder;
    const RunFolder run = create(folder / "a").value();
    EXPECT_FALSE(run.isLocked());
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto lock = run.lock();
        (void)!::write(ready[1], lock ? "y" : "n", 1);
        ::pause();
        ::_exit(0);
    }
    char answer = 0;
    ASSERT_EQ(::read(ready[0], &answer, 1), 1);
    ASSERT_EQ(answer, 'y');
    EXPECT_TRUE(run.isLocked());
    const auto refused = run.lock();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::Data);
    EXPECT_THAT(refused.error().text, HasSubstr("process " + std::to_string(child) + " on "));
    writeBytes(run.path() / (".tmp-" + std::to_string(child) + "-1"), "half a state.json");
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_FALSE(run.isLocked());
    EXPECT_TRUE(run.lock());
    EXPECT_FALSE(std::filesystem::exists(run.path() / (".tmp-" + std::to_string(child) + "-1")));
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST(RunFolder, ListIsNewestFirstWithBrokenOnesLastAndOthersLeftOut)
{
    const TemporaryFolder folder;
    for (const auto& [name, created] : {std::pair("old", 1.0), std::pair("new", 3.0), std::pair("middle", 2.0)})
        ASSERT_TRUE(RunFolder::create(FileSystem::real(), folder / name, identityOf(name, created), "{}"));
    std::filesystem::create_directories(folder / "broken");
    writeBytes(folder / "broken" / "run.json", "{");
    std::filesystem::create_directories(folder / "other");
    writeBytes(folder / "file", "");
    std::filesystem::create_directories(folder / ".tmp-1-1");
    writeBytes(folder / ".tmp-1-1" / "run.json", "{}");
    EXPECT_THAT(RunFolder::list(folder.path()),
        ElementsAre(folder / "new", folder / "middle", folder / "old", folder / "broken"));
    EXPECT_THAT(RunFolder::list(folder / "missing"), IsEmpty());
}

// spec formats 5.5 row 19; mode bits do not stop root, so a real read-only mount is needed.
TEST(RunFolder, ReadOnlyFolderOpensForViewingAndRefusesTheLock)
{
    const TemporaryFolder folder;
    const RunFolder run = create(folder / "a").value();
    const auto mounted = (folder / "a").string();
    if (::mount(mounted.c_str(), mounted.c_str(), nullptr, MS_BIND, nullptr) != 0)
        GTEST_SKIP() << "SKIPPED: this user may not mount, so there is no read-only folder to test with";
    const bool readOnly = ::mount(nullptr, mounted.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0;
    const auto opened = RunFolder::open(FileSystem::real(), folder / "a");
    const auto lock = run.lock();
    const auto written = run.writeStatus({});
    const bool locked = run.isLocked();
    ASSERT_EQ(::umount(mounted.c_str()), 0);
    ASSERT_TRUE(readOnly);
    EXPECT_TRUE(opened);
    EXPECT_FALSE(locked);
    EXPECT_THAT(lock.error().text, HasSubstr("Read-only file system"));
    EXPECT_THAT(written.error().text, HasSubstr("Read-only file system"));
}

// spec formats 5.5 row 21
TEST(RunFolder, OddNamesWork)
{
    const TemporaryFolder folder;
    for (const std::string& name : {std::string("a b"), std::string("'\"$(x)"), std::string("line\nbreak"),
             std::string("\xFF"), std::string("🙂\u202E"), std::string(255, 'n')}) {
        ASSERT_TRUE(create(folder / name)) << shownPath(name);
        EXPECT_TRUE(RunFolder::open(FileSystem::real(), folder / name)->lock());
    }
    EXPECT_EQ(RunFolder::list(folder.path()).size(), 6u);
    EXPECT_THAT(create(folder / std::string(300, 'n')).error().text, HasSubstr("File name too long"));
}

TEST(RunFolder, DefaultRootFollowsXdg)
{
    ::setenv("XDG_DATA_HOME", "/data", 1);
    EXPECT_EQ(RunFolder::defaultRoot(), "/data/moescope/runs");
    ::setenv("XDG_DATA_HOME", "relative", 1);  // the specification says: ignore
    ::setenv("HOME", "/home/x", 1);
    EXPECT_EQ(RunFolder::defaultRoot(), "/home/x/.local/share/moescope/runs");
    ::unsetenv("XDG_DATA_HOME");
}
