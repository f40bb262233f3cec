// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What the log has said so far, ready to be looked at. Made by the Store, never changed afterwards.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/run/event_log.h"
#include "engine/run/record.h"
#include "engine/run/series.h"

namespace moescope {

/// A tensor over the run. Values stay in the file; steps and places are in memory.
class TensorTrack {
public:
    virtual ~TensorTrack() = default;
    virtual const TensorMeaning& meaning() const = 0;
    virtual std::vector<std::int64_t> shape() const = 0;
    virtual std::size_t size() const = 0;  ///< number of live records
    virtual std::int64_t step(std::size_t i) const = 0;
    virtual std::size_t indexAtOrBefore(std::int64_t step) const = 0;  ///< size() when there is none

    /// The numbers of record i, as double, row-major. Reads the file; a record that cannot be read is an error.
    virtual Result<std::vector<double>> values(std::size_t i) const = 0;

    /// Element-wise sum over the records with `fromStep` < step <= `toStep`: window counts. Few reads: block sums are
    /// kept.
    virtual Result<std::vector<double>> sum(std::int64_t fromStep, std::int64_t toStep) const = 0;

    /// For each column of (fromStep, toStep]: element-wise minimum, maximum and mean over its records of one row (`row`
    /// = first index of the shape). Layout [column][element]; NaN where a column has no record. Minimum and maximum
    /// leave NaN out. Over many records there are as many columns as blocks are kept, at most `numColumns`, and a block
    /// lies in the column of its middle: every record counts once.
    struct Columns {
        std::size_t numColumns = 0, numElements = 0;
        std::vector<float> minimum, maximum, mean;
    };
    virtual Result<Columns> columns(
        std::int64_t row, std::int64_t fromStep, std::int64_t toStep, std::size_t numColumns) const = 0;
};

struct RunEvent {
    std::int64_t step = 0;
    double wallTime = 0;
    std::string kind;  ///< "state", "checkpoint", "command", "notice", "alarm", "segment", …
    std::string json;
    std::size_t segment = 0;  ///< index into RunSnapshot::segments
};

/// One process start. A later segment may begin before the earlier one's end: those steps are rolled back.
struct Segment {
    std::int64_t firstStep = 0, lastStep = 0;
    double startTime = 0;
    std::int64_t rolledBackFrom = 0;  ///< first step that a later segment replaced; 0 = none
};

class RunSnapshot {
public:
    std::map<std::string, Series, std::less<>> scalars;  ///< by tag; live points
    std::map<std::string, Series, std::less<>> rolledBack;
    std::map<std::string, std::shared_ptr<const TensorTrack>, std::less<>> tensors;
    std::vector<RunEvent> events;
    std::vector<Segment> segments;
    std::vector<LogDamage> damages;
    std::int64_t lastStep = 0;
    double lastWallTime = 0;
    std::uint64_t bytesRead = 0, bytesKnown = 0;

    const Series* scalar(std::string_view tag) const;  ///< null when the log has none
    const TensorTrack* tensor(std::string_view tag) const;
};

/// Reads a run's log as it grows. Owned by one thread (the window gives it a worker); snapshots may go anywhere.
class RunStore {
public:
    explicit RunStore(std::filesystem::path run);
    ~RunStore();
    RunStore(RunStore&&) noexcept;
    RunStore& operator=(RunStore&&) noexcept;

    /// Takes in at most `maxRecords` new records. True when something new came. Blocks while it reads.
    Result<bool> poll(std::size_t maxRecords = 65536);

    /// Of all that poll() has taken in; the same object while nothing new came.
    std::shared_ptr<const RunSnapshot> snapshot() const;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace moescope
