// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Checkpoints on disk: built under a temporary name, manifest last, renamed whole. spec: formats 5.2.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/run/safetensors.h"

namespace moescope {

class FileSystem;

/// "step-00001000"
std::string checkpointName(std::int64_t step);

/// A small text file of a checkpoint (trainer.json), synced.
Result<WrittenFile> writeCheckpointFile(FileSystem& files, const std::filesystem::path& file, std::string_view text);

/// Writes one checkpoint: `fill` puts files into the temporary folder it is given (by writeSafetensors and
/// writeCheckpointFile, which sync them) and returns what it wrote, by name. Then the manifest, fsync of the folder,
/// rename, fsync of the parent. On any failure the temporary folder is removed and the earlier checkpoints are
/// untouched. A folder of the same step that is there already is replaced.
Result<std::filesystem::path> writeCheckpoint(FileSystem& files, const std::filesystem::path& checkpoints,
    std::int64_t step,
    const std::function<Result<std::map<std::string, WrittenFile>>(const std::filesystem::path& folder)>& fill);

struct CheckpointInfo {
    std::filesystem::path path;
    std::int64_t step = 0;
    std::map<std::string, WrittenFile> files;
};

/// Complete ones (with a readable manifest), newest first. Sizes and hashes are not checked here.
std::vector<CheckpointInfo> listCheckpoints(const std::filesystem::path& checkpoints);

/// Compares sizes and SHA-256 with the manifest. The error names file and byte range.
Result<void> verifyCheckpoint(const CheckpointInfo& info);

/// Deletes all but the newest `keepLast` (at least 2) and those in `keepSteps`: renamed to `.trash-…`, manifest first.
/// Also deletes what killed processes left half-way, so the caller holds the run's lock. Never an error for training:
/// what could not be deleted is left and tried again next time.
void pruneCheckpoints(FileSystem& files, const std::filesystem::path& checkpoints, std::int64_t keepLast,
    const std::vector<std::int64_t>& keepSteps);

}  // namespace moescope
