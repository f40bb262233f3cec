// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Comparisons with the reference programs beside MOESCOPE_REFERENCE (path of smoe_ref.py); they skip loudly without it.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include <gtest/gtest.h>

#include "engine/data/corpus.h"
#include "engine/data/ngram.h"
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

const char* referencePython()
{
    const char* python = std::getenv("MOESCOPE_REFERENCE_PYTHON");
    return python != nullptr ? python : "python3";
}

fs::path referenceProgram(const char* name) { return fs::path(std::getenv("MOESCOPE_REFERENCE")).parent_path() / name; }

/// Writes the reference's splits into `folder`.
void runTexts(const fs::path& folder)
{
    const std::string command = quoted(referencePython()) + " " + quoted(referenceProgram("texts.py")) + " "
        + quoted(folder) + " > " + quoted(folder / "log");
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
}

TEST(DebianTextsReference, EverySplitHasTheBytesOfTheReference)
{
    const char* reference = std::getenv("MOESCOPE_REFERENCE");
    if (reference == nullptr)
        GTEST_SKIP() << "MOESCOPE_REFERENCE is not set: the splits of debian-texts are not compared with texts.py";
    const TemporaryFolder folder;
    const CacheInFolder inFolder(folder / "cache");
    runTexts(folder.path());
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

/// Orders 1 to 5 of ngram.py, a line each: bits per byte of the four domains and of all.
constexpr const char* kCountNgrams = R"(
import sys, os, numpy as np
sys.path.insert(0, sys.argv[1])
import ngram
rd = lambda d, s: np.fromfile(os.path.join(sys.argv[2], f"{d}.{s}.bin"), np.uint8)
model = ngram.WittenBell([rd(d, "train") for d in ngram.DOMAINS], 5)
bits = [model.bits(rd(d, "val")) for d in ngram.DOMAINS]
for o in range(5):
    print(*(b[o].mean() for b in bits), sum(b[o].sum() for b in bits) / sum(len(b[o]) for b in bits))
)";

TEST(DebianTextsReference, NgramModelsAgreeToThreeDecimals)
{
    if (std::getenv("MOESCOPE_REFERENCE") == nullptr || std::getenv("MOESCOPE_REFERENCE_PYTHON") == nullptr)
        GTEST_SKIP()
            << "MOESCOPE_REFERENCE and MOESCOPE_REFERENCE_PYTHON (with NumPy) are not both set: the n-gram models of "
               "debian-texts are not compared with ngram.py";
    const TemporaryFolder folder;
    const CacheInFolder inFolder(folder / "cache");
    runTexts(folder.path());
    writeBytes(folder / "count.py", kCountNgrams);
    const std::string command = quoted(referencePython()) + " " + quoted(folder / "count.py") + " "
        + quoted(referenceProgram("")) + " " + quoted(folder.path()) + " > " + quoted(folder / "bits");
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
    const auto corpus = openCorpus({}, 256);
    ASSERT_TRUE(corpus) << corpus.error().text;
    const auto scores = ngramAnchors(*corpus);
    ASSERT_TRUE(scores) << scores.error().text;
    std::istringstream theirs(readBytes(folder / "bits"));
    for (const NgramScore& score : *scores) {
        std::vector<double> ours = score.domains;
        ours.push_back(score.bitsPerByte);
        for (const double bits : ours) {
            double reference = 0.0;
            ASSERT_TRUE(theirs >> reference);
            EXPECT_NEAR(bits, reference, 5e-5) << "order " << score.order;
        }
        std::printf("%d-gram: %.3f bits per byte\n", score.order, score.bitsPerByte);
    }
}

}  // namespace
}  // namespace moescope
