// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "engine/base/utf8.h"
#include "engine/cuda/plugin.h"
#include "engine/dist/group.h"
#include "engine/dist/group_backend.h"
#include "engine/dist/launch_env.h"
#include "engine/dist/rendezvous.h"

namespace moescope {
namespace {

/// Null without a plug-in or with fewer devices than local ranks: the run is then on CPUs.
c10::intrusive_ptr<c10d::Backend> makeNcclBackend(
    const c10::intrusive_ptr<c10d::Store>& store, const LaunchEnv& environment, std::chrono::milliseconds timeout)
{
    const GpuPlugin& plugin = gpuPlugin();
    if (plugin.makeNccl == nullptr || plugin.numDevices < environment.localSize)
        return {};
    void* backend =
        plugin.makeNccl(&store, environment.rank, environment.worldSize, environment.localRank, timeout.count());
    return c10::intrusive_ptr<c10d::Backend>::reclaim(static_cast<c10d::Backend*>(backend));
}

}  // namespace

Result<std::unique_ptr<Group>> connectGroup(const LaunchEnv& environment, std::chrono::milliseconds timeout)
{
    if (environment.worldSize == 1)
        return singleGroup();
    const auto store = meet(environment, timeout);
    if (!store)
        return forward(store);
    try {
        auto cpu = makeGlooBackend(*store, environment.rank, environment.worldSize, timeout);
        return backendGroup(std::move(cpu), makeNcclBackend(*store, environment, timeout));
    } catch (const std::exception& error) {
        const std::string what = error.what();
        return fail(ErrorKind::PeerLost,
            "rank " + std::to_string(environment.rank) + " of " + std::to_string(environment.worldSize)
                + " cannot connect to the others: " + printable(what.substr(0, what.find('\n'))));
    }
}

}  // namespace moescope
