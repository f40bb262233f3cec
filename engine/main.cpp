// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// moescope-engine: first what must happen before any thread and any LibTorch call, then the command line.
#include <csignal>
#include <cstring>
#include <exception>
#include <new>
#include <string_view>

#include "engine/base/result.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/control/signals.h"
#include "engine/control/thread_waiting.h"
#include "engine/cuda/plugin.h"

namespace {

/// LibTorch has no type for it on the CPU.
bool isOutOfMemory(std::string_view what)
{
    return what.find("can't allocate memory") != std::string_view::npos
        || what.find("out of memory") != std::string_view::npos;
}

int outOfMemory()
{
    return moescope::report({moescope::ErrorKind::Resources,
        "Out of memory. `moescope-engine estimate` shows what takes it; a smaller data.batch_sequences or more "
        "training.accumulation helps."});
}

}  // namespace

int main(int argc, char** argv)
{
    const std::string_view command = argc > 1 ? argv[1] : "";
    if (command == "train" || command == "resume" || command == "evaluate")
        moescope::restartWithWaiting(argv);
    if (command == "train" || command == "resume" || command == "rank" || command == "compare") {
        moescope::blockStopSignals();
        std::signal(SIGPIPE, SIG_IGN);  // a reader of our output that goes away must not end the run
    }
    if (command == "train" || command == "resume" || command == "rank" || command == "evaluate")
        moescope::loadGpuPlugin();
    try {
        return moescope::runProgram(argc, argv);
    } catch (const std::bad_alloc&) {
        return outOfMemory();
    } catch (const std::exception& error) {
        if (isOutOfMemory(error.what()))
            return outOfMemory();
        return moescope::report({moescope::ErrorKind::Bug,
            std::string("This is a bug of Moescope: ") + error.what() + "\nPlease report it with the command line."});
    }
}
