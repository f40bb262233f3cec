// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A regular file open for reading by pread: no mapping, so a file that shrinks meanwhile is an error and never a
// signal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

#include "engine/base/result.h"

namespace moescope {

/// Movable owner of a descriptor. readAt may be called from several threads at once.
class InputFile {
public:
    enum class Links { Follow, Refuse };

    /// Opens for reading. A folder, pipe or device is an error of kind Data and never blocks.
    static Result<InputFile> open(const std::filesystem::path& path, Links links = Links::Follow);
    InputFile(InputFile&& other) noexcept;
    InputFile& operator=(InputFile&& other) noexcept;
    ~InputFile();

    const std::filesystem::path& path() const { return m_path; }
    Result<std::uint64_t> size() const;  ///< now; a file being written grows

    /// Fills `into` from `offset` on; fewer bytes only where the file ends. Returns how many.
    Result<std::size_t> readAt(std::uint64_t offset, std::span<std::byte> into) const;

    /// The same, but fewer bytes are an error that names file and byte range.
    Result<void> readExactly(std::uint64_t offset, std::span<std::byte> into) const;

private:
    InputFile(int descriptor, std::filesystem::path path);
    int m_descriptor = -1;
    std::filesystem::path m_path;
};

}  // namespace moescope
