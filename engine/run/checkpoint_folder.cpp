// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/checkpoint_folder.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <optional>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "engine/base/file_system.h"
#include "engine/base/input_file.h"
#include "engine/base/sha256.h"
#include "engine/base/units.h"
#include "engine/run/json_file.h"

namespace moescope {
namespace {

constexpr int kManifestVersion = 1;
constexpr std::string_view kStepPrefix = "step-", kTemporaryPrefix = ".tmp-step-", kTrashPrefix = ".trash-";

/// A name in the same folder: no separator, no leading dot, no control characters.
bool isBareName(const std::string& name)
{
    const bool plain =
        std::ranges::all_of(name, [](unsigned char c) { return c > 0x20 && c < 0x7F && c != '/' && c != '\\'; });
    return !name.empty() && name.size() <= 255 && name.front() != '.' && plain;
}

std::string manifestJson(std::int64_t step, const std::map<std::string, WrittenFile>& files)
{
    nlohmann::ordered_json json;
    json["format_version"] = kManifestVersion;
    json["step"] = step;
    json["files"] = nlohmann::ordered_json::object();
    for (const auto& [name, file] : files)
        json["files"][name] = {{"bytes", file.bytes}, {"sha256", file.sha256}};
    return json.dump(2) + "\n";
}

Result<CheckpointInfo> readManifest(const std::filesystem::path& folder)
{
    const std::filesystem::path path = folder / "manifest.json";
    const auto root = readJsonFile(path);
    if (!root)
        return forward(root);
    if (auto version = checkFormatVersion(*root, path, kManifestVersion); !version)
        return forward(version);
    JsonFields fields(*root, path);
    CheckpointInfo info;
    info.path = folder;
    info.step = fields.integer("step");
    const JsonNode* files = fields.object("files");
    for (std::size_t i = 0; files != nullptr && i < files->members.size(); ++i) {
        const JsonMember& member = files->members[i];
        JsonFields inner(member.value, path);
        const std::int64_t bytes = inner.integer("bytes");
        if (!isBareName(member.key) || bytes < 0)
            fields.refuse(member.value, "files", "names in this folder, with their sizes");
        info.files[member.key] = {static_cast<std::uint64_t>(bytes), inner.text("sha256")};
        if (inner.error())
            return tl::make_unexpected(*inner.error());
    }
    if (fields.error())
        return tl::make_unexpected(*fields.error());
    return info;
}

/// The step of "step-00001000", or nothing.
std::optional<std::int64_t> stepOfName(const std::string& name)
{
    if (!name.starts_with(kStepPrefix))
        return std::nullopt;
    std::int64_t step = 0;
    const auto end = std::from_chars(name.data() + kStepPrefix.size(), name.data() + name.size(), step);
    const bool whole = end.ec == std::errc() && end.ptr == name.data() + name.size();
    return whole && step >= 0 && checkpointName(step) == name ? std::optional(step) : std::nullopt;
}

std::vector<std::filesystem::path> entriesOf(const std::filesystem::path& folder)
{
    std::vector<std::filesystem::path> paths;
    std::error_code error;
    std::filesystem::directory_iterator entries(folder, error);
    for (; !error && entries != std::filesystem::directory_iterator(); entries.increment(error))
        paths.push_back(entries->path());
    return paths;
}

/// Puts the finished folder in its place; one of that name that is there already (a damaged one, written again) moves
/// to the trash.
Result<void> publish(FileSystem& files, const std::filesystem::path& temporary, const std::filesystem::path& target)
{
    const std::filesystem::path folder = target.parent_path();
    const std::filesystem::path trash =
        folder / (std::string(kTrashPrefix) + target.filename().string() + "-" + std::to_string(::getpid()));
    std::error_code error;
    const bool replaces = std::filesystem::exists(target, error);
    if (replaces) {
        if (auto moved = files.rename(target, trash); !moved)
            return moved;
    }
    if (auto renamed = files.rename(temporary, target); !renamed) {
        if (replaces)
            (void)files.rename(trash, target);  // the error of the first renaming is the one to tell
        return renamed;
    }
    if (auto synced = files.syncFolder(folder); !synced)
        return synced;
    if (replaces)
        (void)files.remove(trash);  // what stays is swept with the next prune
    return {};
}

}  // namespace

std::string checkpointName(std::int64_t step)
{
    std::array<char, 32> text;
    std::snprintf(text.data(), text.size(), "step-%08lld", static_cast<long long>(step));
    return text.data();
}

Result<WrittenFile> writeCheckpointFile(FileSystem& files, const std::filesystem::path& file, std::string_view text)
{
    if (auto written = writeNewFile(files, file, text); !written)
        return forward(written);
    Sha256 hash;
    hash.update(std::as_bytes(std::span(text)));
    return WrittenFile{text.size(), hash.hex()};
}

Result<std::filesystem::path> writeCheckpoint(FileSystem& files, const std::filesystem::path& checkpoints,
    std::int64_t step,
    const std::function<Result<std::map<std::string, WrittenFile>>(const std::filesystem::path& folder)>& fill)
{
    const std::filesystem::path target = checkpoints / checkpointName(step);
    const std::filesystem::path temporary =
        checkpoints / (std::string(kTemporaryPrefix) + std::to_string(step) + "-" + std::to_string(::getpid()));
    const auto build = [&]() -> Result<void> {
        if (auto removed = files.remove(temporary); !removed)
            return removed;
        if (auto made = files.makeFolder(temporary); !made)
            return made;
        const auto written = fill(temporary);
        if (!written)
            return forward(written);
        if (auto manifest = writeNewFile(files, temporary / "manifest.json", manifestJson(step, *written)); !manifest)
            return manifest;
        if (auto synced = files.syncFolder(temporary); !synced)
            return synced;
        return publish(files, temporary, target);
    };
    if (auto built = build(); !built) {
        (void)files.remove(temporary);  // the error of the building is the one to tell
        return forward(built);
    }
    return target;
}

std::vector<CheckpointInfo> listCheckpoints(const std::filesystem::path& checkpoints)
{
    std::vector<CheckpointInfo> found;
    for (const std::filesystem::path& path : entriesOf(checkpoints)) {
        std::error_code error;
        const auto step = stepOfName(path.filename().string());
        if (!step || !std::filesystem::is_directory(std::filesystem::symlink_status(path, error)))
            continue;
        auto info = readManifest(path);
        if (info && info->step == *step)
            found.push_back(std::move(*info));
    }
    std::ranges::sort(found, std::greater(), &CheckpointInfo::step);
    return found;
}

Result<void> verifyCheckpoint(const CheckpointInfo& info)
{
    for (const auto& [name, expected] : info.files) {
        const std::filesystem::path path = info.path / name;
        const auto file = InputFile::open(path, InputFile::Links::Refuse);
        if (!file)
            return forward(file);
        const auto size = file->size();
        if (!size)
            return forward(size);
        const auto count = [](std::uint64_t bytes) { return formatCount(static_cast<std::int64_t>(bytes)); };
        if (*size != expected.bytes)
            return fail(ErrorKind::Data,
                shownPath(path) + ": has " + count(*size) + " bytes, but the manifest says " + count(expected.bytes)
                    + ". The file is damaged; an older checkpoint may be whole.");
        const auto hash = sha256OfFile(path);
        if (!hash)
            return forward(hash);
        if (*hash != expected.sha256)
            return fail(ErrorKind::Data,
                shownPath(path) + ": bytes 0 to " + count(*size) + " have SHA-256 " + *hash + ", but the manifest says "
                    + expected.sha256 + ". The file is damaged; an older checkpoint may be whole.");
    }
    return {};
}

void pruneCheckpoints(FileSystem& files, const std::filesystem::path& checkpoints, std::int64_t keepLast,
    const std::vector<std::int64_t>& keepSteps)
{
    const std::string ours = "-" + std::to_string(::getpid());
    for (const std::filesystem::path& path : entriesOf(checkpoints)) {
        const std::string name = path.filename().string();
        const bool left =
            name.starts_with(kTrashPrefix) || (name.starts_with(kTemporaryPrefix) && !name.ends_with(ours));
        if (left)
            (void)files.remove(path);  // what could not be deleted is tried again next time
    }
    const std::vector<CheckpointInfo> found = listCheckpoints(checkpoints);
    for (auto i = static_cast<std::size_t>(std::max<std::int64_t>(keepLast, 2)); i < found.size(); ++i) {
        if (std::ranges::find(keepSteps, found[i].step) != keepSteps.end())
            continue;
        const std::filesystem::path trash =
            checkpoints / (std::string(kTrashPrefix) + found[i].path.filename().string() + ours);
        // The manifest goes first: a deletion that ends half-way leaves nothing that looks complete.
        if (files.rename(found[i].path, trash) && files.remove(trash / "manifest.json"))
            (void)files.remove(trash);
    }
}

}  // namespace moescope
