// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/train/identity.h"

#include <chrono>
#include <cstdint>
#include <fstream>
#include <random>

#include <unistd.h>

#include <torch/headeronly/version.h>

#include "engine/base/version.h"
#include "engine/train/commands.h"
#include "engine/train/cpu_threads.h"

namespace moescope {

namespace {

std::string randomId()
{
    constexpr char kDigits[] = "0123456789abcdef";
    std::random_device device;
    std::string id;
    for (int i = 0; i < 16; ++i)
        id += kDigits[device() % 16];
    return id;
}

std::string hostName()
{
    char name[256] = {};
    return gethostname(name, sizeof name - 1) == 0 && name[0] != '\0' ? name : "unknown";
}

std::string processorName()
{
    std::ifstream info("/proc/cpuinfo");
    for (std::string line; std::getline(info, line);)
        if (line.starts_with("model name"))
            if (const auto colon = line.find(": "); colon != std::string::npos)
                return line.substr(colon + 2);
    return "unknown processor";
}

}  // namespace

std::string libtorchVersion()
{
    return std::to_string(TORCH_VERSION_MAJOR) + "." + std::to_string(TORCH_VERSION_MINOR) + "."
        + std::to_string(TORCH_VERSION_PATCH);
}

RunIdentity makeIdentity(const RunConfig& config)
{
    RunIdentity identity;
    identity.id = randomId();
    identity.name = config.name;
    identity.created = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    identity.program = std::string(programVersion());
    identity.libtorch = libtorchVersion();
    identity.git = std::string(gitRevision());
    identity.host = hostName();
    identity.devices = {processorName() + ", " + std::to_string(usableCores()) + " cores"};
    identity.seed = config.seed;
    return identity;
}

}  // namespace moescope
