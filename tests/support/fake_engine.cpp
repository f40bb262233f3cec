// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// An engine without LibTorch: describes a small catalog, works on a queue as the real one does, and "trains" while a
// test holds the lock of the file $FAKE_ENGINE_GO.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "engine/base/file_system.h"
#include "engine/config/catalog_json.h"
#include "engine/control/queue_worker.h"
#include "engine/run/run_folder.h"
#include "tests/support/small_catalog.h"

using namespace moescope;

namespace {

int train(const char* config, const std::filesystem::path& path)
{
    RunIdentity identity;
    identity.id = identity.name = path.filename().string();
    identity.created = static_cast<double>(std::time(nullptr));
    const Result<std::string> text = readFile(config, 1 << 20);
    const auto run = RunFolder::create(FileSystem::real(), path, identity, text.value_or("{}"));
    if (!run)
        return 3;
    const auto lock = run->lock();
    RunStatus status;
    status.state = RunState::Training;
    status.pid = ::getpid();
    if (!lock || !run->writeStatus(status))
        return 3;
    const int go = ::open(std::getenv("FAKE_ENGINE_GO"), O_RDONLY | O_CLOEXEC);
    if (go < 0 || ::flock(go, LOCK_SH) != 0)  // waits; a test that dies lets go too
        return 3;
    status.state = RunState::Finished;
    status.exit = RunExit{};
    return run->writeStatus(status) ? 0 : 4;
}

}  // namespace

int main(int argc, char** argv)
{
    const std::string command = argc > 1 ? argv[1] : "";
    if (command == "describe") {
        std::fputs(writeDescription(smallCatalog(), "0.1.0").c_str(), stdout);
        return 0;
    }
    if (command == "queue" && argc == 3) {
        const Result<RunQueue> queue = RunQueue::open(argv[2]);
        const auto say = [](const std::string& line) { std::fprintf(stderr, "%s\n", line.c_str()); };
        return queue && workQueue(*queue, std::filesystem::read_symlink("/proc/self/exe"), say) ? 0 : 3;
    }
    return command == "train" && argc == 5 ? train(argv[2], argv[4]) : 2;
}
