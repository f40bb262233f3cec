// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A command file and a line of the status pipe with any content.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/base/file_system.h"
#include "engine/control/command.h"
#include "engine/control/status_line.h"
#include "tests/fuzz/scratch_folder.h"

using namespace moescope;

namespace {

/// Nothing that comes out of an inbox waits for the disk here: a run a second is no fuzzing.
class MemoryOnly final : public FileSystem {
public:
    Result<std::unique_ptr<OutputFile>> create(const std::filesystem::path&) override
    {
        return fail(ErrorKind::Resources, "no disk");
    }
    Result<void> makeFolder(const std::filesystem::path&) override { return {}; }
    Result<void> rename(const std::filesystem::path&, const std::filesystem::path&) override { return {}; }
    Result<void> remove(const std::filesystem::path&) override { return {}; }
    Result<void> syncFolder(const std::filesystem::path&) override { return {}; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const ScratchFolder folder("control");
    static MemoryOnly disk;
    std::filesystem::create_directories(folder.path() / "control" / "inbox");
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    folder.write("control/inbox/a.json", text);
    Inbox inbox(disk, folder.path(), 5.0);
    const Inbox::Taken taken = inbox.take();
    if (taken.commands.size() + taken.refusals.size() != 1)
        std::abort();
    for (const Command& command : taken.commands)
        if (command.id != "a" || (command.verb == Verb::Set && command.key.empty()))
            std::abort();
    RunStatus status;
    if (readStatusLine(text, status) && !readStatusLine(statusLine(status), status))
        std::abort();
    return 0;
}
