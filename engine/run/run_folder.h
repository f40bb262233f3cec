// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The run folder: its names, its making, its lock, its state. The only interface between the engine and everything
// else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace moescope {

class FileSystem;

inline constexpr int kFormatVersion = 1;

enum class RunState { Created, Loading, Training, Holding, Paused, Stopping, Finished, Stopped, Failed };
std::string_view stateName(RunState state);  ///< "training"

struct RunIdentity {  // run.json
    int formatVersion = kFormatVersion;
    std::string id, name;
    double created = 0;  ///< seconds since 1970
    std::string program, libtorch, git, host;
    std::vector<std::string> devices;
    std::int64_t seed = 0;
    std::string parentRun;  ///< of a fork; empty = none
    std::int64_t parentStep = 0;
};

struct RunExit {
    int code = 0;
    std::string cause;  ///< "finished", "stop", "pause", "signal", "peer_lost", …
    int rank = -1;      ///< the rank that ended the run; -1 = none in particular
};

struct RunStatus {  // state.json
    RunState state = RunState::Created;
    std::int64_t step = 0;
    int pid = 0;
    double startTime = 0, heartbeat = 0;
    std::string checkpoint;  ///< name of the newest complete one: "step-00001000"; empty = none
    std::optional<RunExit> exit;
};

/// Held while a process trains in the folder; flock, so kill -9 leaves nothing stale.
class RunLock {
public:
    RunLock(RunLock&&) noexcept;
    RunLock& operator=(RunLock&&) noexcept;
    ~RunLock();

private:
    friend class RunFolder;
    explicit RunLock(int descriptor);
    int m_descriptor = -1;
};

class RunFolder {
public:
    /// Makes the folder under a temporary name with run.json and config.json and renames it whole.
    /// A folder that exists and is not empty is an error of kind Data that names it and suggests `resume`.
    static Result<RunFolder> create(FileSystem& files, const std::filesystem::path& path, const RunIdentity& identity,
        const std::string& configJson);

    /// Opens and checks: not a run, unreadable, or written by a newer version are errors of kind Data.
    static Result<RunFolder> open(FileSystem& files, const std::filesystem::path& path);

    /// Folders of runs in `root`, newest first, those with a broken run.json last; what is no run is left out silently.
    static std::vector<std::filesystem::path> list(const std::filesystem::path& root);

    /// $XDG_DATA_HOME/moescope/runs
    static std::filesystem::path defaultRoot();

    const std::filesystem::path& path() const { return m_path; }
    const RunIdentity& identity() const { return m_identity; }
    Result<std::string> configJson() const;

    /// Fails within 0.1 s, naming the holder's pid and host, when another process trains here. Deletes half-written
    /// state files that a killed process left.
    Result<RunLock> lock() const;
    bool isLocked() const;

    Result<RunStatus> status() const;
    Result<void> writeStatus(const RunStatus& status) const;  ///< atomic replace

    std::filesystem::path checkpoints() const { return m_path / "checkpoints"; }
    std::filesystem::path inbox() const { return m_path / "control" / "inbox"; }
    std::filesystem::path done() const { return m_path / "control" / "done"; }
    std::filesystem::path logs() const { return m_path / "logs"; }
    std::filesystem::path charts() const { return m_path / "charts"; }

private:
    RunFolder(FileSystem& files, std::filesystem::path path, RunIdentity identity);
    FileSystem* m_files;
    std::filesystem::path m_path;
    RunIdentity m_identity;
};

}  // namespace moescope
