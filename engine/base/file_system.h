// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// All writing to disk goes through this, so that a test can say "the third fsync fails".
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace moescope {

/// A file open for writing. Errors name the file. Closing without close() loses no data but reports nothing.
/// After a failed sync() every later call fails with the same error: what the kernel dropped cannot be known.
class OutputFile {
public:
    virtual ~OutputFile() = default;
    virtual Result<void> write(
        std::span<const std::byte> bytes) = 0;               ///< all of them; continues after short writes and EINTR
    virtual Result<void> reserve(std::uint64_t bytes) = 0;   ///< posix_fallocate
    virtual Result<void> truncate(std::uint64_t bytes) = 0;  ///< and go on writing there
    virtual Result<void> sync() = 0;                         ///< fdatasync; a failure is final for this file
    virtual Result<void> close() = 0;
};

class FileSystem {
public:
    virtual ~FileSystem() = default;
    virtual Result<std::unique_ptr<OutputFile>> create(
        const std::filesystem::path& path) = 0;                              ///< must not exist; mode 0644
    virtual Result<void> makeFolder(const std::filesystem::path& path) = 0;  ///< with its parents
    virtual Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
    virtual Result<void> remove(
        const std::filesystem::path& path) = 0;  ///< file or folder with all in it; missing is no error
    virtual Result<void> syncFolder(const std::filesystem::path& path) = 0;

    static FileSystem& real();
};

/// Name that no other process and no other call uses: ".tmp-PID-N". Short, so that it fits wherever the final name
/// fits.
std::string temporaryName();

/// Replaces `path` by `text`: temporary file beside it, sync, rename, folder sync. Readers see the old or the new text,
/// whole.
Result<void> replaceFile(FileSystem& files, const std::filesystem::path& path, std::string_view text);

/// Writes a new file whole and syncs it; after a failure there is no file. For files inside a folder that is renamed
/// later.
Result<void> writeNewFile(FileSystem& files, const std::filesystem::path& path, std::string_view text);

/// The whole file, refused with its size when larger than `limit`. Follows links; a pipe or device is refused, not
/// waited for.
Result<std::string> readFile(const std::filesystem::path& path, std::uint64_t limit);

/// A path for a message: what would move the cursor, reverse the text or is no UTF-8 stands escaped.
std::string shownPath(const std::filesystem::path& path);

/// "PATH: cannot WHAT: No space left on device", of the kind that belongs to errno.
Error fileError(const std::filesystem::path& path, std::string_view what, int error);

}  // namespace moescope
