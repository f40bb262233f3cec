// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/data/cache_folder.h"

#include <cstdlib>
#include <string>

#include "engine/base/file_system.h"

namespace moescope {
namespace {

constexpr int kRenameAttempts = 100;  // each failure means that another process has just put its folder there

/// Renames a folder over one that may be there.
Result<void> renameOver(const std::filesystem::path& from, const std::filesystem::path& to)
{
    FileSystem& files = FileSystem::real();
    Result<void> renamed;
    for (int attempt = 0; attempt < kRenameAttempts; ++attempt) {
        renamed = files.rename(from, to);
        if (renamed)
            return {};
        std::error_code ignored;
        const std::filesystem::path old = to.parent_path() / temporaryName();
        std::filesystem::rename(to, old, ignored);  // fails where somebody else has moved it: look again
        if (auto removed = files.remove(old); !removed)
            return removed;
    }
    return renamed;
}

}  // namespace

Result<std::filesystem::path> cacheFolder()
{
    const char* cache = std::getenv("XDG_CACHE_HOME");
    if (cache != nullptr && cache[0] == '/')
        return std::filesystem::path(cache) / "moescope";
    const char* home = std::getenv("HOME");
    if (home != nullptr && home[0] == '/')
        return std::filesystem::path(home) / ".cache" / "moescope";
    return fail(ErrorKind::User, "there is no place for the cache: set XDG_CACHE_HOME or HOME to an absolute path");
}

Result<void> replaceFolder(
    const std::filesystem::path& folder, const std::function<Result<void>(const std::filesystem::path&)>& fill)
{
    FileSystem& files = FileSystem::real();
    const std::filesystem::path parent = folder.parent_path();
    if (auto made = files.makeFolder(parent); !made)
        return made;
    const std::filesystem::path temporary = parent / temporaryName();
    const auto finish = [&]() -> Result<void> {
        if (auto made = files.makeFolder(temporary); !made)
            return made;
        if (auto filled = fill(temporary); !filled)
            return filled;
        if (auto synced = files.syncFolder(temporary); !synced)
            return synced;
        if (auto renamed = renameOver(temporary, folder); !renamed)
            return renamed;
        return files.syncFolder(parent);
    };
    auto result = finish();
    if (auto removed = files.remove(temporary); !removed && result)
        return removed;
    return result;
}

}  // namespace moescope
