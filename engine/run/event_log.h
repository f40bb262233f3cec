// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The run's log: TensorBoard event files (TFRecord framing, masked CRC32C, protobuf by protozero). spec: formats 1.5.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/run/record.h"

namespace moescope {

class FileSystem;

/// Appends records to a new file `events.out.tfevents.SECONDS.HOST.PID.N`. One writer per run: rank 0.
/// Owned by the recorder thread; not safe for two threads. Every call may block on the disk.
class EventLogWriter {
public:
    /// Makes the file and writes `brain.Event:2` and SessionLog START at `firstStep`.
    static Result<EventLogWriter> create(FileSystem& files, const std::filesystem::path& run, std::int64_t firstStep);
    EventLogWriter(EventLogWriter&&) noexcept;
    EventLogWriter& operator=(EventLogWriter&&) noexcept;
    ~EventLogWriter();

    /// Declares what a tensor tag means; must come before its first value.
    void describe(TensorMeaning meaning);

    /// Encodes and writes one record, whole or not at all: after a short write the file is cut back to the last whole
    /// record. After an error of append() (a full disk) later calls may succeed again; the caller then records the gap.
    /// A tag's meaning is written with the first value that really reaches the file.
    Result<void> append(const Record& record);

    /// fdatasync. A failure is final for this file, append() then fails too: create a new writer.
    Result<void> sync();

    const std::filesystem::path& path() const;

private:
    struct Impl;
    explicit EventLogWriter(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// A place in the log that could not be read, for the reader's report.
struct LogDamage {
    std::filesystem::path file;
    std::uint64_t offset = 0;  ///< of the first bad byte
    std::string reason;        ///< "bad checksum", "length 9,223,372,036,854,775,807 is past the limit", …
};

/// Follows all event files of a folder in name order, by offset; polls read only new bytes.
/// Not safe for two threads. A torn tail of the newest file counts as "not yet written".
class EventLogReader {
public:
    explicit EventLogReader(std::filesystem::path run);
    EventLogReader(EventLogReader&&) noexcept;
    EventLogReader& operator=(EventLogReader&&) noexcept;
    ~EventLogReader();

    /// Next records, at most `limit`; empty when nothing new is there. A damaged file is read up to the damage, the
    /// next file goes on.
    Result<std::vector<Record>> poll(std::size_t limit = 4096);

    const std::vector<LogDamage>& damages() const;
    std::uint64_t bytesRead() const;
    std::uint64_t bytesKnown() const;  ///< size of all event files at the last poll, for progress

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace moescope
