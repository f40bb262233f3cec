// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Runs a program to its end and keeps what it wrote.
#pragma once

#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/temporary_folder.h"

extern char** environ;

namespace moescope {

struct ProgramResult {
    int code = -1;  ///< exit code; 128 + N when signal N killed it
    std::string output, errors;
};

/// `arguments` with the program first. `variables` ("NAME=value") are added to our environment.
inline ProgramResult runProgramToEnd(std::vector<std::string> arguments, std::vector<std::string> variables = {})
{
    const TemporaryFolder folder;
    const std::string output = folder / "output", errors = folder / "errors";
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(), O_WRONLY | O_CREAT, 0600);

    std::vector<char*> argv, environment;
    for (std::string& argument : arguments)
        argv.push_back(argument.data());
    for (std::string& variable : variables)
        environment.push_back(variable.data());
    for (char** variable = environ; *variable != nullptr; ++variable)
        environment.push_back(*variable);
    argv.push_back(nullptr);
    environment.push_back(nullptr);

    pid_t pid = -1;
    const int failed = posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environment.data());
    posix_spawn_file_actions_destroy(&actions);
    EXPECT_EQ(failed, 0) << arguments[0];
    int status = 0;
    ProgramResult result;
    if (failed == 0 && waitpid(pid, &status, 0) == pid) {
        result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        result.output = readBytes(output);
        result.errors = readBytes(errors);
    }
    return result;
}

}  // namespace moescope
