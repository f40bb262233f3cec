// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What the command line asks of the torch half: make a run, train it, resume it, evaluate it. No LibTorch in this
// header.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/run_config.h"
#include "engine/dist/launch_env.h"
#include "engine/run/run_folder.h"
#include "engine/train/trainer.h"

namespace moescope {

/// How one process takes part in a run.
struct RunCall {
    std::filesystem::path run;
    LaunchEnv launch;
    /// Ours while we train. Empty: rank 0 takes it, unless a launcher started the ranks (launch.source "flags") and
    /// holds it.
    std::optional<RunLock> lock;
    bool json = false;  ///< the final summary on standard output as one JSON object instead of text
};

/// Settles what depends on this machine and changes numbers (threads 0 -> cores / ranks, attention auto -> the measured
/// kernel, vocabulary of the data) and makes the folder with the result in config.json. Fails before anything is
/// written when the data is missing (Data). With several ranks the launcher calls this, the ranks find the folder
/// ready.
Result<RunFolder> createRun(const RunConfig& config, const std::filesystem::path& path);

/// One rank from step 0 to the end; blocks. Connects the group, then rank 0 makes the folder with createRun unless it
/// exists (the caller has refused foreign folders before); all ranks read config.json. SIGTERM and SIGINT
/// (control/signals.h) stop with a checkpoint, the second one at once. Rank 0 writes a progress line to standard error
/// (step, loss, bits per byte, tokens/s, time left; in place on a terminal, every few seconds otherwise; the same text
/// goes to logs/rank-0.log where standard error is not that file) and the final summary to standard output (loss, bits
/// per byte on all validation text, n-gram models beside it, tokens, time, folder).
Result<TrainOutcome> trainRun(const RunConfig& config, RunCall call);

/// The same from the newest whole checkpoint, in a folder whose config.json the caller has already brought up to date.
/// A damaged checkpoint is named and the one before is taken; no checkpoint folder at all means step 0; folders but
/// none whole is an error of kind Data that names file and folder.
Result<TrainOutcome> resumeRun(RunCall call);

struct EvaluateReport {
    std::int64_t step = 0;
    std::string checkpoint;  ///< "step-00001000"
    std::int64_t bytes = 0;  ///< of validation text, all of it
    bool leaky = false;      ///< the routing saw later tokens: no likelihood
    double loss = 0;         ///< nats per token
    double bitsPerByte = 0;
    std::map<std::string, double> domains;  ///< bits per byte by domain
    std::vector<double>
        anchors;  ///< bits per byte of 2-, 3-, 4- and 5-gram models; empty where the data has no bytes to count
};

/// The newest whole checkpoint on all of the validation text; changes nothing in the folder. Progress on standard
/// error. A routing that sees later tokens is refused (User) unless the run's evaluation.accept_leaky or `acceptLeaky`
/// says otherwise.
Result<EvaluateReport> evaluateRun(const RunFolder& run, bool acceptLeaky = false);

/// "2.11.0", for `--version` and run.json.
std::string libtorchVersion();

}  // namespace moescope
