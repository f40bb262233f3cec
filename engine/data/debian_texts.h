// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The corpus debian-texts: real text that Debian packages bring, in four domains of different kind.
//   perl     manual pages (*.pod) of perl-doc
//   wordnet  glosses of wordnet-base, one a line
//   quotes   fortune files of fortunes
//   headers  C headers of libc6-dev and linux-libc-dev, then C++ headers of libstdc++-12-dev, 10 MB in all
// Raw bytes, no normalisation; split by unit_split.h. Bytes are equal on machines with equal package versions.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/data/corpus.h"
#include "engine/data/unit_split.h"

namespace moescope {

struct SourceFile {
    std::string name;  ///< as it stands in the names of units
    std::filesystem::path path;
    std::uint64_t bytes = 0;
    std::int64_t modified = 0;  ///< nanoseconds, file clock
};

struct SourceDomain {
    std::string name, package;  ///< "perl", "perl-doc"
    std::vector<SourceFile> files;
};

inline constexpr std::uint64_t kDebianHeaderBytes = 10'000'000;

/// The files of the four domains under `root` ("/" but in tests), in the corpus's order. Missing packages are one error
/// of kind Data that names them all and how to install them.
Result<std::vector<SourceDomain>> findDebianTexts(
    const std::filesystem::path& root, std::uint64_t headerBytes = kDebianHeaderBytes);

/// The text after '|' of every entry of a WordNet data file, stripped, one a line.
std::string wordnetGlosses(std::string_view data);

/// Opens the corpus of this machine, from the cache when no source file has changed. Blocks: 1 s the first time.
Result<Corpus> openDebianTexts(const std::filesystem::path& root = "/");

}  // namespace moescope
