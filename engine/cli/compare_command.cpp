// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// compare: trains the runs of a comparison preset one after another, each by a process of its own, and writes the
// table.
#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <memory>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>

#include "engine/base/file_system.h"
#include "engine/base/json_text.h"
#include "engine/base/units.h"
#include "engine/base/utf8.h"
#include "engine/cli/commands.h"
#include "engine/cli/compare_result.h"
#include "engine/cli/output.h"
#include "engine/config/comparison.h"
#include "engine/config/read_config.h"
#include "engine/config/stored_config.h"
#include "engine/control/rank_process.h"
#include "engine/control/signals.h"
#include "engine/routing/registry.h"

extern char** environ;

namespace moescope {

namespace fs = std::filesystem;

namespace {

struct CompareOptions {
    std::string preset, runs;
    std::vector<std::string> overrides;
    bool json = false;
};

/// Hands stop signals on to the run that is training, and remembers that one came.
class StopForwarder {
public:
    StopForwarder()
        : m_watch([this](int signal, int nth) {
            m_stopped = m_stopped || nth > 0;
            if (const pid_t child = m_child; child > 0)
                kill(child, signal);
        })
    {
    }

    void setChild(pid_t child) { m_child = child; }
    bool stopped() const { return m_stopped; }

private:
    std::atomic<pid_t> m_child{0};
    std::atomic<bool> m_stopped{false};
    SignalWatch m_watch;
};

/// Waits for the child; meanwhile its log goes to our standard error.
int waitForRun(pid_t child, LogEcho& echo)
{
    int status = 0;
    for (;;) {
        const pid_t ended = waitpid(child, &status, WNOHANG);
        echo.copy();
        if (ended == child)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        if (ended < 0 && errno != EINTR)
            return exitCode(ErrorKind::Bug);
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

/// What a run that failed said about it.
std::string lastWords(const fs::path& log)
{
    constexpr std::string_view kMark = "moescope-engine: ";
    const auto text = readFile(log, std::uint64_t{64} << 20);
    if (!text)
        return {};
    const std::size_t begin = text->rfind(kMark);
    if (begin == std::string::npos)
        return {};
    const std::size_t first = begin + kMark.size();
    return printable(text->substr(first, std::min(text->find('\n', first), first + 500) - first));
}

class ComparisonRun {
public:
    ComparisonRun(const CompareOptions& options, const Catalog& catalog, std::vector<PlannedRun> runs)
        : m_options(options)
        , m_catalog(catalog)
        , m_folder(fs::absolute(options.runs))
        , m_runs(std::move(runs))
    {
    }

    int run()
    {
        if (auto ready = prepare(); !ready)
            return report(ready.error());
        StopForwarder stop;
        for (std::size_t i = 0; i < m_runs.size() && !stop.stopped(); ++i) {
            const auto trained = train(m_runs[i], i, stop);
            if (!trained)
                return report(trained.error());
        }
        return writeTable(stop.stopped());
    }

private:
    /// Before anything is trained: the folder is ours, and what lies in it belongs to this comparison.
    Result<void> prepare()
    {
        FileSystem& files = FileSystem::real();
        if (auto made = files.makeFolder(m_folder / "logs"); !made)
            return made;
        std::error_code error;
        m_program = fs::read_symlink("/proc/self/exe", error);
        if (error)
            return fail(ErrorKind::Resources, "/proc/self/exe cannot be read: " + error.message());
        for (const PlannedRun& planned : m_runs)
            if (auto fits = checkFolder(planned); !fits)
                return fits;
        return {};
    }

    Result<void> checkFolder(const PlannedRun& planned) const
    {
        const fs::path path = m_folder / planned.folder;
        std::error_code error;
        if (!fs::exists(path, error))
            return {};
        const auto run = RunFolder::open(FileSystem::real(), path);
        if (!run)
            return forward(run);
        const auto text = run->configJson();
        if (!text)
            return forward(text);
        const auto stored = readStoredConfig(*text, shownPath(path / "config.json"), m_catalog);
        if (!stored)
            return forward(stored);
        RunConfig wanted = planned.config;  // but for what is settled when a run is made
        wanted.model.vocabulary = stored->model.vocabulary;
        wanted.model.attention = stored->model.attention;
        wanted.training.threads = stored->training.threads;
        std::string differences;
        for (const ConfigDifference& difference : differencesOf(*stored, wanted))
            differences += (differences.empty() ? "" : ", ") + difference.key + " (" + difference.before + " there, "
                + difference.after + " here)";
        if (!differences.empty())
            return fail(ErrorKind::Data,
                shownPath(path) + " was trained for another comparison: " + differences
                    + ". Give another --runs, or remove that folder.");
        return {};
    }

    /// True for a run that is not to be touched again: done, or failed in a way that would come again.
    static bool isSettled(const RunStatus& status)
    {
        const bool lasting = status.exit && status.exit->code != exitCode(ErrorKind::Resources)
            && status.exit->code != exitCode(ErrorKind::PeerLost);
        return status.state == RunState::Finished || (status.state == RunState::Failed && lasting);
    }

    Result<void> train(const PlannedRun& planned, std::size_t index, StopForwarder& stop)
    {
        const fs::path path = m_folder / planned.folder, log = m_folder / "logs" / (planned.folder + ".log");
        const std::string place = " (" + std::to_string(index + 1) + " of " + std::to_string(m_runs.size()) + ")";
        std::error_code error;
        const bool exists = fs::exists(path, error);
        if (exists) {
            const auto run = RunFolder::open(FileSystem::real(), path);
            const auto status = run ? run->status() : Result<RunStatus>(forward(run));
            if (!status)
                return forward(status);
            if (isSettled(*status)) {
                say(planned.folder + place + ": " + std::string(stateName(status->state)) + " already.");
                return {};
            }
        }
        say(planned.folder + place + (exists ? ": goes on." : ": begins."));
        RankCommand command;
        command.arguments = {m_program.string(), exists ? "resume" : "train"};
        if (exists) {
            command.arguments.push_back(path.string());
        } else {
            command.arguments.push_back(m_options.preset);
            command.arguments.insert(command.arguments.end(), planned.overrides.begin(), planned.overrides.end());
            command.arguments.insert(command.arguments.end(), {"--run", path.string()});
        }
        command.log = log;
        LogEcho echo(log);
        std::vector<std::string> environment;
        for (char** variable = environ; *variable != nullptr; ++variable)
            environment.emplace_back(*variable);
        const auto child = startRank(command, environment, 0, -1);
        if (!child)
            return forward(child);
        stop.setChild(*child);
        const int code = waitForRun(*child, echo);
        stop.setChild(0);
        if (code != 0)
            say(planned.folder + ": failed with exit code " + std::to_string(code) + "; the others go on.");
        return {};
    }

    int writeTable(bool stopped)
    {
        std::vector<ComparisonRow> rows;
        for (const PlannedRun& planned : m_runs) {
            ComparisonRow row = readComparisonRow(m_folder, planned);
            if (row.state == "failed" || row.state == "missing")
                if (const std::string words = lastWords(m_folder / "logs" / (planned.folder + ".log")); !words.empty())
                    row.problem = words;
            rows.push_back(std::move(row));
        }
        const std::string json = comparisonJson(rows);
        for (const auto& [name, text] :
            {std::pair{"compare.json", json}, std::pair{"compare.csv", comparisonCsv(rows)}})
            if (auto written = replaceFile(FileSystem::real(), m_folder / name, text); !written)
                return report(written.error());
        if (stopped)
            say("Stopped. The same command goes on where it was: " + shownPath(m_folder));
        else
            say("Written: " + shownPath(m_folder / "compare.json") + " and compare.csv");
        return printResult(m_options.json ? json : comparisonText(rows))
            ? 0
            : report({ErrorKind::Resources, "Standard output takes no more."});
    }

    const CompareOptions& m_options;
    const Catalog& m_catalog;
    fs::path m_folder, m_program;
    std::vector<PlannedRun> m_runs;
};

int compare(const CompareOptions& options)
{
    const Result<Catalog> catalog = routingCatalog(resourceFolder());
    if (!catalog)
        return report(catalog.error());
    const Result<std::string> text = readFile(options.preset, kMaxJsonBytes);
    if (!text)
        return report({ErrorKind::User, text.error().text});
    const auto comparison = readComparison(*text, options.preset);
    if (!comparison)
        return report(comparison.error());
    auto runs = planRuns(*text, options.preset, *comparison, options.overrides, *catalog);
    if (!runs)
        return report(runs.error());
    return ComparisonRun(options, *catalog, std::move(*runs)).run();
}

}  // namespace

void addCompare(CLI::App& app, Action& action)
{
    auto options = std::make_shared<CompareOptions>();
    CLI::App* command = app.add_subcommand("compare", "Train the recipes of a comparison one after another");
    command->add_option("PRESET", options->preset, "configuration with an object `compare`; docs/compare.md")
        ->required();
    command->add_option("SETTINGS", options->overrides, "settings key=value that win over the file");
    command->add_option("--runs", options->runs, "folder for the runs and the table; the same one goes on")->required();
    command->add_flag("--json", options->json, "the table as JSON");
    command->callback([options, &action] { action = [options] { return compare(*options); }; });
}

}  // namespace moescope
