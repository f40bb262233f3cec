// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <ATen/ops/full.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#include <unistd.h>

#include "engine/dist/gradient_sync.h"
#include "engine/dist/group.h"
#include "engine/dist/launch_env.h"
#include "tests/support/places.h"
#include "tests/support/temporary_folder.h"

extern char** environ;

namespace moescope {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

/// A process of tests/support/rank_program.cpp; killed if it still runs at the end of the test.
class RankProcess {
public:
    RankProcess(const fs::path& output, std::vector<std::string> arguments, std::vector<std::string> variables = {})
        : m_output(output)
    {
        arguments.insert(arguments.begin(), programPath("rank_program"));
        variables.emplace_back("OMP_NUM_THREADS=1");
        std::vector<char*> argv, envp;
        for (std::string& argument : arguments)
            argv.push_back(argument.data());
        for (std::string& variable : variables)
            envp.push_back(variable.data());
        for (char** variable = environ; *variable != nullptr; ++variable)
            envp.push_back(*variable);
        argv.push_back(nullptr);
        envp.push_back(nullptr);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 1, m_output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
        EXPECT_EQ(posix_spawn(&m_pid, argv[0], &actions, nullptr, argv.data(), envp.data()), 0) << argv[0];
        posix_spawn_file_actions_destroy(&actions);
    }
    RankProcess(const RankProcess&) = delete;
    RankProcess& operator=(const RankProcess&) = delete;
    ~RankProcess()
    {
        if (m_pid > 0) {
            ::kill(m_pid, SIGKILL);
            ::waitpid(m_pid, nullptr, 0);
        }
    }

    /// Exit code, or 128 + signal. Blocks.
    int wait()
    {
        int status = 0;
        EXPECT_EQ(::waitpid(std::exchange(m_pid, -1), &status, 0) > 0, true);
        return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    std::string output() const { return readBytes(m_output); }

private:
    fs::path m_output;
    pid_t m_pid = -1;
};

std::vector<std::unique_ptr<RankProcess>> startRanks(
    const TemporaryFolder& folder, int size, const std::string& scenario, const std::vector<std::string>& runIds = {})
{
    std::vector<std::unique_ptr<RankProcess>> ranks;
    for (int rank = 0; rank < size; ++rank)
        ranks.push_back(std::make_unique<RankProcess>(folder / ("out-" + std::to_string(rank)),
            std::vector<std::string>{scenario, std::to_string(rank), std::to_string(size), folder / "store",
                runIds.empty() ? "run-1" : runIds[static_cast<std::size_t>(rank)]}));
    return ranks;
}

std::string linesOf(const std::string& output, const std::string& first)
{
    const std::size_t start = output.find(first + " ");
    return start == std::string::npos ? "" : output.substr(start, output.find('\n', start) - start);
}

class GroupOf : public testing::TestWithParam<int> { };

TEST_P(GroupOf, SumsAndBroadcastsEqualBitsOnAllRanks)
{
    const int size = GetParam();
    const TemporaryFolder folder;
    auto ranks = startRanks(folder, size, "collectives");
    for (const auto& rank : ranks)
        EXPECT_EQ(rank->wait(), 0) << rank->output();
    const std::string first = ranks[0]->output();
    const std::string total = std::to_string(size * (size + 1) / 2), word = std::to_string((size - 1) * 10);
    EXPECT_THAT(first, HasSubstr("group of " + std::to_string(size) + ", gloo\n"));
    EXPECT_EQ(linesOf(first, "sum"), "sum " + total + " " + total + " " + total + " " + total);
    EXPECT_EQ(linesOf(first, "broadcast"), "broadcast " + word + " " + word + " " + word);
    const std::string gradient = linesOf(first, "gradient");
    ASSERT_GT(gradient.size(), 9u);
    EXPECT_FLOAT_EQ(std::stof(gradient.substr(9)), 0.1f + static_cast<float>(size - 1) / 2) << "mean of rank + 0.1";
    EXPECT_THAT(first, HasSubstr("communicated for a while"));
    for (const auto& rank : ranks)
        EXPECT_TRUE(rank->output() == first) << "every bit is printed";
    EXPECT_EQ(fs::status(folder / "store").permissions(), fs::perms::owner_all);
}
INSTANTIATE_TEST_SUITE_P(Sizes, GroupOf, testing::Values(2, 3), testing::PrintToStringParamName());

class GroupLoses : public testing::TestWithParam<int> { };

TEST_P(GroupLoses, AKilledPeerWithinTwoSeconds)
{
    const int size = GetParam(), victim = size - 1;
    const TemporaryFolder folder;
    auto ranks = startRanks(folder, size, std::to_string(victim));
    EXPECT_EQ(ranks[static_cast<std::size_t>(victim)]->wait(), 128 + SIGKILL);
    const auto died = Clock::now();
    for (int rank = 0; rank < victim; ++rank) {
        const auto& survivor = ranks[static_cast<std::size_t>(rank)];
        EXPECT_EQ(survivor->wait(), 6) << survivor->output();
        EXPECT_THAT(survivor->output(),
            AllOf(HasSubstr("rank " + std::to_string(rank) + " lost a peer"), HasSubstr("and dead")));
    }
    EXPECT_LT(Clock::now() - died, std::chrono::seconds(2));
}
INSTANTIATE_TEST_SUITE_P(Sizes, GroupLoses, testing::Values(2, 3), testing::PrintToStringParamName());

TEST(Group, RanksOfTwoRunsNoticeEachOther)
{
    const TemporaryFolder folder;
    auto ranks = startRanks(folder, 2, "collectives", {"run-1", "run-2"});
    EXPECT_EQ(ranks[0]->wait(), 2);
    EXPECT_EQ(ranks[1]->wait(), 2);
    EXPECT_THAT(ranks[0]->output(), HasSubstr("rank 0 of run run-1 met rank 1 of another run, run-2"));
    EXPECT_THAT(ranks[1]->output(), HasSubstr("rank 1 of run run-2 met rank 0 of another run, run-1"));
}

TEST(Group, RefusesAFolderThatOthersCanEnter)
{
    const TemporaryFolder folder;
    fs::create_directory(folder / "store");
    ASSERT_EQ(::chmod((folder / "store").c_str(), 0755), 0);
    LaunchEnv launch;
    launch.worldSize = 2;
    launch.storeFolder = folder / "store";
    const auto open = connectGroup(launch, std::chrono::milliseconds(50));
    ASSERT_FALSE(open);
    EXPECT_EQ(open.error().kind, ErrorKind::User);
    EXPECT_THAT(open.error().text, HasSubstr("mode 0700"));
    fs::create_symlink("store", folder / "link");
    ASSERT_EQ(::chmod((folder / "store").c_str(), 0700), 0);
    launch.storeFolder = folder / "link";
    EXPECT_FALSE(connectGroup(launch, std::chrono::milliseconds(50)));
}

TEST(Group, NamesTheRankThatDoesNotCome)
{
    const TemporaryFolder folder;
    LaunchEnv launch;
    launch.worldSize = 2;
    launch.storeFolder = folder / "store";
    const auto group = connectGroup(launch, std::chrono::milliseconds(50));
    ASSERT_FALSE(group);
    EXPECT_EQ(group.error().kind, ErrorKind::PeerLost);
    EXPECT_THAT(group.error().text, HasSubstr("rank 1 of 2 has not joined"));
}

std::vector<std::string> torchrunVariables(int rank, int port, bool agent)
{
    return {"RANK=" + std::to_string(rank), "WORLD_SIZE=2", "LOCAL_RANK=" + std::to_string(rank), "LOCAL_WORLD_SIZE=2",
        "MASTER_ADDR=127.0.0.1", "MASTER_PORT=" + std::to_string(port), "TORCHELASTIC_RESTART_COUNT=1",
        "TORCHELASTIC_RUN_ID=none", std::string("TORCHELASTIC_USE_AGENT_STORE=") + (agent ? "True" : "False")};
}

/// A socket that listens on 127.0.0.1 and its port.
std::pair<int, int> listenAnywhere()
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(::listen(descriptor, 16), 0);
    EXPECT_EQ(::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length), 0);
    return {descriptor, ntohs(address.sin_port)};
}

