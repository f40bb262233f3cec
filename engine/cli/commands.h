// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The commands of moescope-engine. Each adds its options to the command line and, when chosen, sets what to do.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace moescope {

/// What the chosen command does; returns the exit code.
using Action = std::function<int()>;

void addTrain(CLI::App& app, Action& action);
void addResume(CLI::App& app, Action& action);
void addRank(CLI::App& app, Action& action);  ///< hidden: one of several ranks, started by the launcher
void addEvaluate(CLI::App& app, Action& action);
void addCheck(CLI::App& app, Action& action);
void addDescribe(CLI::App& app, Action& action);
void addEstimate(CLI::App& app, Action& action);
void addClaims(CLI::App& app, Action& action);
void addCompare(CLI::App& app, Action& action);
void addRoute(CLI::App& app, Action& action);
void addExport(CLI::App& app, Action& action);
void addRuns(CLI::App& app, Action& action);
void addControl(CLI::App& app, Action& action);
void addQueue(CLI::App& app, Action& action);

/// Parses the command line and runs the command. Returns the exit code: 2 for every mistake in the command line itself.
int runProgram(int argc, char** argv);

}  // namespace moescope
