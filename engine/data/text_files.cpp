// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/data/text_files.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "engine/base/file_system.h"
#include "engine/base/units.h"
#include "engine/data/known_files.h"
#include "engine/data/prepared_texts.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxFolderBytes = std::uint64_t{4} << 30;
constexpr std::size_t kMaxFolderDomains = 64;
constexpr std::size_t kMaxFolderFiles = 1'000'000;

struct FolderListing {
    std::map<std::string, std::vector<fs::path>> filesByDomain;  ///< domain: first part of the path, or empty
    std::string stamp;
};

/// Every ordinary file below the folder, sorted by path, and a text that changes when one of them does.
Result<FolderListing> listFolder(const fs::path& folder)
{
    std::vector<fs::path> paths;
    std::error_code error;
    fs::recursive_directory_iterator entry(folder, error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        if (entry->path().filename().native().starts_with('.')) {
            entry.disable_recursion_pending();
            continue;
        }
        if (entry->symlink_status(error).type() == fs::file_type::regular)
            paths.push_back(entry->path());
        if (paths.size() > kMaxFolderFiles)
            return fail(ErrorKind::Data, shownPath(folder) + ": holds more than a million files; join them into one");
    }
    if (error)
        return fail(ErrorKind::Data, shownPath(folder) + ": cannot be listed: " + error.message());
    std::ranges::sort(paths, {}, [](const fs::path& path) -> const std::string& { return path.native(); });

    FolderListing listing;
    listing.stamp = "text 1\n" + folder.native() + '\n';
    std::uint64_t total = 0;
    for (const fs::path& path : paths) {
        const std::uint64_t bytes = fs::file_size(path, error);
        const auto modified = fs::last_write_time(path, error);
        if (error)
            return fail(ErrorKind::Data, shownPath(path) + ": cannot be looked at: " + error.message());
        total += bytes;
        const fs::path inside = path.lexically_relative(folder);
        const bool loose = ++inside.begin() == inside.end();
        listing.filesByDomain[loose ? std::string() : inside.begin()->native()].push_back(path);
        listing.stamp += inside.native() + '\0' + std::to_string(bytes) + ' '
            + std::to_string(modified.time_since_epoch().count()) + '\n';
    }
    if (total > kMaxFolderBytes)
        return fail(ErrorKind::Data,
            shownPath(folder) + ": holds " + formatBytes(static_cast<double>(total))
                + " of text; more than 4 GiB must be one file, which is then used where it lies");
    return listing;
}

Result<std::vector<PreparedDomain>> joinFolder(const fs::path& folder, const FolderListing& listing)
{
    std::vector<PreparedDomain> domains;
    for (const auto& [name, paths] : listing.filesByDomain) {
        std::string text;
        for (const fs::path& path : paths) {
            const auto bytes = readFile(path, kMaxFolderBytes);
            if (!bytes)
                return forward(bytes);
            text += *bytes;
        }
        PreparedDomain domain;
        domain.name = shownPath(name.empty() ? folder.filename() : fs::path(name));
        const auto cuts = contiguousSplits(text.size());
        for (std::size_t s = 0; s < kNumSplits; ++s)
            domain.splits[s] = text.substr(cuts[s], cuts[s + 1] - cuts[s]);
        domains.push_back(std::move(domain));
    }
    return domains;
}

}  // namespace

Result<Corpus> openTextFiles(const fs::path& path)
{
    std::error_code error;
    if (path.empty())
        return fail(ErrorKind::User, "corpus text: data.path is not set; name a file or a folder with data.path=…");
    const fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found)
        return fail(
            ErrorKind::Data, "corpus text: there is no file or folder " + shownPath(path) + "; check data.path");
    if (status.type() != fs::file_type::directory) {
        auto storage = TextStorage::map(path);
        if (!storage)
            return forward(storage);
        Corpus corpus;
        corpus.name = "text";
        corpus.domains.push_back(splitContiguously(shownPath(path.stem()), wholeText(*std::move(storage))));
        corpus.fingerprint = fingerprintOf(corpus);
        return corpus;
    }
    const fs::path folder = fs::canonical(path, error);
    if (error)
        return fail(ErrorKind::Data, shownPath(path) + ": cannot be opened: " + error.message());
    const auto listing = listFolder(folder);
    if (!listing)
        return forward(listing);
    if (listing->filesByDomain.empty())
        return fail(ErrorKind::Data, "corpus text: the folder " + shownPath(path) + " holds no files; check data.path");
    if (listing->filesByDomain.size() > kMaxFolderDomains)
        return fail(ErrorKind::Data,
            shownPath(path) + ": has more than 64 sub-folders, each of which would be a domain; put them into fewer");
    return prepareTexts("text", listing->stamp, [&] { return joinFolder(folder, *listing); });
}

}  // namespace moescope
