// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/control/command.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <system_error>

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "engine/base/file_system.h"
#include "engine/base/input_file.h"
#include "engine/base/json_text.h"
#include "engine/base/utf8.h"

namespace moescope {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxCommandBytes = 64 * 1024;
constexpr std::size_t kMaxTaken = 16;
constexpr double kLifetimeSeconds = 600;
constexpr double kSameEpochSeconds = 1e-3;  ///< start times are written in milliseconds or finer

double wallSeconds()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Sorts by time, then by process and count within it.
std::string freshId(double now)
{
    static std::atomic<int> count{0};
    char id[64];
    std::snprintf(id, sizeof id, "%014.3f-%d-%d", now, static_cast<int>(getpid()), ++count);
    return id;
}

nlohmann::ordered_json jsonOfCommand(const Command& command)
{
    nlohmann::ordered_json json;
    json["id"] = command.id;
    json["verb"] = verbName(command.verb);
    if (command.verb == Verb::Set) {
        json["key"] = command.key;
        json["value"] = command.value;
    }
    json["issuer"] = command.issuer;
    json["issued"] = command.issued;
    json["expires"] = command.expires;
    json["epoch"] = command.epoch;
    return json;
}

std::string dumped(const nlohmann::ordered_json& json)
{
    return json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

nlohmann::ordered_json jsonOfAnswer(const CommandAnswer& answer)
{
    return {{"accepted", answer.accepted}, {"text", answer.text}, {"time", wallSeconds()}};
}

Result<std::string> readSmallFile(const fs::path& path)
{
    const auto file = InputFile::open(path, InputFile::Links::Refuse);
    if (!file)
        return forward(file);
    const auto size = file->size();
    if (!size)
        return forward(size);
    if (*size > kMaxCommandBytes)
        return fail(ErrorKind::Data, "it has " + std::to_string(*size) + " bytes, the limit is 64 KiB");
    std::string text(*size, '\0');
    const auto read = file->readAt(0, std::as_writable_bytes(std::span(text)));
    if (!read)
        return forward(read);
    text.resize(*read);
    return text;
}

std::string textOf(const JsonNode& root, std::string_view key)
{
    const JsonNode* node = root.find(key);
    return node != nullptr && node->kind == JsonKind::Text ? node->text : "";
}

double numberOf(const JsonNode& root, std::string_view key)
{
    const JsonNode* node = root.find(key);
    return node == nullptr ? 0 : node->number;
}

/// Nothing when `into` was read, else what is wrong with the text.
std::optional<std::string> parseCommand(const std::string& text, Command& into)
{
    const JsonReading reading = readJsonText(text);
    if (!reading.problems.empty())
        return "it is no JSON: " + reading.problems.front().reason;
    const std::string verb = textOf(reading.root, "verb");
    const auto known = std::ranges::find(kVerbs, verb, verbName);
    if (known == std::end(kVerbs))
        return "the verb \"" + printable(verb.substr(0, 40)) + "\" is not known";
    into = {textOf(reading.root, "id"), *known, textOf(reading.root, "key"), textOf(reading.root, "value"),
        textOf(reading.root, "issuer"), numberOf(reading.root, "issued"), numberOf(reading.root, "expires"),
        numberOf(reading.root, "epoch")};
    if (into.verb == Verb::Set && into.key.empty())
        return "set needs a key";
    return std::nullopt;
}

}  // namespace

std::string_view verbName(Verb verb)
{
    switch (verb) {
    case Verb::Hold:
        return "hold";
    case Verb::Continue:
        return "continue";
    case Verb::Pause:
        return "pause";
    case Verb::Stop:
        return "stop";
    case Verb::Checkpoint:
        return "checkpoint";
    case Verb::Set:
        break;
    }
    return "set";
}

Result<std::string> postCommand(FileSystem& files, const fs::path& run, Command command)
{
    if (command.issued == 0)
        command.issued = wallSeconds();
    if (command.expires == 0)
        command.expires = command.issued + kLifetimeSeconds;
    if (command.id.empty())
        command.id = freshId(command.issued);
    const fs::path inbox = run / "control" / "inbox";
    if (auto made = files.makeFolder(inbox); !made)
        return forward(made);
    if (auto written = replaceFile(files, inbox / (command.id + ".json"), dumped(jsonOfCommand(command))); !written)
        return forward(written);
    return command.id;
}

std::optional<CommandAnswer> answerOf(const fs::path& run, const std::string& id)
{
    const auto text = readSmallFile(run / "control" / "done" / (id + ".json"));
    if (!text)
        return std::nullopt;
    const JsonReading reading = readJsonText(*text);
    const JsonNode* answer = reading.root.find("answer");
    const JsonNode* accepted = answer == nullptr ? nullptr : answer->find("accepted");
    if (accepted == nullptr)
        return std::nullopt;
    return CommandAnswer{accepted->flag, textOf(*answer, "text")};
}

Inbox::Inbox(FileSystem& files, fs::path run, double epoch)
    : m_files(&files)
    , m_inbox(run / "control" / "inbox")
    , m_done(run / "control" / "done")
    , m_epoch(epoch)
{
}

Inbox::Taken Inbox::take()
{
    std::vector<std::string> names;
    std::error_code error;
    for (fs::directory_iterator entry(m_inbox, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (!name.starts_with('.') && !m_seen.contains(name))
            names.push_back(name);
        if (names.size() == kMaxTaken)
            break;
    }
    std::ranges::sort(names);

    Taken taken;
    for (const std::string& name : names) {
        Command command;
        const std::optional<std::string> reason = refuse(name, command);
        m_seen.insert(name);
        const bool replayed = fs::exists(fs::symlink_status(m_done / name, error));
        (void)m_files->makeFolder(m_done);
        (void)(replayed ? m_files->remove(m_inbox / name)
                        : m_files->rename(m_inbox / name, m_done / name));  // m_seen keeps the promise
        if (replayed) {
            taken.refusals.push_back({name, "it was taken before"});
        } else if (reason) {
            taken.refusals.push_back({name, *reason});
            nlohmann::ordered_json json = {{"file", name}, {"answer", jsonOfAnswer({false, *reason})}};
            (void)replaceFile(*m_files, m_done / name, dumped(json));  // the caller logs the refusal as well
        } else {
            taken.commands.push_back(std::move(command));
        }
    }
    return taken;
}

/// Why the file is not carried out; nothing when it is read into `into`.
std::optional<std::string> Inbox::refuse(const std::string& name, Command& into)
{
    if (!name.ends_with(".json"))
        return "its name does not end in .json";
    const auto text = readSmallFile(m_inbox / name);
    if (!text)
        return text.error().text;
    if (auto wrong = parseCommand(*text, into))
        return wrong;
    if (into.id + ".json" != name)
        return "its id is not the name of the file";
    if (std::abs(into.epoch - m_epoch) > kSameEpochSeconds)
        return "it was meant for another process of this run";
    if (into.expires < wallSeconds())
        return "it has expired";
    return std::nullopt;
}

Result<void> Inbox::answer(const Command& command, const CommandAnswer& answer)
{
    nlohmann::ordered_json json = jsonOfCommand(command);
    json["answer"] = jsonOfAnswer(answer);
    return replaceFile(*m_files, m_done / (command.id + ".json"), dumped(json));
}

}  // namespace moescope
