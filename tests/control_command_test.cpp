// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/control/command.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/file_system.h"
#include "tests/support/failing_file_system.h"
#include "tests/support/temporary_folder.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr double kEpoch = 1700000000.125;

class CommandInbox : public testing::Test {
protected:
    void SetUp() override { fs::create_directories(m_inbox); }

    Command command(Verb verb) const
    {
        Command command;
        command.verb = verb;
        command.issuer = "test";
        command.epoch = kEpoch;
        return command;
    }

    void put(const std::string& name, const std::string& text) const { std::ofstream(m_inbox / name) << text; }

    /// A well-formed file, with one thing replaced.
    static std::string text(const std::string& id, const std::string& from = "", const std::string& to = "")
    {
        std::string text = R"({"id": ")" + id
            + R"(", "verb": "stop", "issuer": "x", "issued": 1, "expires": 9e9, "epoch": 1700000000.125})";
        if (const std::size_t at = text.find(from); !from.empty() && at != std::string::npos)
            text.replace(at, from.size(), to);
        return text;
    }

    std::vector<std::string> refusals()
    {
        std::vector<std::string> lines;
        for (const Inbox::Refusal& refusal : m_reader.take().refusals)
            lines.push_back(refusal.file + ": " + refusal.reason);
        return lines;
    }

    TemporaryFolder m_folder;
    fs::path m_run = m_folder.path();
    fs::path m_inbox = m_run / "control" / "inbox", m_done = m_run / "control" / "done";
    Inbox m_reader{FileSystem::real(), m_run, kEpoch};
};

TEST_F(CommandInbox, HandsOutEveryCommandOnceInOrder)
{
    EXPECT_THAT(m_reader.take().commands, IsEmpty());
    Command set = command(Verb::Set);
    set.key = "evaluation.every";
    set.value = "10";
    const auto first = postCommand(FileSystem::real(), m_run, command(Verb::Hold));
    const auto second = postCommand(FileSystem::real(), m_run, set);
    ASSERT_TRUE(first && second);
    const auto taken = m_reader.take().commands;
    ASSERT_EQ(taken.size(), 2U);
    EXPECT_EQ(taken[0].id, *first);
    EXPECT_EQ(taken[0].verb, Verb::Hold);
    EXPECT_EQ(taken[1].verb, Verb::Set);
    EXPECT_EQ(taken[1].key, "evaluation.every");
    EXPECT_EQ(taken[1].value, "10");
    EXPECT_GT(taken[1].expires, taken[1].issued);
    EXPECT_THAT(m_reader.take().commands, IsEmpty());
    EXPECT_TRUE(fs::is_empty(m_inbox));
}

TEST_F(CommandInbox, AnswersReachTheIssuer)
{
    const auto id = postCommand(FileSystem::real(), m_run, command(Verb::Hold));
    EXPECT_FALSE(answerOf(m_run, *id));
    const auto taken = m_reader.take().commands;
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_FALSE(answerOf(m_run, *id));
    ASSERT_TRUE(m_reader.answer(taken[0], {true, "held at step 12"}));
    EXPECT_EQ(answerOf(m_run, *id), (CommandAnswer{true, "held at step 12"}));
    EXPECT_FALSE(answerOf(m_run, "../../etc/passwd"));
}

TEST_F(CommandInbox, RefusesWhatItMustNotCarryOut)
{
    put("a.json", text("a", "9e9", "5"));
    put("b.json", text("b", "1700000000.125", "1600000000"));
    put("c.json", text("other"));
    put("d.json", text("d", "stop", "format"));
    put("e.json", "{\"id\": \"e\", \"verb\"");
    put("f.json", std::string(70'000, ' '));
    put("g.txt", text("g"));
    put("h.json", text("h", "stop", "set"));
    put(".half-written", "{");
    std::ofstream(m_run / "outside.json") << text("i");
    fs::create_symlink(m_run / "outside.json", m_inbox / "i.json");
    fs::create_directory(m_inbox / "j.json");
    EXPECT_THAT(refusals(),
        ElementsAre("a.json: it has expired", "b.json: it was meant for another process of this run",
            "c.json: its id is not the name of the file", "d.json: the verb \"format\" is not known",
            HasSubstr("e.json: it is no JSON"), "f.json: it has 70000 bytes, the limit is 64 KiB",
            "g.txt: its name does not end in .json", "h.json: set needs a key", testing::StartsWith("i.json: "),
            testing::StartsWith("j.json: ")));
    EXPECT_EQ(answerOf(m_run, "a"), (CommandAnswer{false, "it has expired"}));
    EXPECT_TRUE(fs::exists(m_inbox / ".half-written"));
    EXPECT_THAT(refusals(), IsEmpty());
    EXPECT_TRUE(fs::exists(m_run / "outside.json"));
}

TEST_F(CommandInbox, RefusesAReplayEvenAfterARestart)
{
    put("a.json", text("a"));
    EXPECT_EQ(m_reader.take().commands.size(), 1U);
    put("a.json", text("a"));
    Inbox next(FileSystem::real(), m_run, kEpoch);
    const Inbox::Taken taken = next.take();
    EXPECT_THAT(taken.commands, IsEmpty());
    ASSERT_EQ(taken.refusals.size(), 1U);
    EXPECT_EQ(taken.refusals[0].reason, "it was taken before");
    EXPECT_TRUE(fs::is_empty(m_inbox));
}

TEST_F(CommandInbox, CarriesOutOnceWhenTheDiskRefusesTheMove)
{
    put("a.json", text("a"));
    FailingFileSystem disk;
    disk.failFromNowOn();
    Inbox inbox(disk, m_run, kEpoch);
    EXPECT_EQ(inbox.take().commands.size(), 1U);
    EXPECT_THAT(inbox.take().commands, IsEmpty());
}

TEST_F(CommandInbox, SurvivesAFlood)
{
    for (int i = 0; i < 1000; ++i)
        put(std::to_string(1000 + i) + ".json", "x");
    EXPECT_EQ(m_reader.take().refusals.size(), 16U);
}

}  // namespace
}  // namespace moescope
