// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Points XDG_CACHE_HOME at a folder while it lives, so that a test never sees the user's cache.
#pragma once

#include <cstdlib>
#include <optional>
#include <string>

#include "tests/support/temporary_folder.h"

namespace moescope {

class CacheInFolder {
public:
    explicit CacheInFolder(const std::filesystem::path& folder)
    {
        if (const char* before = std::getenv("XDG_CACHE_HOME"))
            m_before = before;
        ::setenv("XDG_CACHE_HOME", folder.c_str(), 1);
    }
    ~CacheInFolder()
    {
        if (m_before)
            ::setenv("XDG_CACHE_HOME", m_before->c_str(), 1);
        else
            ::unsetenv("XDG_CACHE_HOME");
    }
    CacheInFolder(const CacheInFolder&) = delete;
    CacheInFolder& operator=(const CacheInFolder&) = delete;

private:
    std::optional<std::string> m_before;
};

}  // namespace moescope
