// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Commands to a run: one JSON file each, written under a temporary name and renamed into control/inbox, answered in the log.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace moescope {

class FileSystem;

enum class Verb { Hold, Continue, Pause, Stop, Checkpoint, Set };
std::string_view verbName(Verb verb);

struct Command {
    std::string id;  ///< unique; the file's name
    Verb verb = Verb::Hold;
    std::string key, value;  ///< of Set
    std::string issuer;  ///< "window", "command line"
    double issued = 0, expires = 0;  ///< seconds since 1970
    double epoch = 0;  ///< start_time of the process it is meant for; another process refuses it
};

/// Writes the command; the run's process takes it up at the next step boundary. Returns its id.
Result<std::string> postCommand(FileSystem& files, const std::filesystem::path& run, Command command);

/// Rank 0's end. Not safe for two threads. Reads at most 64 KiB a file, follows no links.
class Inbox {
public:
    Inbox(FileSystem& files, std::filesystem::path run, double epoch);

    struct Refusal {
        std::string file, reason;
    };
    struct Taken {
        std::vector<Command> commands;  ///< in the order of their names, each at most once
        std::vector<Refusal> refusals;  ///< expired, for another epoch, malformed, too large, a link: moved to done/ with the reason
    };
    Taken take();

private:
    FileSystem* m_files;
    std::filesystem::path m_run;
    double m_epoch;
};

}  // namespace moescope
