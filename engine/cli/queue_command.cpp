// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// queue: works on the runs that wait, or lists them.
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "engine/base/utf8.h"
#include "engine/cli/commands.h"
#include "engine/cli/output.h"
#include "engine/control/queue_worker.h"

namespace moescope {

namespace {

struct QueueOptions {
    std::string folder;
    bool list = false, json = false;
};

constexpr std::pair<QueuePlace, const char*> kQueuePlaces[] = {
    {QueuePlace::Running, "running"}, {QueuePlace::Waiting, "waiting"}, {QueuePlace::Done, "done"}};

int listQueue(const RunQueue& queue, bool asJson)
{
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    std::string text;
    for (const auto& [place, word] : kQueuePlaces) {
        for (const QueueEntry& entry : queue.list(place)) {
            json.push_back({{"id", entry.id}, {"name", entry.name}, {"state", word}, {"run", entry.run.string()},
                {"code", entry.code}, {"cause", entry.problem.empty() ? entry.cause : entry.problem}});
            const std::string why = entry.problem.empty() ? entry.cause : entry.problem;
            text += padded(word, 8) + "  " + padded(printable(entry.name), 24) + "  " + printable(entry.run.string())
                + (why.empty() ? "" : "  " + printable(why)) + "\n";
        }
    }
    if (asJson)
        text = json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
    else if (text.empty())
        say("Nothing waits in " + printable(queue.folder().string()) + ".");
    return printResult(text) ? 0 : report({ErrorKind::Resources, "Standard output takes no more."});
}

int runQueue(const QueueOptions& options)
{
    const Result<RunQueue> queue =
        RunQueue::open(options.folder.empty() ? RunQueue::defaultFolder() : std::filesystem::path(options.folder));
    if (!queue)
        return report(queue.error());
    if (options.list || options.json)
        return listQueue(*queue, options.json);
    std::error_code error;
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
    const Result<int> ended = workQueue(*queue, self, [](const std::string& line) { say(line); });
    for (const QueueEntry& entry : queue->list(QueuePlace::Waiting))
        if (!entry.problem.empty())
            say("Left alone: " + printable(entry.problem));
    return ended ? 0 : report(ended.error());
}

}  // namespace

void addQueue(CLI::App& app, Action& action)
{
    auto options = std::make_shared<QueueOptions>();
    CLI::App* command = app.add_subcommand("queue", "Train the runs that wait in a queue, one after the other");
    command->add_option("DIR", options->folder, "folder of the queue; default: the one that the window shows");
    command->add_flag("--list", options->list, "only say what is in it");
    command->add_flag("--json", options->json, "the list as JSON");
    command->callback([options, &action] { action = [options] { return runQueue(*options); }; });
}

}  // namespace moescope
