// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// runs, control, resume and train of the real program, as far as nothing is trained.
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "engine/base/file_system.h"
#include "engine/control/command.h"
#include "engine/run/run_folder.h"
#include "tests/support/places.h"
#include "tests/support/run_program.h"

namespace moescope {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

ProgramResult engine(std::vector<std::string> arguments, std::vector<std::string> variables = {})
{
    arguments.insert(arguments.begin(), programPath("moescope-engine"));
    return runProgramToEnd(std::move(arguments), std::move(variables));
}

const std::string kTiny = sourceFolder() + "/tests/presets/tiny.json";

class CommandLine : public testing::Test {
protected:
    /// A run that was made and never trained, with the resolved configuration of tests/presets/tiny.json.
    RunFolder makeRun(const std::string& name) const
    {
        static const std::string resolved = engine({"check", kTiny, "--resolved"}).output;
        RunIdentity identity;
        identity.id = name;
        identity.name = name;
        identity.created = 1.7e9;
        auto run = RunFolder::create(FileSystem::real(), m_folder / name, identity, resolved);
        EXPECT_TRUE(run.has_value());
        return *run;
    }

    TemporaryFolder m_folder;
};

TEST_F(CommandLine, ListsRunsAndTellsDeadOnesApart)
{
    const RunFolder run = makeRun("one");
    RunStatus status;
    status.state = RunState::Training;
    status.step = 12;
    ASSERT_TRUE(run.writeStatus(status));
    const ProgramResult text = engine({"runs", m_folder.path()});
    EXPECT_EQ(text.code, 0);
    EXPECT_THAT(text.output, HasSubstr("training, process gone"));
    auto json = nlohmann::json::parse(engine({"runs", m_folder.path(), "--json"}).output);
    ASSERT_EQ(json.size(), 1U);
    EXPECT_EQ(json[0]["name"], "one");
    EXPECT_EQ(json[0]["state"], "training");
    EXPECT_EQ(json[0]["step"], 12);
    EXPECT_EQ(json[0]["alive"], false);
    const auto lock = run.lock();
    ASSERT_TRUE(lock.has_value());
    json = nlohmann::json::parse(engine({"runs", m_folder.path(), "--json"}).output);
    EXPECT_EQ(json[0]["alive"], true);
    EXPECT_EQ(engine({"runs", m_folder / "nowhere"}).code, 3);
}

TEST_F(CommandLine, ControlNeedsAProcessThatTrains)
{
    makeRun("one");
    const ProgramResult result = engine({"control", m_folder / "one", "stop"});
    EXPECT_EQ(result.code, 3);
    EXPECT_THAT(result.errors, HasSubstr("No process trains in"));
    EXPECT_EQ(engine({"control", m_folder / "nowhere", "stop"}).code, 3);
    EXPECT_EQ(engine({"control", m_folder / "one", "set"}).code, 2);
    EXPECT_EQ(engine({"control", m_folder / "one", "stop", "a=b"}).code, 2);
}

TEST_F(CommandLine, ControlPrintsTheAnswer)
{
    const RunFolder run = makeRun("one");
    RunStatus status;
    status.startTime = 1234.5;
    ASSERT_TRUE(run.writeStatus(status));
    const auto lock = run.lock();
    ASSERT_TRUE(lock.has_value());
    std::jthread trainer([&](std::stop_token stop) {
        Inbox inbox(FileSystem::real(), run.path(), 1234.5);
        while (!stop.stop_requested())
            for (const Command& command : inbox.take().commands)
                (void)inbox.answer(command,
                    command.verb == Verb::Set ? CommandAnswer{false, command.key + " cannot change"}
                                              : CommandAnswer{true, "held at step 3"});
    });
    const ProgramResult held = engine({"control", run.path(), "hold"});
    EXPECT_EQ(held.code, 0) << held.errors;
    EXPECT_EQ(held.output, "held at step 3\n");
    const ProgramResult refused = engine({"control", run.path(), "set", "seed=3"});
    EXPECT_EQ(refused.code, 2);
    EXPECT_THAT(refused.errors, HasSubstr("Refused: seed cannot change"));
}

TEST_F(CommandLine, ControlDoesNotWaitForEver)
{
    const RunFolder run = makeRun("one");
    const auto lock = run.lock();
    const ProgramResult result = engine({"control", run.path(), "hold", "--wait", "0.1"});
    EXPECT_EQ(result.code, 3);
    EXPECT_THAT(result.errors, HasSubstr("No answer within"));
}

TEST_F(CommandLine, TrainNeverWritesIntoAFolderThatIsNotEmpty)
{
    writeBytes(m_folder / "precious", "data");
    const ProgramResult result = engine({"train", kTiny, "--run", m_folder.path()});
    EXPECT_EQ(result.code, 3);
    EXPECT_THAT(result.errors, HasSubstr(m_folder.path().string() + " exists and is not empty"));
    EXPECT_THAT(result.errors, HasSubstr("moescope-engine resume"));
    EXPECT_EQ(numEntries(m_folder.path()), 1U);
    EXPECT_EQ(engine({"train", kTiny, "--run", m_folder / "precious"}).code, 3);
    EXPECT_EQ(engine({"train", kTiny, "model.num_heads=5", "--run", m_folder / "new"}).code, 2);
    EXPECT_FALSE(std::filesystem::exists(m_folder / "new"));
}

TEST_F(CommandLine, ResumeRefusesWhatMustNotChange)
{
    const RunFolder run = makeRun("one");
    const std::string before = readBytes(run.path() / "config.json");
    const ProgramResult result = engine({"resume", run.path(), "model.hidden_size=64"});
    EXPECT_EQ(result.code, 2);
    EXPECT_THAT(result.errors, HasSubstr("model.hidden_size: cannot change from 32 to 64"));
    EXPECT_EQ(engine({"resume", run.path(), "training.stps=3"}).code, 2);
    EXPECT_EQ(readBytes(run.path() / "config.json"), before);
}

TEST_F(CommandLine, ResumeNamesABadFolder)
{
    EXPECT_EQ(engine({"resume", m_folder / "nowhere"}).code, 3);
    EXPECT_EQ(engine({"resume", m_folder.path()}).code, 3);

    const RunFolder broken = makeRun("broken");
    writeBytes(broken.path() / "config.json", "{\"modle\": 1}");
    const ProgramResult result = engine({"resume", broken.path()});
    EXPECT_EQ(result.code, 3);
    EXPECT_THAT(result.errors, HasSubstr("config.json:1:2: modle: unknown key"));

    const RunFolder gone = makeRun("gone");
    RunStatus status;
    status.checkpoint = "step-00000020";
    ASSERT_TRUE(gone.writeStatus(status));
    const ProgramResult lost = engine({"resume", gone.path()});
    EXPECT_EQ(lost.code, 3);
    EXPECT_THAT(lost.errors, HasSubstr("checkpoints/step-00000020/manifest.json is missing or damaged"));
}

TEST_F(CommandLine, ResumeRefusesALockedRun)
{
    const RunFolder run = makeRun("one");
    const auto lock = run.lock();
    const ProgramResult result = engine({"resume", run.path()});
    EXPECT_EQ(result.code, 3);
    EXPECT_THAT(result.errors, HasSubstr(std::to_string(getpid())));
}

TEST_F(CommandLine, RefusesARunOfANewerVersion)
{
    const RunFolder run = makeRun("one");
    std::string identity = readBytes(run.path() / "run.json");
    const std::string key = "\"format_version\": ";
    identity.replace(identity.find(key) + key.size(), 1, "9");
    writeBytes(run.path() / "run.json", identity);
    for (const std::vector<std::string>& arguments :
        std::vector<std::vector<std::string>>{{"resume", run.path()}, {"evaluate", run.path()},
            {"control", run.path(), "stop"}, {"export", run.path(), "-o", m_folder / "out"}}) {
        const ProgramResult result = engine(arguments);
        EXPECT_EQ(result.code, 3) << arguments[0];
        EXPECT_THAT(result.errors, HasSubstr("newer version")) << arguments[0];
    }
}

}  // namespace
}  // namespace moescope
