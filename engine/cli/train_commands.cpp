// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// train, resume and the hidden rank: from the command line to trainRun and resumeRun.
#include <cstdlib>
#include <memory>

#include <CLI/CLI.hpp>

#include "engine/base/file_system.h"
#include "engine/base/json_text.h"
#include "engine/base/units.h"
#include "engine/cli/commands.h"
#include "engine/cli/key_list.h"
#include "engine/cli/output.h"
#include "engine/cli/run_path.h"
#include "engine/cli/start_ranks.h"
#include "engine/config/read_config.h"
#include "engine/config/stored_config.h"
#include "engine/dist/launch_env.h"
#include "engine/routing/registry.h"
#include "engine/run/checkpoint_folder.h"
#include "engine/train/checkpoint.h"
#include "engine/train/commands.h"

namespace moescope {

namespace fs = std::filesystem;

namespace {

struct TrainingOptions {
    std::string config, run, store;
    std::vector<std::string> overrides;
    int ranks = 0, rank = 0, worldSize = 1;
    bool json = false, resume = false;
};

std::optional<std::string> environmentVariable(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

int endOf(const Result<TrainOutcome>& outcome) { return outcome ? outcome->exit.code : report(outcome.error()); }

/// Ranks that torchrun or another launcher has started count, whatever the configuration says.
void adoptWorldSize(const LaunchEnv& launch, std::vector<std::string>& overrides)
{
    if (launch.worldSize > 1)
        overrides.push_back("parallel.ranks=" + std::to_string(launch.worldSize));
}

int train(TrainingOptions options)
{
    const Result<Catalog> catalog = routingCatalog(resourceFolder());
    if (!catalog)
        return report(catalog.error());
    const Result<LaunchEnv> launch = resolveLaunch({}, environmentVariable);
    if (!launch)
        return report(launch.error());
    if (options.ranks > 0)
        options.overrides.push_back("parallel.ranks=" + std::to_string(options.ranks));
    adoptWorldSize(*launch, options.overrides);
    const ConfigReading reading = readConfigFile(options.config, options.overrides, *catalog);
    sayIssues(reading);
    if (!reading.ok())
        return exitCode(ErrorKind::User);
    if (launch->worldSize > 1 && options.run.empty())
        return report(
            {ErrorKind::User, "Ranks that were started from outside need one place for the run: give --run DIR."});

    const fs::path path = options.run.empty() ? defaultRunPath(reading.config.name) : fs::absolute(options.run);
    if (launch->rank == 0)
        if (const Result<void> fresh = checkNewRunPath(path); !fresh)
            return report(fresh.error());
    if (launch->worldSize > 1 || reading.config.parallel.ranks == 1)
        return endOf(trainRun(reading.config, {path, *launch, std::nullopt, options.json}));

    const Result<RunFolder> run = createRun(reading.config, path);
    if (!run)
        return report(run.error());
    const Result<RunLock> lock = run->lock();
    if (!lock)
        return report(lock.error());
    return startRanks(*run, {static_cast<int>(reading.config.parallel.ranks), false, options.json});
}

/// Where a run stands before it is resumed.
struct ResumePoint {
    bool done = false;      ///< at training.steps already, or its budget is spent
    bool spent = false;     ///< the latter
    std::int64_t step = 0;  ///< of the newest checkpoint; 0 = start again
};

Result<ResumePoint> resumePoint(const RunFolder& run, const RunConfig& config)
{
    const Result<RunStatus> status = run.status();
    if (!status)
        return forward(status);
    const std::vector<CheckpointInfo> checkpoints = listCheckpoints(run.checkpoints());
    if (checkpoints.empty() && !status->checkpoint.empty())
        return fail(ErrorKind::Data,
            shownPath(run.checkpoints() / status->checkpoint / "manifest.json")
                + " is missing or damaged, though that checkpoint was recorded as complete, and no other one is whole. "
                  "Bring the folder "
                  "back from a copy, or start a new run.");
    ResumePoint point;
    point.step = checkpoints.empty() ? 0 : checkpoints.front().step;
    if (!checkpoints.empty() && config.training.flops > 0) {
        const Result<TrainerState> state = readTrainerState(checkpoints.front());
        point.spent = state && state->flops >= config.training.flops;
    }
    // A run that was killed in its last evaluation is at its last step, but has that evaluation to do.
    point.done = point.step > config.training.steps
        || ((point.step == config.training.steps || point.spent) && status->state == RunState::Finished);
    return point;
}

int resume(TrainingOptions options)
{
    const Result<Catalog> catalog = routingCatalog(resourceFolder());
    const Result<LaunchEnv> launch = resolveLaunch({}, environmentVariable);
    const Result<RunFolder> run = RunFolder::open(FileSystem::real(), fs::absolute(options.run));
    for (const Error* error :
        {catalog ? nullptr : &catalog.error(), launch ? nullptr : &launch.error(), run ? nullptr : &run.error()})
        if (error != nullptr)
            return report(*error);
    const Result<std::string> stored = run->configJson();
    if (!stored)
        return report(stored.error());
    const fs::path file = run->path() / "config.json";
    adoptWorldSize(*launch, options.overrides);
    const Result<RunConfig> config = readResumedConfig(*stored, file.string(), options.overrides, *catalog);
    if (!config)
        return report(config.error());
    if (launch->rank > 0)
        return endOf(resumeRun({run->path(), *launch, std::nullopt, options.json}));

    if (run->isLocked())
        if (const Result<RunLock> held = run->lock(); !held)
            return report(held.error());  // names the holder
    const Result<ResumePoint> point = resumePoint(*run, *config);
    if (!point)
        return report(point.error());
    if (point->done) {  // before the lock is taken: the folder stays as it is, to the byte
        say(shownPath(run->path()) + " is at step " + formatCount(point->step) + " of "
            + formatCount(config->training.steps)
            + (point->spent
                    ? ", and its budget training.flops is spent: nothing to do. Give training.flops=N with a larger "
                      "N, or 0, to go on."
                    : " already: nothing to do. Give training.steps=N with a larger N to go on."));
        return 0;
    }
    Result<RunLock> lock = run->lock();
    if (!lock)
        return report(lock.error());
    if (point->step == 0)
        say("No checkpoint was ever complete: the run starts again at step 0.");
    if (const std::string text = writeConfig(*config, *catalog); text != *stored)
        if (auto written = replaceFile(FileSystem::real(), file, text); !written)
            return report(written.error());
    if (launch->worldSize == 1 && config->parallel.ranks > 1)
        return startRanks(*run, {static_cast<int>(config->parallel.ranks), true, options.json});
    return endOf(resumeRun({run->path(), *launch, std::move(*lock), options.json}));
}

int rankOf(const TrainingOptions& options)
{
    const Result<RunFolder> run = RunFolder::open(FileSystem::real(), options.run);
    if (!run)
        return report(run.error());
    LaunchFlags flags;
    flags.rank = options.rank;
    flags.worldSize = options.worldSize;
    flags.storeFolder = options.store;
    flags.runId = run->identity().id;
    const Result<LaunchEnv> launch = resolveLaunch(flags, environmentVariable);
    if (!launch)
        return report(launch.error());
    RunCall call{run->path(), *launch, std::nullopt, options.json};
    if (options.resume)
        return endOf(resumeRun(std::move(call)));
    const Result<Catalog> catalog = routingCatalog(resourceFolder());
    if (!catalog)
        return report(catalog.error());
    const Result<std::string> stored = run->configJson();
    if (!stored)
        return report(stored.error());
    const Result<RunConfig> config = readStoredConfig(*stored, (run->path() / "config.json").string(), *catalog);
    if (!config)
        return report(config.error());
    return endOf(trainRun(*config, std::move(call)));
}

}  // namespace

void addTrain(CLI::App& app, Action& action)
{
    auto options = std::make_shared<TrainingOptions>();
    CLI::App* command = app.add_subcommand("train", "Train a new run");
    command->add_option("CONFIG", options->config, "configuration file (JSON, comments allowed)")->required();
    command->add_option("SETTINGS", options->overrides, "settings key=value that win over the file");
    command->add_option("--run", options->run, "folder of the run; must not exist or be empty");
    command->add_option("--ranks", options->ranks, "processes that share each batch; the same as parallel.ranks=N")
        ->check(CLI::PositiveNumber);
    command->add_flag("--json", options->json, "the final summary as JSON");
    command->footer([] { return "Settings and their defaults:\n" + shortKeyList(); });
    command->callback([options, &action] { action = [options] { return train(*options); }; });
}

void addResume(CLI::App& app, Action& action)
{
    auto options = std::make_shared<TrainingOptions>();
    CLI::App* command = app.add_subcommand("resume", "Go on with a run from its newest whole checkpoint");
    command->add_option("RUN", options->run, "folder of the run")->required();
    command->add_option("SETTINGS", options->overrides,
        "settings key=value: training.steps, training.flops, *.every and record.* may change");
    command->add_flag("--json", options->json, "the final summary as JSON");
    command->callback([options, &action] { action = [options] { return resume(*options); }; });
}

void addRank(CLI::App& app, Action& action)
{
    auto options = std::make_shared<TrainingOptions>();
    CLI::App* command = app.add_subcommand("rank", "One rank of a run, started by train and resume");
    command->group("");  // not in --help
    command->add_option("RUN", options->run)->required();
    command->add_option("--rank", options->rank)->required();
    command->add_option("--world-size", options->worldSize)->required();
    command->add_option("--store", options->store)->required();
    command->add_flag("--resume", options->resume);
    command->add_flag("--json", options->json);
    command->callback([options, &action] { action = [options] { return rankOf(*options); }; });
}

}  // namespace moescope
