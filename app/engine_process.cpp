// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/engine_process.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

extern char** environ;

namespace moescope {
namespace {

/// posix_spawn's two option objects, released in the end.
struct SpawnOptions {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;

    SpawnOptions()
    {
        posix_spawn_file_actions_init(&files);
        posix_spawnattr_init(&attributes);
    }
    ~SpawnOptions()
    {
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&files);
    }
    SpawnOptions(const SpawnOptions&) = delete;
    SpawnOptions& operator=(const SpawnOptions&) = delete;
};

/// A new session, so that a closed terminal does not end the run; signals as a fresh login would have them.
void detach(posix_spawnattr_t& attributes)
{
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

}  // namespace

Result<int> startDetached(const std::vector<std::string>& arguments, const std::filesystem::path& log)
{
    SpawnOptions options;
    detach(options.attributes);
    posix_spawn_file_actions_addopen(&options.files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&options.files, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_adddup2(&options.files, 1, 2);

    std::vector<char*> argv;
    for (const std::string& argument : arguments)
        argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);

    pid_t pid = 0;
    const int error = posix_spawn(&pid, argv[0], &options.files, &options.attributes, argv.data(), environ);
    if (error != 0)
        return fail(kindOfErrno(error),
            arguments[0] + ": cannot be started: " + errnoText(error) + ". Its output would go to " + log.string()
                + ".");
    return static_cast<int>(pid);
}

std::optional<ProcessEnd> reap(int pid)
{
    int status = 0;
    pid_t got = 0;
    do {
        got = ::waitpid(pid, &status, WNOHANG);
    } while (got < 0 && errno == EINTR);
    if (got == 0)
        return std::nullopt;
    if (got < 0)
        return ProcessEnd{};  // no child of ours any more: nothing is known, so nothing is claimed
    if (WIFSIGNALED(status))
        return ProcessEnd{128 + WTERMSIG(status), WTERMSIG(status)};
    return ProcessEnd{WEXITSTATUS(status), 0};
}

std::string logTail(const std::filesystem::path& log, std::size_t limit)
{
    std::ifstream file(log, std::ios::binary | std::ios::ate);
    if (!file)
        return {};
    const std::streamoff size = file.tellg();
    const std::streamoff from = std::max<std::streamoff>(0, size - static_cast<std::streamoff>(limit));
    file.seekg(from);
    std::string text(static_cast<std::size_t>(size - from), '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    std::string visible;
    for (const char c : text) {
        if (c == '\r')
            visible += '\n';  // a progress line that was written in place
        else if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t')
            visible += c;
        else
            visible += '?';
    }
    while (!visible.empty() && visible.back() == '\n')
        visible.pop_back();
    return visible;
}

std::string causeOfEnd(const ProcessEnd& end, const std::string& tail)
{
    if (end.signal != 0)
        return std::string("the engine crashed: ") + ::strsignal(end.signal) + " (signal " + std::to_string(end.signal)
            + ")";
    if (end.code == 127 && tail.find("error while loading shared libraries") != std::string::npos)
        return "the engine misses a library; packaging/setup installs it";
    const std::string code = " (exit code " + std::to_string(end.code) + ")";
    switch (end.code) {
    case 2:
        return "the engine refused the configuration" + code;
    case 3:
        return "the engine cannot use the data or the run folder" + code;
    case 4:
        return "the engine ran out of memory or disk" + code;
    default:
        return "the engine ended at once" + code;
    }
}

}  // namespace moescope
