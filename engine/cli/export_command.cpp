// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <memory>

#include <CLI/CLI.hpp>

#include "engine/base/file_system.h"
#include "engine/base/units.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/run/export.h"
#include "engine/run/run_folder.h"

namespace moescope {

namespace {

struct ExportOptions {
    std::string run, folder, format = "csv";
    bool json = false;
};

const std::map<std::string, ExportFormat> kFormats = {
    {"csv", ExportFormat::Csv}, {"jsonl", ExportFormat::JsonLines}, {"npy", ExportFormat::Npy}};

int exportCommand(const ExportOptions& options)
{
    const Result<RunFolder> run = RunFolder::open(FileSystem::real(), options.run);
    if (!run)
        return report(run.error());
    const auto files = exportRun(run->path(), options.folder, kFormats.at(options.format));
    if (!files)
        return report(files.error());
    std::string text;
    for (const ExportedFile& file : *files)
        text += options.json ? (text.empty() ? "[" : ",\n ") + ("{\"path\": " + jsonText(file.path.string()))
                + ", \"records\": " + std::to_string(file.numRecords) + "}"
                             : shownPath(file.path) + "\n";
    if (options.json)
        text = text.empty() ? "[]\n" : text + "]\n";
    say(formatCount(static_cast<std::int64_t>(files->size())) + " files in " + shownPath(options.folder) + ".");
    return printResult(text) ? 0 : report({ErrorKind::Resources, "Standard output takes no more."});
}

}  // namespace

void addExport(CLI::App& app, Action& action)
{
    auto options = std::make_shared<ExportOptions>();
    CLI::App* command = app.add_subcommand("export", "Write a run's numbers as CSV, JSON lines or NumPy arrays");
    command->add_option("RUN", options->run, "folder of the run")->required();
    command->add_option("-o,--output", options->folder, "folder for the files")->required();
    command->add_option("--format", options->format, "csv, jsonl or npy")
        ->check(CLI::IsMember({"csv", "jsonl", "npy"}));
    command->add_flag("--json", options->json, "the list of files as JSON");
    command->callback([options, &action] { action = [options] { return exportCommand(*options); }; });
}

}  // namespace moescope
