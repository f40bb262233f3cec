// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What a checkpoint of a run holds, and how it gets into the model and optimiser again. spec: formats 5.2.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/run/checkpoint_folder.h"

namespace moescope {

class FileSystem;
class FlatAdamW;
class ParameterStore;

/// trainer.json: all that training needs besides the tensors. Data order and noise are functions of (seed, step), so
/// no generator has a state.
struct TrainerState {
    std::int64_t step = 0;
    std::int64_t tokens = 0;      ///< seen by training so far
    double flops = 0;             ///< spent by training so far
    std::int64_t numSkipped = 0;  ///< updates that were left out because of non-finite numbers
    std::int64_t bestStep = 0;    ///< of the best evaluation so far; 0 = none yet
    double bestBitsPerByte = 0;
    std::vector<std::string> frozen;  ///< parameters that training froze; optimizer.safetensors has no moments of them
    std::string dataFingerprint;
    std::string configHash;  ///< SHA-256 of config.json
    std::int64_t ranks = 1;
    std::string libtorch, program;

    friend bool operator==(const TrainerState&, const TrainerState&) = default;
};

/// Writes the checkpoint of `state.step`: model.safetensors (fp32 parameters and buffers), optimizer.safetensors (both
/// moments of every parameter that is still trained), trainer.json (`frozen` as the store says). Blocks for the fsync.
/// A full disk leaves the earlier ones whole.
Result<std::filesystem::path> saveCheckpoint(FileSystem& files, const std::filesystem::path& checkpoints,
    const ParameterStore& parameters, const FlatAdamW& optimizer, const TrainerState& state);

struct LoadedCheckpoint {
    TrainerState state;
    std::string name;                   ///< "step-00001000"
    std::vector<std::string> messages;  ///< about newer checkpoints that are damaged
};

/// Reads the newest checkpoint whose hashes hold, into the parameters and, unless null, the optimiser, and freezes
/// what was frozen. Nothing when
/// there never was one (`recorded`, from state.json, is empty and there is no checkpoint folder). Errors of kind Data:
/// none of them is whole (names folder and file), or names and shapes differ from the model's (a table of the
/// differences; nothing was changed then).
Result<std::optional<LoadedCheckpoint>> loadNewestCheckpoint(const std::filesystem::path& checkpoints,
    const std::string& recorded, ParameterStore& parameters, FlatAdamW* optimizer);

/// trainer.json of a checkpoint alone, e.g. to know the data fingerprint before the corpus is opened.
Result<TrainerState> readTrainerState(const CheckpointInfo& checkpoint);

}  // namespace moescope
