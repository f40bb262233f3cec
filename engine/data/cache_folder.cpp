// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/data/cache_folder.h"

#include <cstdlib>
#include <string>

#include "engine/base/file_system.h"

namespace moescope {

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

Result<void> makeFolderOnce(const std::filesystem::path& folder, bool replace,
    const std::function<Result<void>(const std::filesystem::path&)>& fill)
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
        std::error_code ignored;
        if (replace && std::filesystem::exists(folder, ignored)) {
            const std::filesystem::path old = parent / temporaryName();
            std::filesystem::rename(folder, old, ignored);  // fails only where somebody else has just replaced it
            if (auto removed = files.remove(old); !removed)
                return removed;
        }
        if (auto renamed = files.rename(temporary, folder); !renamed && !std::filesystem::exists(folder, ignored))
            return renamed;
        return files.syncFolder(parent);
    };
    auto result = finish();
    if (auto removed = files.remove(temporary); !removed && result)
        return removed;
    return result;
}

}  // namespace moescope
