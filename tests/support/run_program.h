// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Starts a program, beside the test or to its end, and keeps what it wrote.
#pragma once

#include <csignal>
#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

extern char** environ;

namespace moescope {

struct ProgramResult {
    int code = -1;  ///< exit code; 128 + N when signal N killed it
    std::string output, errors;
};

/// A child process; killed when the value goes before wait() was called.
class RunningProgram {
public:
    /// `arguments` with the program first. `variables` ("NAME=value") win over our environment.
    explicit RunningProgram(std::vector<std::string> arguments, std::vector<std::string> variables = {})
    {
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        const std::string output = m_folder / "output", errors = m_folder / "errors";
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT, 0600);
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(), O_WRONLY | O_CREAT, 0600);
        std::vector<char*> argv, environment;
        for (std::string& argument : arguments)
            argv.push_back(argument.data());
        for (std::string& variable : variables)
            environment.push_back(variable.data());  // getenv takes the first of a name
        for (char** variable = environ; *variable != nullptr; ++variable)
            environment.push_back(*variable);
        argv.push_back(nullptr);
        environment.push_back(nullptr);
        EXPECT_EQ(posix_spawn(&m_pid, argv[0], &actions, nullptr, argv.data(), environment.data()), 0) << argv[0];
        posix_spawn_file_actions_destroy(&actions);
    }
    ~RunningProgram()
    {
        if (m_pid > 0) {
            kill(m_pid, SIGKILL);
            waitpid(m_pid, nullptr, 0);
        }
    }
    RunningProgram(const RunningProgram&) = delete;
    RunningProgram& operator=(const RunningProgram&) = delete;

    pid_t pid() const { return m_pid; }
    void send(int signal) const { ::kill(m_pid, signal); }

    ProgramResult wait()
    {
        ProgramResult result;
        int status = 0;
        if (m_pid > 0 && waitpid(m_pid, &status, 0) == m_pid) {
            result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
            result.output = readBytes(m_folder / "output");
            result.errors = readBytes(m_folder / "errors");
        }
        m_pid = -1;
        return result;
    }

private:
    TemporaryFolder m_folder;
    pid_t m_pid = -1;
};

inline ProgramResult runProgramToEnd(std::vector<std::string> arguments, std::vector<std::string> variables = {})
{
    return RunningProgram(std::move(arguments), std::move(variables)).wait();
}

}  // namespace moescope
