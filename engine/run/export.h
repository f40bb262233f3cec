// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A run's numbers as files that everybody can read. spec: formats 1.7.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace moescope {

enum class ExportFormat { Csv, JsonLines, Npy };

struct ExportedFile {
    std::filesystem::path path;
    std::size_t numRecords = 0;
};

/// Writes scalars, tensors and events of a run into `folder`, which is made; existing files of the same names are
/// replaced. csv: scalars.csv (one row a step, one column a tag), scalars_long.csv (run, step, wall_time, metric,
/// value), TAG.csv for each tensor (step, its indices, value), events.csv; jsonl: scalars.jsonl, tensors.jsonl,
/// events.jsonl, one record a line; npy: one .npy for each scalar (two columns step and value, float64) and each tensor
/// ([records, …], with TAG-steps.npy beside it). A "/" in a tag becomes "-" in a file name. NaN and infinity are
/// spelled nan, inf, -inf (texts in JSON). Steps that a resume replaced are left out. Reads a live run up to now;
/// blocks meanwhile.
Result<std::vector<ExportedFile>> exportRun(
    const std::filesystem::path& run, const std::filesystem::path& folder, ExportFormat format);

}  // namespace moescope
