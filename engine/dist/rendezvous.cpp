// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/dist/rendezvous.h"

#include <cerrno>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <torch/csrc/distributed/c10d/FileStore.hpp>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "engine/base/file_system.h"
#include "engine/base/utf8.h"

namespace moescope {
namespace {

using StorePointer = c10::intrusive_ptr<c10d::Store>;

/// A folder that is ours alone: whoever can write into it could speak for a rank.
Result<void> makePrivateFolder(const std::filesystem::path& folder)
{
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        return tl::make_unexpected(fileError(folder, "make the folder in which the ranks meet", errno));
    struct stat info = {};
    if (::lstat(folder.c_str(), &info) != 0)
        return tl::make_unexpected(fileError(folder, "look at", errno));
    if (!S_ISDIR(info.st_mode) || info.st_uid != ::geteuid() || (info.st_mode & 077) != 0)
        return fail(ErrorKind::User,
            shownPath(folder)
                + ": the folder in which the ranks meet must be yours with mode 0700, so that nobody else can"
                  " join; name another one");
    return {};
}

/// A socket of our own on 127.0.0.1: left to itself the store would listen on every address of the machine.
Result<int> listenLocally(int port)
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int yes = 1;
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (descriptor >= 0 && ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0
        && ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0
        && ::listen(descriptor, 128) == 0)
        return descriptor;
    const int error = errno;
    if (descriptor >= 0)
        ::close(descriptor);
    return fail(ErrorKind::User,
        "MASTER_PORT=" + std::to_string(port) + " on 127.0.0.1 cannot be used: " + errnoText(error)
            + "; choose another port");
}

Result<StorePointer> openStore(const LaunchEnv& environment, std::chrono::milliseconds timeout)
{
    if (!environment.storeFolder.empty()) {
        if (auto made = makePrivateFolder(environment.storeFolder); !made)
            return forward(made);
        return StorePointer(
            c10::make_intrusive<c10d::FileStore>((environment.storeFolder / "store").native(), environment.worldSize));
    }
    c10d::TCPStoreOptions options;
    options.port = static_cast<std::uint16_t>(environment.masterPort);
    options.timeout = timeout;
    options.waitWorkers = false;
    std::string host = environment.masterAddress;
    if (!environment.agentStore) {
        host = "127.0.0.1";  // the ranks are on one machine, and rank 0 listens nowhere else
        options.isServer = environment.rank == 0;
    }
    if (options.isServer) {
        const auto descriptor = listenLocally(environment.masterPort);
        if (!descriptor)
            return forward(descriptor);
        options.masterListenFd = *descriptor;
    }
    return StorePointer(c10::make_intrusive<c10d::TCPStore>(host, options));
}

/// Every rank writes its run id and reads those of all others, so that both sides of a mix-up hear of it.
Result<void> checkRunIds(c10d::Store& store, const LaunchEnv& environment, std::chrono::milliseconds timeout)
{
    store.set("run-id/" + std::to_string(environment.rank), environment.runId + "\n");
    for (int rank = 0; rank < environment.worldSize; ++rank) {
        const std::string key = "run-id/" + std::to_string(rank);
        try {
            store.wait({key}, timeout);
        } catch (const std::exception&) {
            return fail(ErrorKind::PeerLost,
                "rank " + std::to_string(rank) + " of " + std::to_string(environment.worldSize)
                    + " has not joined within " + std::to_string(timeout.count() / 1000) + " s; look into its log");
        }
        const std::string theirs = store.get_to_str(key);
        if (theirs != environment.runId + "\n")
            return fail(ErrorKind::User,
                "rank " + std::to_string(environment.rank) + " of run " + printable(environment.runId) + " met rank "
                    + std::to_string(rank) + " of another run, " + printable(theirs.substr(0, theirs.size() - 1))
                    + "; give every run a store of its own");
    }
    return {};
}

}  // namespace

Result<c10::intrusive_ptr<c10d::Store>> meet(const LaunchEnv& environment, std::chrono::milliseconds timeout)
{
    try {
        auto store = openStore(environment, timeout);
        if (!store)
            return store;
        (*store)->setTimeout(timeout);
        // torchrun restarts all ranks on the same store: keys of the start before may still be there.
        StorePointer ours =
            c10::make_intrusive<c10d::PrefixStore>("start/" + std::to_string(environment.restartCount), *store);
        if (auto joined = checkRunIds(*ours, environment, timeout); !joined)
            return forward(joined);
        return ours;
    } catch (const std::exception& error) {
        const std::string what = error.what();
        return fail(ErrorKind::PeerLost,
            "rank " + std::to_string(environment.rank) + " cannot reach the place where the ranks meet ("
                + (environment.storeFolder.empty()
                        ? environment.masterAddress + ":" + std::to_string(environment.masterPort)
                        : shownPath(environment.storeFolder))
                + "): " + printable(what.substr(0, what.find('\n'))));
    }
}

}  // namespace moescope
