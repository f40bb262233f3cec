// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/control/queue_worker.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/file_system.h"
#include "engine/run/run_folder.h"

extern char** environ;

namespace moescope {

namespace fs = std::filesystem;

namespace {

constexpr auto kAskAgain = std::chrono::milliseconds(200);
constexpr int kBug = 70;

Result<pid_t> spawnTraining(const std::vector<std::string>& arguments, const fs::path& log)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_adddup2(&files, 1, 2);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    std::vector<char*> argv;
    for (const std::string& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));  // exec takes char* and does not write
    argv.push_back(nullptr);
    pid_t pid = 0;
    const int error = ::posix_spawn(&pid, argv[0], &files, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    if (error != 0)
        return tl::make_unexpected(fileError(arguments[0], "start a training with it", error));
    return pid;
}

int waitFor(pid_t pid)
{
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) { }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// The last line that the training wrote, which says why it failed.
std::string lastLine(const fs::path& log)
{
    constexpr std::streamoff kTail = 4096;
    std::ifstream file(log, std::ios::binary | std::ios::ate);
    const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : 0;
    std::string tail(static_cast<std::size_t>(std::min(size, kTail)), '\0');
    file.seekg(size - static_cast<std::streamoff>(tail.size()));
    file.read(tail.data(), static_cast<std::streamsize>(tail.size()));
    while (!tail.empty() && (tail.back() == '\n' || tail.back() == '\r'))
        tail.pop_back();
    return tail.substr(tail.find_last_of('\n') + 1);
}

/// A process of this number lives and trains this run; numbers are given again.
bool trains(int pid, const fs::path& run)
{
    if (pid <= 0)
        return false;
    std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
    const std::string line((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return line.find(run.string()) != std::string::npos;
}

/// An entry that a killed worker left: its training goes on, has ended, or never began.
Result<void> settle(const RunQueue& queue, const QueueEntry& entry)
{
    const auto busy = [&] {
        const Result<RunFolder> run = RunFolder::open(FileSystem::real(), entry.run);
        return trains(entry.pid, entry.run) || (run && run->isLocked());
    };
    while (busy())
        std::this_thread::sleep_for(kAskAgain);
    std::error_code error;
    if (!fs::exists(entry.run, error))
        return queue.putBack(entry);
    const Result<RunFolder> run = RunFolder::open(FileSystem::real(), entry.run);
    if (!run)
        return queue.finish(entry, exitCode(run.error().kind), run.error().text);
    const Result<RunStatus> status = run->status();
    if (!status)
        return queue.finish(entry, exitCode(status.error().kind), status.error().text);
    if (!status->exit)
        return queue.finish(entry, kBug, "the training ended without a word");
    return queue.finish(entry, status->exit->code, status->exit->code == 0 ? "" : status->exit->cause);
}

Result<void> trainEntry(const RunQueue& queue, const fs::path& program, const QueueEntry& entry)
{
    const fs::path starts = queue.folder() / "starts";
    const fs::path config = starts / (entry.id + ".json"), log = starts / (entry.id + ".log");
    if (const Result<void> made = FileSystem::real().makeFolder(starts); !made)
        return made;
    if (const Result<void> written = replaceFile(FileSystem::real(), config, entry.configJson); !written)
        return written;
    const Result<pid_t> pid =
        spawnTraining({program.string(), "train", config.string(), "--run", entry.run.string()}, log);
    if (!pid)
        return queue.finish(entry, exitCode(pid.error().kind), pid.error().text);
    if (const Result<void> noted = queue.notePid(entry, *pid); !noted)
        return noted;
    const int code = waitFor(*pid);
    return queue.finish(entry, code, code == 0 ? std::string() : lastLine(log));
}

}  // namespace

Result<int> workQueue(
    const RunQueue& queue, const fs::path& program, const std::function<void(const std::string&)>& say)
{
    Result<std::optional<QueueLock>> work = queue.tryWork();
    if (!work)
        return forward(work);
    if (!*work) {
        say("Another process works on " + queue.folder().string() + ".");
        return 0;
    }
    int ended = 0;
    for (const QueueEntry& entry : queue.list(QueuePlace::Running)) {
        if (!entry.problem.empty())
            continue;
        say("Waiting for " + entry.name + ", which was begun before.");
        if (const Result<void> settled = settle(queue, entry); !settled)
            return forward(settled);
    }
    for (;;) {
        const Result<std::optional<QueueEntry>> entry = queue.claim(*work);
        if (!entry)
            return forward(entry);
        if (!*entry)
            return ended;
        say("Training " + (*entry)->name + " in " + (*entry)->run.string() + ".");
        if (const Result<void> trained = trainEntry(queue, program, **entry); !trained)
            return forward(trained);
        ++ended;
    }
}

}  // namespace moescope
