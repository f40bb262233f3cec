// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/dist/launch_env.h"

#include <charconv>
#include <limits>

#include "engine/base/utf8.h"

namespace moescope {
namespace {

using ReadVariable = std::function<std::optional<std::string>(const char*)>;

constexpr int kMaxLaunchRanks = 4096;

Result<void> checkRank(int rank, int worldSize, const std::string& where)
{
    if (worldSize < 1 || worldSize > kMaxLaunchRanks)
        return fail(ErrorKind::User,
            where + ": " + std::to_string(worldSize) + " ranks; the number must be between 1 and "
                + std::to_string(kMaxLaunchRanks));
    if (rank < 0 || rank >= worldSize)
        return fail(ErrorKind::User,
            where + ": rank " + std::to_string(rank) + " is not among " + std::to_string(worldSize)
                + " ranks; they count from 0");
    return {};
}

Result<LaunchEnv> fromFlags(const LaunchFlags& flags)
{
    if (!flags.rank || !flags.worldSize)
        return fail(ErrorKind::User, "--rank and --world-size belong together; give both, or neither for one process");
    if (auto ok = checkRank(*flags.rank, *flags.worldSize, "--rank, --world-size"); !ok)
        return forward(ok);
    if (*flags.worldSize > 1 && !flags.storeFolder)
        return fail(
            ErrorKind::User, "--store is missing: several ranks meet in a private folder; give all of them the same");
    LaunchEnv launch;
    launch.source = "flags";
    launch.rank = launch.localRank = *flags.rank;
    launch.worldSize = launch.localSize = *flags.worldSize;
    launch.storeFolder = flags.storeFolder.value_or("");
    launch.runId = flags.runId;
    return launch;
}

/// A whole number of the environment; `fallback` where the variable is unset, an error where there is none.
Result<int> numberOfVariable(const ReadVariable& variable, const char* name, std::optional<int> fallback = std::nullopt)
{
    const auto text = variable(name);
    if (!text && fallback)
        return *fallback;
    if (!text)
        return fail(ErrorKind::User,
            std::string("the environment has part of what torchrun sets, but not ") + name
                + "; start with torchrun, or unset RANK and WORLD_SIZE");
    int number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc() || end != text->data() + text->size())
        return fail(ErrorKind::User,
            std::string("environment variable ") + name + "=" + printable(*text) + " is no whole number");
    return number;
}

Result<LaunchEnv> fromTorchrun(const LaunchFlags& flags, const ReadVariable& variable)
{
    const auto rank = numberOfVariable(variable, "RANK"), worldSize = numberOfVariable(variable, "WORLD_SIZE");
    if (!rank || !worldSize)
        return forward(!rank ? rank : worldSize);
    if (auto ok = checkRank(*rank, *worldSize, "RANK, WORLD_SIZE"); !ok)
        return forward(ok);
    const auto localRank = numberOfVariable(variable, "LOCAL_RANK", *rank),
               localSize = numberOfVariable(variable, "LOCAL_WORLD_SIZE", *worldSize);
    if (!localRank || !localSize)
        return forward(!localRank ? localRank : localSize);
    if (*localSize != *worldSize)
        return fail(ErrorKind::User,
            "torchrun started " + std::to_string(*localSize) + " of " + std::to_string(*worldSize)
                + " ranks here: ranks must be on one machine; use --nnodes=1");
    LaunchEnv launch;
    launch.source = "torchrun";
    launch.rank = *rank;
    launch.worldSize = *worldSize;
    launch.localRank = *localRank;
    launch.localSize = *localSize;
    launch.runId = !flags.runId.empty() ? flags.runId : variable("TORCHELASTIC_RUN_ID").value_or("");
    const auto restarts = numberOfVariable(variable, "TORCHELASTIC_RESTART_COUNT", 0);
    if (!restarts)
        return forward(restarts);
    launch.restartCount = *restarts;
    if (launch.worldSize == 1)
        return launch;
    const auto port = numberOfVariable(variable, "MASTER_PORT");
    if (!port)
        return forward(port);
    const auto address = variable("MASTER_ADDR");
    if (!address || address->empty() || *port < 1 || *port > std::numeric_limits<std::uint16_t>::max())
        return fail(ErrorKind::User,
            "MASTER_ADDR and MASTER_PORT must name the place where the ranks meet; torchrun sets both");
    launch.masterAddress = *address;
    launch.masterPort = *port;
    const std::string agent = variable("TORCHELASTIC_USE_AGENT_STORE").value_or("False");
    launch.agentStore = agent == "True" || agent == "true" || agent == "1";
    return launch;
}

}  // namespace

Result<LaunchEnv> resolveLaunch(const LaunchFlags& flags, const ReadVariable& variable)
{
    if (flags.rank || flags.worldSize)
        return fromFlags(flags);
    if (variable("RANK") || variable("WORLD_SIZE"))
        return fromTorchrun(flags, variable);
    LaunchEnv launch;
    launch.runId = flags.runId;
    return launch;
}

}  // namespace moescope
