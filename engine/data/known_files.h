// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Corpora that the user has as files: enwik8, text8, WikiText-103. spec: formats 1.8.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/data/corpus.h"

namespace moescope {

/// One published file that is split by bytes.
struct KnownFile {
    std::string_view corpus, file;  ///< "enwik8", "enwik8"
    std::uint64_t bytes = 0;
    std::string_view hashName, hash;  ///< "SHA-256" or "MD5", lower-case digits of the unpacked file
    std::string_view source;          ///< where people get it
};

/// Bytes 0 to 90 %, to 95 % and to the end: of 100,000,000 bytes the usual 90M / 5M / 5M.
std::array<std::uint64_t, 4> contiguousSplits(std::uint64_t bytes);

/// The three splits of one text, by contiguousSplits().
DomainText splitContiguously(std::string name, const Text& text);

/// Maps `path` (the file, or the folder that holds it). A missing file, another size or another hash is an error of
/// kind Data that says where people get it and which hash it has.
Result<Corpus> openKnownFile(const KnownFile& known, const std::filesystem::path& path);

Result<Corpus> openEnwik8(const std::filesystem::path& path);  ///< 90M / 5M / 5M bytes
Result<Corpus> openText8(const std::filesystem::path& path);   ///< 90M / 5M / 5M bytes

/// wiki.{train,valid,test}.raw or .tokens in the folder `path` (or its wikitext-103 or wikitext-103-raw); raw wins.
Result<Corpus> openWikitext103(const std::filesystem::path& path);

}  // namespace moescope
