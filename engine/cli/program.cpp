// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>

#include "engine/base/nearest.h"
#include "engine/base/utf8.h"
#include "engine/base/version.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/config/value_text.h"

namespace moescope {

namespace {

constexpr const char* kAbout = "Trains sparse Mixture-of-Experts language models and records what their experts do.\n"
                               "`moescope-engine COMMAND --help` explains a command; `describe` lists every setting.";

constexpr const char* kExitCodes =
    "Exit codes: 0 finished, or ended as asked; 2 command line or configuration; 3 data or run folder unusable;\n"
    "4 out of memory, disk or device; 5 diverged; 6 a peer was lost; 70 a bug of ours; 128+N killed by signal N.";

/// CLI11 would only say that a command is missing.
std::string unknownCommand(const CLI::App& app, int argc, char** argv)
{
    const std::string word = argc > 1 ? argv[1] : "-";
    std::vector<std::string> known;
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
        if (command->get_name() == word)
            return {};
        if (!command->get_group().empty())
            known.push_back(command->get_name());
    }
    if (word.starts_with('-'))
        return {};
    const std::string near = nearestWord(word, known);
    return "unknown command \"" + printable(word.substr(0, 60)) + "\"; "
        + (near.empty() ? "known: " + listText(known) : "did you mean " + near + "?");
}

int refuse(const std::string& reason)
{
    say("moescope-engine: " + reason);
    say("Try `moescope-engine --help`.");
    return exitCode(ErrorKind::User);
}

}  // namespace

int runProgram(int argc, char** argv)
{
    CLI::App app(kAbout, "moescope-engine");
    Action action;
    app.set_version_flag("--version", std::string(programVersion()));
    app.footer(kExitCodes);
    app.require_subcommand(1);
    for (const auto& add : {addTrain, addResume, addRank, addEvaluate, addCheck, addDescribe, addEstimate, addRoute,
             addCompare, addClaims, addExport, addRuns, addControl, addQueue})
        add(app, action);
    if (const std::string reason = unknownCommand(app, argc, argv); !reason.empty())
        return refuse(reason);
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& wanted) {
        return app.exit(wanted);  // --help and --version
    } catch (const CLI::ParseError& error) {
        return refuse(error.what());
    }
    return action();
}

}  // namespace moescope
