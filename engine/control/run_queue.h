// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Runs that wait for their turn: a folder with one JSON file per entry. What an entry is doing is the folder it lies in
// (waiting/, running/, done/); it moves by rename. Any number of programs may look and change; one works on it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace moescope {

struct QueueEntry {
    std::string id;  ///< the file's name without .json
    std::string name;
    std::string configJson;     ///< as it would be given to `train`
    std::filesystem::path run;  ///< the folder that the run gets
    double order = 0;           ///< the lowest is next
    double added = 0;           ///< seconds since 1970
    int pid = 0;                ///< of the training process, while it runs
    int code = 0;               ///< of a done entry: exit code
    std::string cause;          ///< of a done entry that failed
    std::string problem;        ///< why the file cannot be read; empty = it can

    friend bool operator==(const QueueEntry&, const QueueEntry&) = default;
};

enum class QueuePlace { Waiting, Running, Done };

/// Held by flock, so kill -9 leaves nothing stale.
class QueueLock {
public:
    explicit QueueLock(int descriptor)
        : m_descriptor(descriptor)
    {
    }
    QueueLock(QueueLock&& other) noexcept;
    QueueLock& operator=(QueueLock&& other) noexcept;
    ~QueueLock();

private:
    int m_descriptor = -1;
};

/// All functions block for small reads and writes, and where they change something for the moment in which another
/// program changes it. Any thread; a value that only knows its folder.
class RunQueue {
public:
    /// Makes the folder and its places where they are missing.
    static Result<RunQueue> open(const std::filesystem::path& folder);
    static std::filesystem::path defaultFolder();  ///< $XDG_DATA_HOME/moescope/queue
    const std::filesystem::path& folder() const { return m_folder; }

    /// By order, done ones newest first. A file that cannot be read is an entry that says so.
    std::vector<QueueEntry> list(QueuePlace place) const;
    bool isWorkedOn() const;

    /// At the end; returns the id. Refuses a configuration of more than 512 KiB.
    Result<std::string> add(
        const std::string& name, const std::string& configJson, const std::filesystem::path& run) const;
    /// Of waiting ones. `index`: the place in list() that the entry shall have, clamped. An entry that is not waiting
    /// any more is an error of kind User.
    Result<void> move(const std::string& id, std::size_t index) const;
    Result<void> remove(const std::string& id) const;

    // ---- for the one that works on it

    /// Empty when somebody else works on it.
    Result<std::optional<QueueLock>> tryWork() const;
    /// The next one, which is running from here on; empty when none waits, and then `work` is released with the same
    /// breath: whoever adds one later finds the queue free.
    Result<std::optional<QueueEntry>> claim(std::optional<QueueLock>& work) const;
    Result<void> notePid(const QueueEntry& entry, int pid) const;
    Result<void> finish(QueueEntry entry, int code, const std::string& cause) const;
    Result<void> putBack(QueueEntry entry) const;  ///< it never began

private:
    explicit RunQueue(std::filesystem::path folder);
    std::filesystem::path placeOf(QueuePlace place) const;
    std::filesystem::path fileOf(QueuePlace place, const std::string& id) const;
    Result<QueueLock> edit() const;  ///< waits for its turn
    Result<void> write(QueuePlace place, const QueueEntry& entry) const;
    void forgetOld() const;

    std::filesystem::path m_folder;
};

}  // namespace moescope
