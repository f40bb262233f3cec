// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/export.h"

#include "engine/run/export_sink.h"
#include "engine/run/run_folder.h"

namespace moescope {

Result<std::vector<ExportedFile>> exportRun(
    const std::filesystem::path& path, const std::filesystem::path& folder, ExportFormat format)
{
    FileSystem& files = FileSystem::real();
    const auto run = RunFolder::open(files, path);
    if (!run)
        return forward(run);
    RunStore store(path);
    for (Result<bool> more = true; *more;) {
        more = store.poll();
        if (!more)
            return forward(more);
    }
    if (auto made = files.makeFolder(folder); !made)
        return forward(made);
    ExportSink sink(files, folder);
    const auto snapshot = store.snapshot();
    const auto write = [&] {
        switch (format) {
        case ExportFormat::JsonLines:
            return exportJsonLines(*snapshot, sink);
        case ExportFormat::Npy:
            return exportNpy(*snapshot, sink);
        case ExportFormat::Csv:
            break;
        }
        return exportCsv(*snapshot, run->identity().name, sink);
    };
    if (auto written = write(); !written)
        return forward(written);
    return sink.take();
}

}  // namespace moescope