void runUnderTorchrun(int port, bool agent)
{
    const TemporaryFolder folder;
    std::vector<std::unique_ptr<RankProcess>> ranks;
    for (int rank = 0; rank < 2; ++rank)
        ranks.push_back(std::make_unique<RankProcess>(folder / ("out-" + std::to_string(rank)),
            std::vector<std::string>{"collectives", "", "", "", ""}, torchrunVariables(rank, port, agent)));
    for (const auto& rank : ranks) {
        EXPECT_EQ(rank->wait(), 0) << rank->output();
        EXPECT_THAT(rank->output(), HasSubstr("sum 3 3 3 3"));
    }
}

TEST(Group, JoinsTheStoreOfTorchrunsAgent)
{
    const auto [descriptor, port] = listenAnywhere();
    c10d::TCPStoreOptions options;
    options.isServer = true;
    options.masterListenFd = descriptor;
    options.port = static_cast<std::uint16_t>(port);
    options.waitWorkers = false;
    const c10::intrusive_ptr<c10d::Store> store = c10::make_intrusive<c10d::TCPStore>("127.0.0.1", options);
    store->set("start/0/run-id/1", "of the start before this one\n");
    runUnderTorchrun(port, true);
}

TEST(Group, RankZeroHostsTheStoreWithoutAnAgent)
{
    const auto [descriptor, port] = listenAnywhere();
    ::close(descriptor);  // the port was free a moment ago
    runUnderTorchrun(port, false);
}

TEST(Group, AGroupOfOneChangesNothing)
{
    const auto group = singleGroup();
    EXPECT_EQ(group->size(), 1);
    EXPECT_EQ(group->rank(), 0);
    EXPECT_EQ(group->backend(), "single");
    at::Tensor gradient = at::full({3}, 6.0, at::kFloat);
    group->sum(gradient);
    group->broadcast(gradient, 0);
    group->startSum(gradient)->wait();
    group->barrier();
    sumGradients(*group, gradient, 1.0);
    EXPECT_EQ(gradient[0].item<float>(), 6.0f);
    sumGradients(*group, gradient, 4.0);
    EXPECT_EQ(gradient[2].item<float>(), 1.5f);
    EXPECT_EQ(group->communicationTime().count(), 0);
    const auto connected = connectGroup(LaunchEnv{});
    ASSERT_TRUE(connected);
    EXPECT_EQ((*connected)->backend(), "single");
}

}  // namespace
}  // namespace moescope
