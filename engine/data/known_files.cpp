// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/data/known_files.h"

#include <vector>

#include <openssl/evp.h>

#include "engine/base/file_system.h"
#include "engine/base/units.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

// Size and hashes as published at mattmahoney.net/dc/textdata.html; SHA-256 of the same bytes.
constexpr KnownFile kEnwik8{"enwik8", "enwik8", 100'000'000, "SHA-256",
    "2b49720ec4d78c3c9fabaee6e4179a5e997302b3a70029f30f2d582218c024a8",
    "https://mattmahoney.net/dc/enwik8.zip (unpack it)"};
constexpr KnownFile kText8{"text8", "text8", 100'000'000, "MD5", "3bea1919949baf155f99411df5fada7e",
    "https://mattmahoney.net/dc/text8.zip (unpack it)"};

std::string md5Of(std::span<const std::uint8_t> bytes)
{
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    std::string text;
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_md5(), nullptr) != 1)
        return "not computable by this OpenSSL";
    for (unsigned i = 0; i < length; ++i) {
        text += "0123456789abcdef"[digest[i] >> 4];
        text += "0123456789abcdef"[digest[i] & 15];
    }
    return text;
}

std::string whereToGet(const KnownFile& known)
{
    return "get it from " + std::string(known.source) + "; it has "
        + formatCount(static_cast<std::int64_t>(known.bytes)) + " bytes and the " + std::string(known.hashName) + " "
        + std::string(known.hash);
}

bool isFile(const fs::path& path)
{
    std::error_code error;
    return fs::is_regular_file(path, error);
}

}  // namespace

std::array<std::uint64_t, 4> contiguousSplits(std::uint64_t bytes)
{
    return {0, bytes / 100 * 90 + bytes % 100 * 90 / 100, bytes / 100 * 95 + bytes % 100 * 95 / 100, bytes};
}

DomainText splitContiguously(std::string name, const Text& text)
{
    const auto cuts = contiguousSplits(text.bytes.size());
    DomainText domain{std::move(name), {}};
    for (std::size_t s = 0; s < kNumSplits; ++s)
        domain.splits[s] = {text.storage, text.bytes.subspan(cuts[s], cuts[s + 1] - cuts[s])};
    return domain;
}

Result<Corpus> openKnownFile(const KnownFile& known, const fs::path& path)
{
    const std::string name(known.corpus);
    const fs::path file = isFile(path) ? path : path / known.file;
    if (!isFile(file))
        return fail(ErrorKind::Data,
            "corpus " + name + ": there is no file " + shownPath(file) + "; " + whereToGet(known)
                + ", and name it or its folder with data.path=…");
    auto storage = TextStorage::map(file);
    if (!storage)
        return forward(storage);
    const Text text = wholeText(*std::move(storage));
    if (text.bytes.size() != known.bytes)
        return fail(ErrorKind::Data,
            shownPath(file) + ": is not " + name + ": it has "
                + formatCount(static_cast<std::int64_t>(text.bytes.size())) + " bytes; " + whereToGet(known)
                + ", or train on this file with data.corpus=text");
    const std::string hash = known.hashName == "MD5" ? md5Of(text.bytes) : sha256Of(text.bytes);
    if (hash != known.hash)
        return fail(ErrorKind::Data,
            shownPath(file) + ": is not " + name + ": its " + std::string(known.hashName) + " is " + hash + "; "
                + whereToGet(known) + ", or train on this file with data.corpus=text");
    Corpus corpus;
    corpus.name = name;
    corpus.domains.push_back(splitContiguously(name, text));
    corpus.fingerprint = fingerprintOf(corpus);
    return corpus;
}

Result<Corpus> openEnwik8(const fs::path& path) { return openKnownFile(kEnwik8, path); }

Result<Corpus> openText8(const fs::path& path) { return openKnownFile(kText8, path); }

Result<Corpus> openWikitext103(const fs::path& path)
{
    for (const fs::path& folder : {path, path / "wikitext-103-raw", path / "wikitext-103"}) {
        for (const std::string ending : {".raw", ".tokens"}) {
            if (!isFile(folder / ("wiki.train" + ending)))
                continue;
            DomainText domain{"wikitext-103", {}};
            constexpr std::array kNames{"wiki.train", "wiki.valid", "wiki.test"};
            for (std::size_t s = 0; s < kNumSplits; ++s) {
                auto storage = TextStorage::map(folder / (kNames[s] + ending));
                if (!storage)
                    return forward(storage);
                domain.splits[s] = wholeText(*std::move(storage));
            }
            Corpus corpus;
            corpus.name = "wikitext-103";
            corpus.domains.push_back(std::move(domain));
            corpus.fingerprint = fingerprintOf(corpus);
            return corpus;
        }
    }
    return fail(ErrorKind::Data,
        "corpus wikitext-103: " + shownPath(path) + " holds no wiki.train.raw and no wiki.train.tokens; get"
            + " wikitext-103-raw-v1.zip (191,984,949 bytes, SHA-256"
            + " 91c00ae287f0d699e18605c84afc9e45c192bc6b7797ff8837e5474655a33794) or wikitext-103-v1.zip (SHA-256"
            + " 242ba0f20b329cfdf1ccc61e9e9e5b59becf189db7f7a81cd2a0e2fc31539590) from a mirror of Salesforce's "
              "WikiText,"
            + " unpack it, and name its folder with data.path=…");
}

}  // namespace moescope
