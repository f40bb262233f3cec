// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Commands to a run: one JSON file each, written under a temporary name and renamed into control/inbox, moved to
// control/done with the answer. spec: formats 2.5.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace moescope {

class FileSystem;

enum class Verb { Hold, Continue, Pause, Stop, Checkpoint, Set };
inline constexpr Verb kVerbs[] = {Verb::Hold, Verb::Continue, Verb::Pause, Verb::Stop, Verb::Checkpoint, Verb::Set};
std::string_view verbName(Verb verb);  ///< "hold"

struct Command {
    std::string id;  ///< unique; the file's name without .json. Empty when posted: postCommand makes one
    Verb verb = Verb::Hold;
    std::string key, value;          ///< of Set
    std::string issuer;              ///< "window", "command line"
    double issued = 0, expires = 0;  ///< seconds since 1970; 0 when posted: now, and ten minutes later
    double epoch = 0;  ///< start_time (state.json) of the process it is meant for; another process refuses it

    friend bool operator==(const Command&, const Command&) = default;
};

struct CommandAnswer {
    bool accepted = false;
    std::string text;  ///< for a person: "held at step 120"

    friend bool operator==(const CommandAnswer&, const CommandAnswer&) = default;
};

/// Writes the command; the run's process takes it up at the next step boundary. Returns its id.
Result<std::string> postCommand(FileSystem& files, const std::filesystem::path& run, Command command);

/// The answer to a posted command, once there is one.
std::optional<CommandAnswer> answerOf(const std::filesystem::path& run, const std::string& id);

/// Rank 0's end. Not safe for two threads. Reads at most 64 KiB a file and 16 files a call, follows no links.
class Inbox {
public:
    Inbox(FileSystem& files, std::filesystem::path run, double epoch);

    struct Refusal {
        std::string file, reason;
    };
    struct Taken {
        std::vector<Command> commands;  ///< in the order of their names, each at most once, also over restarts
        std::vector<Refusal>
            refusals;  ///< expired, for another epoch, replayed, malformed, too large, a link: answered already
    };

    /// Moves what is there to control/done before it hands it out. Cheap when the inbox is empty.
    Taken take();

    /// Completes control/done/ID.json. Every command that was taken gets one; the log gets its event from the caller.
    Result<void> answer(const Command& command, const CommandAnswer& answer);

private:
    std::optional<std::string> refuse(const std::string& name, Command& into);

    FileSystem* m_files;
    std::filesystem::path m_inbox, m_done;
    double m_epoch;
    std::set<std::string> m_seen;  ///< names handed out or refused: never again, even when the disk refuses the move
};

}  // namespace moescope
