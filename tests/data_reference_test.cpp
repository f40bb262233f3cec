// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Comparisons with the reference programs beside MOESCOPE_REFERENCE (path of smoe_ref.py); they skip loudly without it.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <gtest/gtest.h>

#include "engine/data/corpus.h"
#include "tests/support/cache_in_folder.h"
#include "tests/support/temporary_folder.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;

/// A shell word.
std::string quoted(const fs::path& path)
{
    std::string word = "'";
    for (const char c : path.native())
        word += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return word + "'";
}

TEST(DebianTextsReference, EverySplitHasTheBytesOfTheReference)
{
    const char* reference = std::getenv("MOESCOPE_REFERENCE");
    if (reference == nullptr)
        GTEST_SKIP() << "MOESCOPE_REFERENCE is not set: the splits of debian-texts are not compared with texts.py";
    const char* python = std::getenv("MOESCOPE_REFERENCE_PYTHON");
    const TemporaryFolder folder;
    const CacheInFolder inFolder(folder / "cache");
    const fs::path program = fs::path(reference).parent_path() / "texts.py";
    const std::string command = quoted(python != nullptr ? python : "python3") + " " + quoted(program) + " "
        + quoted(folder.path()) + " > " + quoted(folder / "log");
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
    const auto corpus = openCorpus({}, 256);
    ASSERT_TRUE(corpus) << corpus.error().text;
    ASSERT_EQ(corpus->domains.size(), 4u);
    for (const DomainText& domain : corpus->domains) {
        for (const auto& [split, name] :
            {std::pair(Split::Train, "train"), {Split::Valid, "val"}, {Split::Test, "test"}}) {
            const auto theirs = TextStorage::map(folder / (domain.name + "." + name + ".bin"));
            ASSERT_TRUE(theirs) << theirs.error().text;
            EXPECT_EQ(sha256Of(domain.bytes(split)), sha256Of((*theirs)->bytes())) << domain.name << " " << name;
        }
    }
}

}  // namespace
}  // namespace moescope
