// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/run_folder.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "engine/base/file_system.h"
#include "engine/base/json_text.h"
#include "engine/run/run_documents.h"

namespace moescope {
namespace {

/// Everything that a new run folder has, in a folder that nobody knows yet.
Result<void> fillRunFolder(
    FileSystem& files, const std::filesystem::path& folder, const RunIdentity& identity, const std::string& configJson)
{
    for (const char* name : {"checkpoints", "control/inbox", "control/done", "logs", "charts"}) {
        if (auto made = files.makeFolder(folder / name); !made)
            return made;
    }
    RunStatus status;
    status.heartbeat = identity.created;
    const std::pair<const char*, std::string> texts[] = {
        {"run.json", toJson(identity)}, {"config.json", configJson}, {"state.json", toJson(status)}, {"lock", ""}};
    for (const auto& [name, text] : texts) {
        if (auto written = writeNewFile(files, folder / name, text); !written)
            return written;
    }
    return files.syncFolder(folder);
}

bool isTaken(const std::filesystem::path& path)
{
    std::error_code error;
    const auto status = std::filesystem::symlink_status(path, error);
    if (!std::filesystem::exists(status))
        return false;
    return !std::filesystem::is_directory(status) || !std::filesystem::is_empty(path, error);
}

tl::unexpected<Error> taken(const std::filesystem::path& path)
{
    const std::string shown = shownPath(path);
    return fail(ErrorKind::Data,
        shown + ": exists and is not empty; nothing was written. To go on with that run: moescope-engine resume '"
            + shown + "'. For a new one give another folder with --run.");
}

}  // namespace

RunFolder::RunFolder(FileSystem& files, std::filesystem::path path, RunIdentity identity)
    : m_files(&files)
    , m_path(std::move(path))
    , m_identity(std::move(identity))
{
}

Result<RunFolder> RunFolder::create(
    FileSystem& files, const std::filesystem::path& path, const RunIdentity& identity, const std::string& configJson)
{
    std::filesystem::path target = path;
    if (!target.has_filename())
        target = target.parent_path();  // "runs/a/"
    if (isTaken(target))
        return taken(target);
    const std::filesystem::path parent = target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
    if (auto made = files.makeFolder(parent); !made)
        return forward(made);
    const std::filesystem::path temporary = parent / temporaryName();
    const auto build = [&]() -> Result<void> {
        if (auto removed = files.remove(temporary); !removed)
            return removed;
        if (auto filled = fillRunFolder(files, temporary, identity, configJson); !filled)
            return filled;
        return files.rename(temporary, target);
    };
    if (auto built = build(); !built) {
        (void)files.remove(temporary);  // the error of the building is the one to tell
        if (isTaken(target))
            return taken(target);
        return forward(built);
    }
    if (auto synced = files.syncFolder(parent); !synced)
        return forward(synced);
    return RunFolder(files, target, identity);
}

Result<RunFolder> RunFolder::open(FileSystem& files, const std::filesystem::path& path)
{
    std::error_code error;
    if (!std::filesystem::is_directory(path, error))
        return fail(ErrorKind::Data, shownPath(path) + ": there is no run folder of this name.");
    if (!std::filesystem::exists(path / "run.json", error))
        return fail(ErrorKind::Data, shownPath(path) + ": is no run folder, it has no run.json.");
    auto identity = readRunIdentity(path / "run.json");
    if (!identity)
        return forward(identity);
    return RunFolder(files, path, std::move(*identity));
}

std::vector<std::filesystem::path> RunFolder::list(const std::filesystem::path& root)
{
    std::vector<std::pair<double, std::filesystem::path>> found;
    std::error_code error;
    std::filesystem::directory_iterator entries(root, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error)) {
        const std::filesystem::path& path = entries->path();
        std::error_code unreadable;
        const bool hidden = path.filename().native().starts_with('.');
        if (hidden || !std::filesystem::is_regular_file(path / "run.json", unreadable))
            continue;
        // A run whose run.json is broken is listed last, so that somebody sees it.
        const auto identity = readRunIdentity(path / "run.json");
        found.emplace_back(identity ? identity->created : 0, path);
    }
    std::ranges::sort(found, std::greater());
    std::vector<std::filesystem::path> paths;
    for (auto& [created, path] : found)
        paths.push_back(std::move(path));
    return paths;
}

std::filesystem::path RunFolder::defaultRoot()
{
    const char* data = std::getenv("XDG_DATA_HOME");
    if (data != nullptr && data[0] == '/')
        return std::filesystem::path(data) / "moescope" / "runs";
    const char* home = std::getenv("HOME");
    const std::filesystem::path base = home != nullptr && home[0] != '\0' ? home : ".";
    return base / ".local" / "share" / "moescope" / "runs";
}

Result<std::string> RunFolder::configJson() const { return readFile(m_path / "config.json", kMaxJsonBytes); }

Result<RunStatus> RunFolder::status() const { return readRunStatus(m_path / "state.json"); }

Result<void> RunFolder::writeStatus(const RunStatus& status) const
{
    return replaceFile(*m_files, m_path / "state.json", toJson(status));
}

}  // namespace moescope
