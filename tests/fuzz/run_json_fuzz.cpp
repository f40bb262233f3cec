// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The small JSON files of a run folder over any text: run.json, state.json, manifest.json.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/base/file_system.h"
#include "engine/run/checkpoint_folder.h"
#include "engine/run/run_documents.h"
#include "tests/fuzz/scratch_folder.h"

using namespace moescope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const ScratchFolder folder("run-json");
    std::filesystem::create_directories(folder.path() / "checkpoints" / "step-00000001");
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    folder.write("run.json", text);
    folder.write("checkpoints/step-00000001/manifest.json", text);
    // What can be read can be written and read again.
    if (const auto identity = readRunIdentity(folder.path() / "run.json")) {
        folder.write("again.json", toJson(*identity));
        if (!readRunIdentity(folder.path() / "again.json"))
            std::abort();
    }
    if (const auto status = readRunStatus(folder.path() / "run.json")) {
        folder.write("again.json", toJson(*status));
        if (!readRunStatus(folder.path() / "again.json"))
            std::abort();
    }
    for (const CheckpointInfo& info : listCheckpoints(folder.path() / "checkpoints"))
        (void)verifyCheckpoint(info);
    return 0;
}
