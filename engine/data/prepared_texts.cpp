// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/data/prepared_texts.h"

#include <utility>

#include <nlohmann/json.hpp>

#include "engine/base/file_system.h"
#include "engine/base/sha256.h"
#include "engine/data/cache_folder.h"

namespace moescope {
namespace {

using nlohmann::json;

constexpr int kPreparedFormat = 1;
constexpr std::uint64_t kMaxPreparedManifest = 1 << 20;
constexpr std::size_t kMaxPreparedDomains = 256;
constexpr std::array kSplitFileNames{"train", "val", "test"};

std::string preparedFileName(std::size_t domain, std::size_t split)
{
    return std::to_string(domain) + "." + kSplitFileNames[split] + ".bin";
}

Corpus inMemory(const std::string& name, std::vector<PreparedDomain> domains)
{
    Corpus corpus;
    corpus.name = name;
    for (PreparedDomain& domain : domains) {
        DomainText text;
        text.name = domain.name;
        for (std::size_t s = 0; s < domain.splits.size(); ++s) {
            const std::string bytes = std::exchange(domain.splits[s], {});
            text.splits[s] = wholeText(TextStorage::own({bytes.begin(), bytes.end()}));
        }
        corpus.domains.push_back(std::move(text));
    }
    corpus.fingerprint = fingerprintOf(corpus);
    return corpus;
}

Result<void> writePrepared(const std::filesystem::path& folder, const Corpus& corpus, const std::string& stamp)
{
    json manifest{{"format_version", kPreparedFormat}, {"name", corpus.name}, {"stamp", stamp},
        {"fingerprint", corpus.fingerprint}, {"domains", json::array()}};
    for (std::size_t d = 0; d < corpus.domains.size(); ++d) {
        manifest["domains"].push_back(corpus.domains[d].name);
        for (std::size_t s = 0; s < kSplitFileNames.size(); ++s) {
            const auto bytes = corpus.domains[d].splits[s].bytes;
            const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            if (auto written = writeNewFile(FileSystem::real(), folder / preparedFileName(d, s), text); !written)
                return written;
        }
    }
    return writeNewFile(FileSystem::real(), folder / "manifest.json", manifest.dump(1) + "\n");
}

/// The manifest's own words; whatever is wrong with them only means that the texts are prepared again.
Result<json> readPreparedManifest(const std::filesystem::path& folder)
{
    const auto text = readFile(folder / "manifest.json", kMaxPreparedManifest);
    if (!text)
        return forward(text);
    json manifest = json::parse(*text, nullptr, false);
    const bool sound = manifest.is_object() && manifest.value("format_version", json()) == kPreparedFormat
        && manifest.value("name", json()).is_string() && manifest.value("stamp", json()).is_string()
        && manifest.value("fingerprint", json()).is_string() && manifest.value("domains", json()).is_array()
        && manifest["domains"].size() <= kMaxPreparedDomains;
    if (!sound)
        return fail(ErrorKind::Data, shownPath(folder / "manifest.json") + ": is no manifest of prepared texts");
    for (const json& domain : manifest["domains"]) {
        if (!domain.is_string())
            return fail(ErrorKind::Data, shownPath(folder / "manifest.json") + ": a domain has no name");
    }
    return manifest;
}

Result<Corpus> readPrepared(const std::filesystem::path& folder, const std::string& name, const std::string& stamp)
{
    const auto manifest = readPreparedManifest(folder);
    if (!manifest)
        return forward(manifest);
    if ((*manifest)["name"] != name || (!stamp.empty() && (*manifest)["stamp"] != stamp))
        return fail(ErrorKind::Data, shownPath(folder) + ": holds other texts");
    Corpus corpus;
    corpus.name = name;
    for (std::size_t d = 0; d < (*manifest)["domains"].size(); ++d) {
        DomainText text;
        text.name = (*manifest)["domains"][d].get<std::string>();
        for (std::size_t s = 0; s < kSplitFileNames.size(); ++s) {
            auto storage = TextStorage::map(folder / preparedFileName(d, s));
            if (!storage)
                return forward(storage);
            text.splits[s] = wholeText(*std::move(storage));
        }
        corpus.domains.push_back(std::move(text));
    }
    corpus.fingerprint = fingerprintOf(corpus);
    if ((*manifest)["fingerprint"] != corpus.fingerprint)
        return fail(
            ErrorKind::Data, shownPath(folder) + ": is damaged, its bytes do not have the hash of their manifest");
    return corpus;
}

std::string stampHash(const std::string& stamp)
{
    Sha256 hash;
    hash.update(std::as_bytes(std::span(stamp)));
    return hash.hex();
}

}  // namespace

Result<Corpus> prepareTexts(const std::string& name, const std::string& stamp,
    const std::function<Result<std::vector<PreparedDomain>>()>& build)
{
    const std::string hash = stampHash(stamp);
    const auto cache = cacheFolder();
    const std::filesystem::path folder = cache ? *cache / "corpora" / (name + "-" + hash.substr(0, 16)) : "";
    if (cache) {
        if (auto corpus = readPrepared(folder, name, hash))
            return corpus;
    }
    auto domains = build();
    if (!domains)
        return forward(domains);
    Corpus corpus = inMemory(name, *std::move(domains));
    if (!cache) {
        corpus.notices.push_back("the prepared texts are not kept: " + cache.error().text);
        return corpus;
    }
    const auto kept = replaceFolder(
        folder, [&](const std::filesystem::path& temporary) { return writePrepared(temporary, corpus, hash); });
    if (!kept) {
        corpus.notices.push_back("the prepared texts are not kept: " + kept.error().text);
        return corpus;
    }
    // From the cache again, so that the memory of the build is given back to the system's page cache.
    auto mapped = readPrepared(folder, name, hash);
    return mapped ? std::move(mapped) : Result<Corpus>(std::move(corpus));
}

Result<Corpus> findPreparedTexts(const std::string& name, const std::string& fingerprint)
{
    const auto cache = cacheFolder();
    if (!cache)
        return forward(cache);
    std::error_code error;
    std::filesystem::directory_iterator entry(*cache / "corpora", error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        const auto manifest = readPreparedManifest(entry->path());
        if (!manifest || (*manifest)["fingerprint"] != fingerprint)
            continue;
        if (auto corpus = readPrepared(entry->path(), name, ""))
            return corpus;
    }
    return fail(ErrorKind::Data, "the cache " + shownPath(*cache) + " holds no such texts");
}

}  // namespace moescope
