// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/cli/start_ranks.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "engine/base/file_system.h"
#include "engine/cli/output.h"
#include "engine/control/launcher.h"

namespace moescope {

namespace fs = std::filesystem;

namespace {

/// A new folder that only we can enter; gone when this value is.
class PrivateFolder {
public:
    PrivateFolder()
    {
        std::error_code ignored;
        std::string pattern = (fs::temp_directory_path(ignored) / ("moescope-" + std::string(6, 'X'))).string();
        if (mkdtemp(pattern.data()) != nullptr)
            m_path = pattern;
        else
            m_error = fileError(pattern, "make a private folder", errno);
    }
    ~PrivateFolder()
    {
        std::error_code ignored;
        if (!m_path.empty())
            fs::remove_all(m_path, ignored);
    }
    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;

    const fs::path& path() const { return m_path; }
    const Error& error() const { return m_error; }

private:
    fs::path m_path;
    Error m_error;
};

}  // namespace

int startRanks(const RunFolder& run, const RankOptions& options)
{
    const PrivateFolder store;
    if (store.path().empty())
        return report(store.error());
    std::error_code error;
    const fs::path program = fs::read_symlink("/proc/self/exe", error);
    if (error)
        return report({ErrorKind::Resources, "/proc/self/exe cannot be read: " + error.message()});
    if (auto made = FileSystem::real().makeFolder(run.logs()); !made)
        return report(made.error());

    std::vector<RankCommand> ranks(static_cast<std::size_t>(options.numRanks));
    for (int rank = 0; rank < options.numRanks; ++rank) {
        RankCommand& command = ranks[static_cast<std::size_t>(rank)];
        command.arguments = {program.string(), "rank", run.path().string(), "--rank", std::to_string(rank),
            "--world-size", std::to_string(options.numRanks), "--store", store.path().string()};
        if (options.resume)
            command.arguments.emplace_back("--resume");
        if (options.json)
            command.arguments.emplace_back("--json");
        command.log = run.logs() / ("rank-" + std::to_string(rank) + ".log");
        command.shown = rank == 0;
    }
    const Result<RunExit> exit = launchRanks(run, ranks);
    if (!exit)
        return report(exit.error());
    if (exit->code != 0)
        say("moescope-engine: the run ended: " + exit->cause + ". Logs: " + shownPath(run.logs()));
    return exit->code;
}

}  // namespace moescope
