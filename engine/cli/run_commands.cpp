// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// runs, control, evaluate: what exists, what it shall do, how good it is.
#include <chrono>
#include <ctime>
#include <memory>
#include <thread>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/file_system.h"
#include "engine/base/units.h"
#include "engine/base/utf8.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/control/command.h"
#include "engine/run/run_folder.h"
#include "engine/train/commands.h"

namespace moescope {

namespace fs = std::filesystem;

namespace {

using OrderedJson = nlohmann::ordered_json;

struct RunOptions {
    std::string folder, verb, setting;
    double wait = 30;
    bool json = false, acceptLeaky = false;
};

std::string dumped(const OrderedJson& json)
{
    return json.dump(1, ' ', false, OrderedJson::error_handler_t::replace) + '\n';
}

int endOfResult(const std::string& text)
{
    return printResult(text) ? 0 : report({ErrorKind::Resources, "Standard output takes no more."});
}

// ------------------------------------------------------------------------------------------------------------- runs

bool isActive(RunState state)
{
    return state == RunState::Loading || state == RunState::Training || state == RunState::Holding
        || state == RunState::Stopping;
}

struct RunRow {
    fs::path path;
    std::string problem;  ///< why the folder cannot be read; empty = it can
    RunIdentity identity;
    RunStatus status;
    bool alive = false;
};

RunRow rowOf(const fs::path& path)
{
    RunRow row{path, {}, {}, {}, false};
    const Result<RunFolder> run = RunFolder::open(FileSystem::real(), path);
    if (!run) {
        row.problem = run.error().text;
        return row;
    }
    row.identity = run->identity();
    row.alive = run->isLocked();
    if (const Result<RunStatus> status = run->status())
        row.status = *status;
    else
        row.problem = status.error().text;
    return row;
}

std::string stateText(const RunRow& row)
{
    if (!row.problem.empty())
        return "unreadable";
    const std::string state(stateName(row.status.state));
    return isActive(row.status.state) && !row.alive ? state + ", process gone" : state;
}

OrderedJson jsonOfRow(const RunRow& row)
{
    OrderedJson json;
    json["path"] = row.path.string();
    if (!row.problem.empty()) {
        json["problem"] = row.problem;
        return json;
    }
    json["id"] = row.identity.id;
    json["name"] = row.identity.name;
    json["created"] = row.identity.created;
    json["seed"] = row.identity.seed;
    json["state"] = stateName(row.status.state);
    json["alive"] = row.alive;
    json["step"] = row.status.step;
    json["checkpoint"] = row.status.checkpoint;
    if (row.status.exit)
        json["exit"] = {
            {"code", row.status.exit->code}, {"cause", row.status.exit->cause}, {"rank", row.status.exit->rank}};
    return json;
}

std::string lineOfRow(const RunRow& row)
{
    const auto created = static_cast<std::time_t>(row.identity.created);
    std::tm local{};
    localtime_r(&created, &local);
    char time[32] = "";
    std::strftime(time, sizeof time, "%Y-%m-%d %H:%M", &local);
    return padded(printable(row.identity.name), 20) + "  " + padded(stateText(row), 22) + "  "
        + padded(formatCount(row.status.step), 10) + "  " + padded(row.problem.empty() ? time : "", 16) + "  "
        + shownPath(row.path) + "\n";
}

int listRuns(const RunOptions& options)
{
    const fs::path root = options.folder.empty() ? RunFolder::defaultRoot() : fs::path(options.folder);
    std::error_code error;
    if (!options.folder.empty() && !fs::is_directory(root, error))
        return report({ErrorKind::Data, shownPath(root) + " is no folder."});
    OrderedJson list = OrderedJson::array();
    std::string text;
    for (const fs::path& path : RunFolder::list(root)) {
        const RunRow row = rowOf(path);
        list.push_back(jsonOfRow(row));
        text += lineOfRow(row);
    }
    if (options.json)
        return endOfResult(dumped(list));
    if (text.empty())
        say("No runs in " + shownPath(root) + ".");
    else
        text = padded("NAME", 20) + "  " + padded("STATE", 22) + "  " + padded("STEP", 10) + "  "
            + padded("CREATED", 16) + "  FOLDER\n" + text;
    return endOfResult(text);
}

// ---------------------------------------------------------------------------------------------------------- control

Result<Command> commandOf(const RunOptions& options)
{
    Command command;
    for (const Verb verb : kVerbs)
        if (verbName(verb) == options.verb)
            command.verb = verb;
    const std::size_t equals = options.setting.find('=');
    if (command.verb == Verb::Set && (equals == std::string::npos || equals == 0))
        return fail(ErrorKind::User, "set needs a setting: moescope-engine control RUN set evaluation.every=100");
    if (command.verb != Verb::Set && !options.setting.empty())
        return fail(ErrorKind::User, options.verb + " takes no setting");
    if (command.verb == Verb::Set) {
        command.key = options.setting.substr(0, equals);
        command.value = options.setting.substr(equals + 1);
    }
    command.issuer = "command line";
    return command;
}

int control(const RunOptions& options)
{
    Result<Command> command = commandOf(options);
    if (!command)
        return report(command.error());
    const Result<RunFolder> run = RunFolder::open(FileSystem::real(), options.folder);
    if (!run)
        return report(run.error());
    const Result<RunStatus> status = run->status();
    if (!status)
        return report(status.error());
    const std::string shown = shownPath(run->path());
    if (!run->isLocked())
        return report({ErrorKind::Data,
            "No process trains in " + shown + " (state: " + std::string(stateName(status->state))
                + "). To go on: moescope-engine resume " + shown});
    command->epoch = status->startTime;
    const Result<std::string> id = postCommand(FileSystem::real(), run->path(), *command);
    if (!id)
        return report(id.error());

    const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(options.wait);
    std::optional<CommandAnswer> answer;
    while (!(answer = answerOf(run->path(), *id)) && std::chrono::steady_clock::now() < deadline && run->isLocked())
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (!answer)
        answer = answerOf(run->path(), *id);  // the process may have answered with its last breath
    if (!answer)
        return report({ErrorKind::Data,
            run->isLocked() ? "No answer within " + formatDuration(options.wait) + "; the command " + *id
                    + " waits in the run's inbox."
                            : "The process in " + shown + " ended before it answered."});
    if (!answer->accepted)
        return report({ErrorKind::User, "Refused: " + answer->text});
    return endOfResult(
        options.json ? dumped({{"id", *id}, {"accepted", true}, {"text", answer->text}}) : answer->text + "\n");
}

// --------------------------------------------------------------------------------------------------------- evaluate

std::string reportText(const EvaluateReport& report)
{
    std::string text = padded("checkpoint", 20) + report.checkpoint + "\n";
    text += padded("validation text", 20) + formatBytes(static_cast<double>(report.bytes)) + "\n";
    text += padded("loss", 20) + formatNumber(report.loss, 4) + " nats a token\n";
    text += padded("bits per byte", 20) + formatNumber(report.bitsPerByte, 4)
        + (report.leaky ? " (the routing saw later tokens: no likelihood)\n" : "\n");
    for (const auto& [domain, bits] : report.domains)
        text += padded("  " + domain, 20) + formatNumber(bits, 4) + "\n";
    for (std::size_t i = 0; i < report.anchors.size(); ++i)
        text += padded(std::to_string(i + 2) + "-gram model", 20) + formatNumber(report.anchors[i], 4) + "\n";
    return text;
}

int evaluate(const RunOptions& options)
{
    const Result<RunFolder> run = RunFolder::open(FileSystem::real(), options.folder);
    if (!run)
        return report(run.error());
    const Result<EvaluateReport> result = evaluateRun(*run, options.acceptLeaky);
    if (!result)
        return report(result.error());
    if (!options.json)
        return endOfResult(reportText(*result));
    OrderedJson json = {{"step", result->step}, {"checkpoint", result->checkpoint}, {"bytes", result->bytes},
        {"loss", result->loss}, {result->leaky ? "leaky_bits_per_byte" : "bits_per_byte", result->bitsPerByte}};
    json["domains"] = OrderedJson::object();
    for (const auto& [domain, bits] : result->domains)
        json["domains"][domain] = bits;
    for (std::size_t i = 0; i < result->anchors.size(); ++i)
        json["ngram_bits_per_byte"][std::to_string(i + 2)] = result->anchors[i];
    return endOfResult(dumped(json));
}

}  // namespace

void addRuns(CLI::App& app, Action& action)
{
    auto options = std::make_shared<RunOptions>();
    CLI::App* command = app.add_subcommand("runs", "List the runs of a folder, newest first");
    command->add_option("DIR", options->folder, "folder to look into; default: where train puts runs");
    command->add_flag("--json", options->json, "as JSON");
    command->callback([options, &action] { action = [options] { return listRuns(*options); }; });
}

void addControl(CLI::App& app, Action& action)
{
    auto options = std::make_shared<RunOptions>();
    CLI::App* command = app.add_subcommand("control", "Tell a running run what to do, and wait for its answer");
    std::vector<std::string> verbs;
    for (const Verb verb : kVerbs)
        verbs.emplace_back(verbName(verb));
    command->add_option("RUN", options->folder, "folder of the run")->required();
    command
        ->add_option("VERB", options->verb,
            "hold and continue keep the process; pause writes a checkpoint and ends it; stop ends the run with a "
            "checkpoint; "
            "checkpoint writes one now; set changes a setting")
        ->required()
        ->check(CLI::IsMember(verbs));
    command->add_option("SETTING", options->setting, "key=value of set");
    command->add_option("--wait", options->wait, "seconds to wait for the answer")->check(CLI::Range(0.0, 86400.0));
    command->add_flag("--json", options->json, "the answer as JSON");
    command->callback([options, &action] { action = [options] { return control(*options); }; });
}

void addEvaluate(CLI::App& app, Action& action)
{
    auto options = std::make_shared<RunOptions>();
    CLI::App* command = app.add_subcommand("evaluate", "The newest checkpoint on all of the validation text");
    command->add_option("RUN", options->folder, "folder of the run")->required();
    command->add_flag("--accept-leaky", options->acceptLeaky,
        "also where the routing sees later tokens; the number is labelled, for it is no likelihood");
    command->add_flag("--json", options->json, "as JSON");
    command->callback([options, &action] { action = [options] { return evaluate(*options); }; });
}

}  // namespace moescope
