// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Bytes that many may read and nobody writes: a mapped file or memory, and views into them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace moescope {

/// Owner of the bytes. Immutable, shared between threads. A mapped file that is renamed or deleted stays readable; one
/// that is shortened is noticed by checkWhole(), which readers call before they touch the bytes.
class TextStorage {
public:
    /// Maps a regular file read-only. Missing, unreadable, a folder, a device: an error of kind Data. Empty files map
    /// to nothing.
    static Result<std::shared_ptr<const TextStorage>> map(const std::filesystem::path& file);
    static std::shared_ptr<const TextStorage> own(std::vector<std::uint8_t> bytes);
    ~TextStorage();
    TextStorage(const TextStorage&) = delete;
    TextStorage& operator=(const TextStorage&) = delete;

    std::span<const std::uint8_t> bytes() const { return m_bytes; }

    /// Error of kind Data, with both sizes, when the file behind the mapping has become shorter. One system call.
    Result<void> checkWhole() const;

private:
    TextStorage() = default;
    std::vector<std::uint8_t> m_owned;
    std::span<const std::uint8_t> m_bytes;
    std::filesystem::path m_path;
    int m_descriptor = -1;  ///< of a mapped file
};

/// A stretch of a storage that keeps it alive.
struct Text {
    std::shared_ptr<const TextStorage> storage;
    std::span<const std::uint8_t> bytes;
};

/// The whole storage as one text.
Text wholeText(std::shared_ptr<const TextStorage> storage);

/// SHA-256 of the bytes, 64 lower-case digits. Blocks; about 2 ns a byte without SHA instructions.
std::string sha256Of(std::span<const std::uint8_t> bytes);

}  // namespace moescope
