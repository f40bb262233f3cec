// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Writes the log from a thread of its own, so that a slow or full disk never stops training silently.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/run/record.h"

namespace moescope {

class FileSystem;

struct RecorderOptions {
    std::int64_t firstStep = 1;           ///< of this process
    std::vector<TensorMeaning> meanings;  ///< of every tensor tag
    std::set<std::string> sums;           ///< tensor tags whose values add up over steps: counts and sums
    std::size_t maxQueuedBytes = std::size_t{64} << 20;
    std::chrono::milliseconds retry{500};  ///< between attempts while the disk refuses
};

struct RecorderHealth {
    std::size_t numQueued = 0;    ///< records that are not in the file yet
    std::int64_t numWritten = 0;  ///< records since the start
    std::int64_t numMerged =
        0;                 ///< records that went into a gap's sums because the queue was full and the disk refused
    bool failing = false;  ///< the disk refused the last attempt
    std::string problem;   ///< its error, or empty
    std::chrono::nanoseconds waited{0};  ///< that record() waited for a slow disk
};

/// Owned by the training thread of rank 0. While the disk refuses (it is full), records queue up; when the queue is
/// full too, they are merged into one: counts are summed, of everything else the newest stays, events stay all. Once
/// the disk takes data again, everything is written, with an event of kind `gap` that names steps and cause.
/// While the disk is merely slow, nothing is merged: record() waits once the queue is full, and a notice says so.
class Recorder {
public:
    /// Makes the event file (see EventLogWriter) and starts the thread. `files` must outlive the recorder.
    static Result<std::unique_ptr<Recorder>> start(
        FileSystem& files, const std::filesystem::path& run, RecorderOptions options);

    /// finish() unless it was called, without a report.
    ~Recorder();
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;

    /// Takes the record; returns at once but for the case above.
    void record(Record record);

    /// Waits until all that was recorded so far is on the disk (fdatasync). False after `limit`, or at once while the
    /// disk refuses: the records stay queued.
    bool flush(std::chrono::milliseconds limit);

    /// Writes what is queued, syncs and ends the thread. After `limit` of refusals: an error of kind Resources that
    /// says how many records are missing.
    Result<void> finish(std::chrono::milliseconds limit = std::chrono::seconds(5));

    RecorderHealth health() const;  ///< any thread

private:
    struct Impl;
    explicit Recorder(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

}  // namespace moescope
