// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/dist/launch_env.h"

namespace moescope {
namespace {

using testing::HasSubstr;
using Variables = std::map<std::string, std::string>;

Result<LaunchEnv> resolve(const LaunchFlags& flags, const Variables& variables)
{
    return resolveLaunch(flags, [&](const char* name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found != variables.end() ? std::optional(found->second) : std::nullopt;
    });
}

const Variables kTorchrun{{"RANK", "1"}, {"WORLD_SIZE", "2"}, {"LOCAL_RANK", "1"}, {"LOCAL_WORLD_SIZE", "2"},
    {"MASTER_ADDR", "127.0.0.1"}, {"MASTER_PORT", "29400"}, {"TORCHELASTIC_RESTART_COUNT", "3"},
    {"TORCHELASTIC_USE_AGENT_STORE", "True"}, {"TORCHELASTIC_RUN_ID", "abc"}};

TEST(LaunchEnv, ASingleProcessByDefault)
{
    const auto launch = resolve({}, {});
    ASSERT_TRUE(launch);
    EXPECT_EQ(launch->worldSize, 1);
    EXPECT_EQ(launch->source, "single");
}

TEST(LaunchEnv, FlagsWinOverTorchrun)
{
    LaunchFlags flags;
    flags.rank = 2;
    flags.worldSize = 4;
    flags.storeFolder = "/run/store";
    flags.runId = "run-1";
    const auto launch = resolve(flags, kTorchrun);
    ASSERT_TRUE(launch);
    EXPECT_EQ(launch->source, "flags");
    EXPECT_EQ(launch->rank, 2);
    EXPECT_EQ(launch->localSize, 4);
    EXPECT_EQ(launch->storeFolder, "/run/store");
    EXPECT_EQ(launch->runId, "run-1");
    EXPECT_EQ(launch->masterPort, 0);
}

TEST(LaunchEnv, ReadsTorchrunsVariables)
{
    const auto launch = resolve({}, kTorchrun);
    ASSERT_TRUE(launch) << launch.error().text;
    EXPECT_EQ(launch->source, "torchrun");
    EXPECT_EQ(launch->rank, 1);
    EXPECT_EQ(launch->worldSize, 2);
    EXPECT_EQ(launch->masterAddress, "127.0.0.1");
    EXPECT_EQ(launch->masterPort, 29400);
    EXPECT_TRUE(launch->agentStore);
    EXPECT_EQ(launch->restartCount, 3);
    EXPECT_EQ(launch->runId, "abc");
    EXPECT_TRUE(launch->storeFolder.empty());
}

TEST(LaunchEnv, OneRankOfTorchrunNeedsNoMeetingPlace)
{
    EXPECT_TRUE(resolve({}, {{"RANK", "0"}, {"WORLD_SIZE", "1"}}));
}

TEST(LaunchEnv, RefusesHalfSetAndContradictoryFlags)
{
    const struct {
        std::optional<int> rank, size;
        bool store;
        std::string says;
    } cases[] = {
        {1, std::nullopt, true, "belong together"},
        {std::nullopt, 2, true, "belong together"},
        {0, 2, false, "--store is missing"},
        {2, 2, true, "rank 2 is not among 2 ranks"},
        {-1, 2, true, "rank -1"},
        {0, 0, true, "0 ranks"},
        {0, 5000, true, "between 1 and 4096"},
    };
    for (const auto& c : cases) {
        LaunchFlags flags;
        flags.rank = c.rank;
        flags.worldSize = c.size;
        if (c.store)
            flags.storeFolder = "/run/store";
        const auto launch = resolve(flags, {});
        ASSERT_FALSE(launch) << c.says;
        EXPECT_EQ(launch.error().kind, ErrorKind::User);
        EXPECT_THAT(launch.error().text, HasSubstr(c.says));
    }
}

TEST(LaunchEnv, RefusesABrokenEnvironment)
{
    const struct {
        std::string name;
        std::optional<std::string> value;
        std::string says;
    } cases[] = {
        {"RANK", std::nullopt, "but not RANK"},
        {"WORLD_SIZE", std::nullopt, "but not WORLD_SIZE"},
        {"MASTER_PORT", std::nullopt, "but not MASTER_PORT"},
        {"MASTER_ADDR", std::nullopt, "MASTER_ADDR and MASTER_PORT"},
        {"MASTER_PORT", "70000", "MASTER_ADDR and MASTER_PORT"},
        {"RANK", "one", "RANK=one is no whole number"},
        {"RANK", "1x", "RANK=1x is no whole number"},
        {"RANK", "99999999999", "is no whole number"},
        {"RANK", "2", "rank 2 is not among 2 ranks"},
        {"LOCAL_WORLD_SIZE", "1", "on one machine"},
        {"TORCHELASTIC_RESTART_COUNT", "\x1b[2J", "\\u{1b}[2J is no whole number"},
    };
    for (const auto& c : cases) {
        Variables variables = kTorchrun;
        variables.erase(c.name);
        if (c.value)
            variables[c.name] = *c.value;
        const auto launch = resolve({}, variables);
        ASSERT_FALSE(launch) << c.name;
        EXPECT_EQ(launch.error().kind, ErrorKind::User);
        EXPECT_THAT(launch.error().text, HasSubstr(c.says)) << c.name;
    }
}

}  // namespace
}  // namespace moescope
