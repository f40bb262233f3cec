// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Who am I among the ranks: flags win over torchrun's variables, those over a single process. No LibTorch here.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "engine/base/result.h"

namespace moescope {

struct LaunchEnv {
    int rank = 0, worldSize = 1, localRank = 0, localSize = 1;
    std::string source = "single";      ///< "flags", "torchrun", "single": shown in the log
    std::filesystem::path storeFolder;  ///< FileStore, mode 0700; empty for torchrun's TCP store
    std::string masterAddress;
    int masterPort = 0;
    bool agentStore = false;  ///< torchrun's agent hosts the store: all ranks are clients
    int restartCount = 0;     ///< each start of the group has keys of its own in the store
    std::string runId;        ///< checked on join, so that a stranger's store is noticed
};

struct LaunchFlags {
    std::optional<int> rank, worldSize;
    std::optional<std::filesystem::path> storeFolder;
    std::string runId;
};

/// `variable` reads the environment (std::getenv outside of tests). A half-set or contradictory environment is an error
/// of kind User that names what is missing or wrong. Ranks on several machines are refused.
Result<LaunchEnv> resolveLaunch(
    const LaunchFlags& flags, const std::function<std::optional<std::string>(const char*)>& variable);

}  // namespace moescope
