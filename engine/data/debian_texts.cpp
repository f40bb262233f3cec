// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/data/debian_texts.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <sstream>

#include "engine/base/file_system.h"
#include "engine/data/prepared_texts.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxSourceFile = 64u << 20;
constexpr std::uint64_t kMaxPackageList = 16u << 20;
constexpr std::array kHeaderPackages{"libc6-dev", "linux-libc-dev", "libstdc++-12-dev"};

/// A regular file that is no link, or nothing.
std::optional<SourceFile> sourceFile(const fs::path& path, std::string name)
{
    std::error_code error;
    if (fs::symlink_status(path, error).type() != fs::file_type::regular)
        return std::nullopt;
    const std::uint64_t bytes = fs::file_size(path, error);
    const auto modified = fs::last_write_time(path, error);
    if (error)
        return std::nullopt;
    return SourceFile{std::move(name), path, bytes, modified.time_since_epoch().count()};
}

/// Paths below `folder` that are not hidden, in byte order of the whole path; empty when there is no such folder.
std::vector<fs::path> pathsBelow(const fs::path& folder, bool recursive)
{
    std::vector<fs::path> paths;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
        if (entry->path().filename().native().starts_with('.'))
            continue;
        paths.push_back(entry->path());
        if (recursive && entry->is_directory(error) && !entry->is_symlink(error))
            std::ranges::copy(pathsBelow(entry->path(), true), std::back_inserter(paths));
    }
    std::ranges::sort(paths, {}, [](const fs::path& path) -> const std::string& { return path.native(); });
    return paths;
}

std::vector<SourceFile> perlFiles(const fs::path& root)
{
    std::vector<SourceFile> files;
    for (const fs::path& version : pathsBelow(root / "usr/share/perl", false)) {
        const std::string name = version.filename();
        if (!name.starts_with("5.") || name.find('.', 2) == std::string::npos)
            continue;
        for (const fs::path& path : pathsBelow(version / "pod", false)) {
            if (path.native().ends_with(".pod"))
                if (auto file = sourceFile(path, path.filename()))
                    files.push_back(*std::move(file));
        }
    }
    return files;
}

std::vector<SourceFile> wordnetFiles(const fs::path& root)
{
    std::vector<SourceFile> files;
    for (const char* part : {"data.noun", "data.verb", "data.adj", "data.adv"}) {
        if (auto file = sourceFile(root / "usr/share/wordnet" / part, part))
            files.push_back(*std::move(file));
    }
    return files.size() == 4 ? files : std::vector<SourceFile>{};
}

std::vector<SourceFile> quoteFiles(const fs::path& root)
{
    std::vector<SourceFile> files;
    for (const fs::path& path : pathsBelow(root / "usr/share/games/fortunes", true)) {
        if (path.native().ends_with(".dat") || path.native().ends_with(".u8"))
            continue;
        if (auto file = sourceFile(path, path.filename()))
            files.push_back(*std::move(file));
    }
    return files;
}

/// What dpkg installed of a package below /usr/include, sorted; empty when the package is missing.
std::vector<std::string> packageHeaders(const fs::path& root, const std::string& package)
{
#if defined(__aarch64__)
    const std::string native = "arm64";
#else
    const std::string native = "amd64";
#endif
    const fs::path info = root / "var/lib/dpkg/info";
    auto list = readFile(info / (package + ":" + native + ".list"), kMaxPackageList);
    if (!list)
        list = readFile(info / (package + ".list"), kMaxPackageList);
    std::vector<std::string> paths;
    std::istringstream lines(list.value_or(""));
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("/usr/include/"))
            paths.push_back(line);
    }
    std::ranges::sort(paths);
    return paths;
}

/// Files of one package until `left` would be exceeded; false then, so that the caller stops.
bool addHeaders(const fs::path& root, const std::string& package, std::uint64_t& left, std::vector<SourceFile>& files)
{
    for (const std::string& listed : packageHeaders(root, package)) {
        if (package != kHeaderPackages.back() && !listed.ends_with(".h"))
            continue;
        auto file = sourceFile(root / listed.substr(1), listed.substr(std::string_view("/usr/include/").size()));
        if (!file)
            continue;
        if (file->bytes > left)
            return false;
        left -= file->bytes;
        files.push_back(*std::move(file));
    }
    return true;
}

Result<std::vector<PreparedDomain>> buildDebianTexts(const std::vector<SourceDomain>& domains)
{
    std::vector<PreparedDomain> prepared;
    for (const SourceDomain& domain : domains) {
        std::vector<NamedText> texts;
        for (const SourceFile& file : domain.files) {
            auto bytes = readFile(file.path, kMaxSourceFile);
            if (!bytes)
                return forward(bytes);
            texts.push_back({file.name, domain.name == "wordnet" ? wordnetGlosses(*bytes) : *std::move(bytes)});
        }
        prepared.push_back({domain.name, splitByUnits(texts)});
    }
    return prepared;
}

}  // namespace

Result<std::vector<SourceDomain>> findDebianTexts(const fs::path& root, std::uint64_t headerBytes)
{
    std::vector<SourceDomain> domains{{"perl", "perl-doc", perlFiles(root)},
        {"wordnet", "wordnet-base", wordnetFiles(root)}, {"quotes", "fortunes", quoteFiles(root)}};
    std::vector<std::string> missing;
    for (const SourceDomain& domain : domains) {
        if (domain.files.empty())
            missing.push_back(domain.package);
    }
    SourceDomain headers{"headers", "", {}};
    std::uint64_t left = headerBytes;
    bool more = true;
    for (const char* package : kHeaderPackages) {
        if (packageHeaders(root, package).empty())
            missing.emplace_back(package);
        more = more && addHeaders(root, package, left, headers.files);
    }
    if (missing.empty()) {
        domains.push_back(std::move(headers));
        return domains;
    }
    std::string names;
    for (const std::string& package : missing)
        names += " " + package;
    return fail(ErrorKind::Data,
        "corpus debian-texts: Debian packages that hold its texts are not installed:" + names + "; install them with"
            + " `sudo apt-get install" + names
            + "`, or train on a file of your own with data.corpus=text data.path=FILE");
}

std::string wordnetGlosses(std::string_view data)
{
    constexpr std::string_view kSpace = " \t\n\r\v\f";
    std::string glosses;
    for (std::size_t start = 0; start < data.size();) {
        const std::size_t end = std::min(data.find('\n', start), data.size());
        const std::string_view line = data.substr(start, end - start);
        start = end + 1;
        const std::size_t bar = line.find('|');
        if (line.starts_with("  ") || bar == std::string_view::npos)
            continue;
        const std::string_view gloss = line.substr(bar + 1);
        const std::size_t first = gloss.find_first_not_of(kSpace);
        if (first != std::string_view::npos)
            glosses += gloss.substr(first, gloss.find_last_not_of(kSpace) + 1 - first);
        glosses += '\n';
    }
    return glosses;
}

Result<Corpus> openDebianTexts(const fs::path& root)
{
    const auto domains = findDebianTexts(root);
    if (!domains)
        return forward(domains);
    std::string stamp = "debian-texts 1\n";
    for (const SourceDomain& domain : *domains) {
        for (const SourceFile& file : domain.files)
            stamp += domain.name + ' ' + file.path.native() + ' ' + std::to_string(file.bytes) + ' '
                + std::to_string(file.modified) + '\n';
    }
    return prepareTexts("debian-texts", stamp, [&] { return buildDebianTexts(*domains); });
}

}  // namespace moescope
