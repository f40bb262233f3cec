// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/run_path.h"

#include <array>
#include <ctime>
#include <system_error>

#include "engine/base/file_system.h"
#include "engine/run/run_folder.h"

namespace moescope {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMaxNameBytes = 100;

std::string folderName(const std::string& name)
{
    std::string plain;
    for (const char c : name.substr(0, kMaxNameBytes)) {
        const bool kept =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_';
        plain += kept ? c : '-';
    }
    return plain.starts_with('.') || plain.empty() ? "run" + plain : plain;
}

}  // namespace

fs::path defaultRunPath(const std::string& name)
{
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    std::array<char, 32> time{};
    std::strftime(time.data(), time.size(), "-%Y%m%d-%H%M%S", &local);
    const fs::path base = RunFolder::defaultRoot() / (folderName(name) + time.data());
    fs::path path = base;
    std::error_code ignored;
    for (int i = 2; fs::exists(path, ignored); ++i)
        path = base.string() + '-' + std::to_string(i);
    return path;
}

Result<void> checkNewRunPath(const fs::path& path)
{
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found)
        return {};
    if (status.type() != fs::file_type::directory)
        return fail(ErrorKind::Data, shownPath(path) + " is no folder; choose another place with --run.");
    const bool empty = fs::is_empty(path, error);
    if (error)
        return fail(ErrorKind::Data, shownPath(path) + " cannot be read: " + error.message());
    if (!empty)
        return fail(ErrorKind::Data,
            shownPath(path) + " exists and is not empty. To go on with a run there: moescope-engine resume "
                + shownPath(path) + ". To start a new one, choose another place with --run.");
    return {};
}

}  // namespace moescope
