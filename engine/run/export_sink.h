// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What the three export formats share: buffered files with names made from tags, and numbers and cells as text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/file_system.h"
#include "engine/run/export.h"
#include "engine/run/snapshot.h"

namespace moescope {

/// The files of one export. Not safe for two threads.
class ExportSink {
public:
    ExportSink(FileSystem& files, std::filesystem::path folder);
    ~ExportSink();

    /// Begins NAME + ending under a temporary name; a name that is taken in this export gets a number.
    Result<void> begin(std::string_view tag, std::string_view ending);
    /// Errors are kept until end().
    void put(std::string_view text);
    void put(std::span<const std::byte> bytes);
    /// Writes what is left and gives the file its name.
    Result<void> end(std::size_t numRecords);

    std::vector<ExportedFile> take() { return std::move(m_done); }

private:
    void flush();

    FileSystem& m_files;
    std::filesystem::path m_folder, m_temporary, m_target;
    std::unique_ptr<OutputFile> m_file;
    std::string m_buffer;
    Result<void> m_result;
    std::set<std::string> m_names;
    std::vector<ExportedFile> m_done;
};

/// "%.17g" of the C locale; "nan", "inf", "-inf".
std::string exportNumber(double value);

/// A text cell as RFC 4180 wants it. A cell that a spreadsheet would take for a formula gets an apostrophe in front.
std::string csvCell(std::string_view text);

/// "loss/total" as "loss-total": letters, digits, dot, minus and underscore, no leading dot.
std::string fileNameOf(std::string_view tag);

/// All scalars side by side, step by step.
class ScalarRows {
public:
    explicit ScalarRows(const RunSnapshot& run);

    bool next();  ///< false at the end
    std::int64_t step() const { return m_step; }
    double wallTime() const { return m_wallTime; }
    const std::vector<std::string>& tags() const { return m_tags; }
    /// Of the current step, by tag; null where a tag has no point there.
    const std::vector<const float*>& values() const { return m_values; }

private:
    std::vector<std::string> m_tags;
    std::vector<const Series*> m_series;
    std::vector<std::size_t> m_at;
    std::vector<float> m_numbers;
    std::vector<const float*> m_values;
    std::int64_t m_step = 0;
    double m_wallTime = 0;
};

Result<void> exportCsv(const RunSnapshot& run, const std::string& runName, ExportSink& sink);
Result<void> exportJsonLines(const RunSnapshot& run, ExportSink& sink);
Result<void> exportNpy(const RunSnapshot& run, ExportSink& sink);

}  // namespace moescope
