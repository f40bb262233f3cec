// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Reads the records of all event files of a run as they grow: large reads, resynchronisation after damage, no copies.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/input_file.h"
#include "engine/base/result.h"
#include "engine/run/event_framing.h"
#include "engine/run/event_log.h"

namespace moescope {

/// Not safe for two threads.
class EventLogFollower {
public:
    explicit EventLogFollower(std::filesystem::path run);

    struct Place {
        std::size_t file = 0;      ///< index into files()
        std::uint64_t offset = 0;  ///< of the payload in the file
    };
    /// Gets one payload; its bytes are valid during the call. Returns null, or what is wrong with it.
    using Take = std::function<const char*(std::span<const std::byte> payload, Place place)>;

    /// Hands out at most `limit` whole records and returns how many. An error means that the folder or a file cannot be
    /// read now.
    Result<std::size_t> poll(std::size_t limit, const Take& take);

    const std::vector<std::filesystem::path>& files() const { return m_files; }
    const std::vector<LogDamage>& damages() const { return m_damages; }
    std::uint64_t bytesRead() const { return m_bytesBefore + m_offset; }
    std::uint64_t bytesKnown() const { return m_bytesKnown; }

    /// Adds to damages(), at most a thousand; then says that there is more.
    void report(std::size_t file, std::uint64_t offset, std::string reason);

private:
    enum class Outcome { Taken, Skipped, End };

    Result<void> findFiles();
    Result<void> openNext();
    Result<Outcome> step(const Take& take);
    Outcome take(const Frame& frame, const Take& take);
    Result<Outcome> resynchronise(const char* reason);
    Result<std::span<const std::byte>> bytesAt(std::uint64_t offset, std::uint64_t count);
    void finishFile();

    std::filesystem::path m_run;
    std::vector<std::filesystem::path> m_files;
    std::optional<InputFile> m_file;
    std::size_t m_current = 0;     ///< index of the file being read
    std::uint64_t m_offset = 0;    ///< of the next record
    std::uint64_t m_size = 0;      ///< of the current file
    std::uint64_t m_scanned = 0;   ///< up to here no record begins behind a damage at m_offset
    std::uint64_t m_scanWork = 0;  ///< bytes whose checksum was made while looking for the next record of this file
    std::vector<std::byte> m_buffer;
    std::uint64_t m_bufferStart = 0;
    std::size_t m_bufferFilled = 0;
    std::uint64_t m_bytesBefore = 0, m_bytesKnown = 0;
    std::vector<LogDamage> m_damages;
};

}  // namespace moescope
