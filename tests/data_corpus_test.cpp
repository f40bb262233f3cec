// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "engine/data/corpus.h"
#include "engine/data/debian_texts.h"
#include "engine/data/known_files.h"
#include "tests/support/cache_in_folder.h"
#include "tests/support/temporary_folder.h"

namespace moescope {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string textOf(std::span<const std::uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

std::string lines(int count)
{
    std::string text;
    for (int i = 0; i < count; ++i)
        text += "line " + std::to_string(i) + "\n";
    return text;
}

DataConfig textFrom(const fs::path& path)
{
    DataConfig data;
    data.corpus = "text";
    data.path = path;
    return data;
}

void makeFile(const fs::path& path, const std::string& text)
{
    fs::create_directories(path.parent_path());
    writeBytes(path, text);
}

/// A Debian machine in a folder: two manual pages, the four WordNet files, quotes and headers of three packages.
void makeDebian(const fs::path& root)
{
    makeFile(root / "usr/share/perl/5.36.0/pod/perlfunc.pod", "=head1 NAME\n");
    makeFile(root / "usr/share/perl/5.36.0/pod/perlop.pod", "=head1 OPERATORS\n");
    makeFile(root / "usr/share/perl/5.36.0/pod/notes.txt", "not a manual page\n");
    fs::create_directory_symlink("5.36.0", root / "usr/share/perl/5.36");
    for (const char* part : {"noun", "verb", "adj", "adv"})
        makeFile(
            root / "usr/share/wordnet" / (std::string("data.") + part), "1 x | gloss of " + std::string(part) + "\n");
    makeFile(root / "usr/share/games/fortunes/art", "Art is long.\n%\n");
    makeFile(root / "usr/share/games/fortunes/art.dat", "index");
    makeFile(root / "usr/share/games/fortunes/off/zen", "Sit.\n%\n");
    fs::create_symlink("art", root / "usr/share/games/fortunes/art.u8");
    fs::create_symlink("art", root / "usr/share/games/fortunes/more");
    makeFile(root / "usr/include/b.h", "int b;\n");
    makeFile(root / "usr/include/a.h", "int a;\n");
    makeFile(root / "usr/include/readme", "no header\n");
    makeFile(root / "usr/include/linux/k.h", "int k;\n");
    makeFile(root / "usr/include/c++/12/vector", "template\n");
    makeFile(root / "var/lib/dpkg/info/libc6-dev:amd64.list",
        "/.\n/usr/include\n/usr/include/b.h\n/usr/include/a.h\n/usr/include/readme\n");
    makeFile(root / "var/lib/dpkg/info/linux-libc-dev:amd64.list", "/usr/include/linux/k.h\n/usr/include/gone.h\n");
    makeFile(root / "var/lib/dpkg/info/libstdc++-12-dev:amd64.list", "/usr/include/c++/12/vector\n");
}

std::vector<std::string> namesOf(const SourceDomain& domain)
{
    std::vector<std::string> names;
    for (const SourceFile& file : domain.files)
        names.push_back(file.name);
    return names;
}

TEST(DebianTexts, FindsTheFilesOfEachDomainInOrder)
{
    const TemporaryFolder root;
    makeDebian(root.path());
    const auto domains = findDebianTexts(root.path());
    ASSERT_TRUE(domains) << domains.error().text;
    ASSERT_EQ(domains->size(), 4u);
    EXPECT_THAT(namesOf((*domains)[0]), ElementsAre("perlfunc.pod", "perlop.pod"));
    EXPECT_THAT(namesOf((*domains)[1]), ElementsAre("data.noun", "data.verb", "data.adj", "data.adv"));
    EXPECT_THAT(namesOf((*domains)[2]), ElementsAre("art", "zen"));
    EXPECT_THAT(namesOf((*domains)[3]), ElementsAre("a.h", "b.h", "linux/k.h", "c++/12/vector"));
}

TEST(DebianTexts, StopsAtTheFirstHeaderThatDoesNotFit)
{
    const TemporaryFolder root;
    makeDebian(root.path());
    const auto domains = findDebianTexts(root.path(), 20);  // a.h and b.h have 7 bytes each, the next would be the 21st
    ASSERT_TRUE(domains);
    EXPECT_THAT(namesOf((*domains)[3]), ElementsAre("a.h", "b.h"));
}

TEST(DebianTexts, NamesEveryMissingPackageAndTheCommand)
{
    const TemporaryFolder root;
    makeDebian(root.path());
    fs::remove_all(root / "usr/share/wordnet");
    fs::remove_all(root / "usr/share/games");
    fs::remove(root / "var/lib/dpkg/info/libstdc++-12-dev:amd64.list");
    const auto domains = findDebianTexts(root.path());
    ASSERT_FALSE(domains);
    EXPECT_EQ(domains.error().kind, ErrorKind::Data);
    EXPECT_THAT(domains.error().text,
        AllOf(HasSubstr("sudo apt-get install wordnet-base fortunes libstdc++-12-dev"), HasSubstr("data.corpus=text")));
}

TEST(DebianTexts, CacheGivesTheSameBytesAndIsMadeOnce)
{
    const TemporaryFolder root, cache;
    const CacheInFolder inFolder(cache.path());
    makeDebian(root.path());
    const auto built = openDebianTexts(root.path());
    ASSERT_TRUE(built) << built.error().text;
    const fs::path corpora = cache / "moescope/corpora";
    ASSERT_EQ(numEntries(corpora), 1u);
    const fs::path folder = fs::directory_iterator(corpora)->path();
    const auto written = fs::last_write_time(folder / "manifest.json");
    const auto cached = openDebianTexts(root.path());
    ASSERT_TRUE(cached);
    EXPECT_EQ(fs::last_write_time(folder / "manifest.json"), written);
    EXPECT_EQ(cached->fingerprint, built->fingerprint);
    EXPECT_THAT(cached->domainNames(), ElementsAre("perl", "wordnet", "quotes", "headers"));
    EXPECT_EQ(textOf(cached->domains[0].bytes(Split::Train)), "=head1 NAME\n=head1 OPERATORS\n");
    EXPECT_THAT(cached->notices, IsEmpty());
}

TEST(DebianTexts, DamagedCacheIsMadeAgain)
{
    const TemporaryFolder root, cache;
    const CacheInFolder inFolder(cache.path());
    makeDebian(root.path());
    const auto built = openDebianTexts(root.path());
    ASSERT_TRUE(built);
    const fs::path folder = fs::directory_iterator(cache / "moescope/corpora")->path();
    for (const std::string damage : {"flipped", "gone", "manifest"}) {
        if (damage == "flipped")
            writeBytes(folder / "0.train.bin", "=head1 NAME\n=head1 OPERATORX\n");
        if (damage == "gone")
            fs::remove(folder / "3.train.bin");
        if (damage == "manifest")
            writeBytes(folder / "manifest.json", R"({"format_version": 1, "domains": [7]})");
        const auto again = openDebianTexts(root.path());
        ASSERT_TRUE(again) << damage;
        EXPECT_EQ(again->fingerprint, built->fingerprint) << damage;
        EXPECT_EQ(numEntries(cache / "moescope/corpora"), 1u) << "nothing half-made is left: " << damage;
    }
}

TEST(DebianTexts, SeveralAtOnceAgreeAndLeaveOneCopy)
{
    const TemporaryFolder root, cache;
    const CacheInFolder inFolder(cache.path());
    makeDebian(root.path());
    std::array<std::string, 8> fingerprints;
    {
        std::vector<std::jthread> openers;
        for (std::string& fingerprint : fingerprints)
            openers.emplace_back([&] {
                if (const auto corpus = openDebianTexts(root.path()); corpus && corpus->notices.empty())
                    fingerprint = corpus->fingerprint;
            });
    }
    EXPECT_EQ(fingerprints[0].size(), 64u);
    EXPECT_THAT(fingerprints, testing::Each(fingerprints[0]));
    EXPECT_EQ(numEntries(cache / "moescope/corpora"), 1u);
}

TEST(DebianTexts, CacheThatCannotBeWrittenCostsOnlyTime)
{
    const TemporaryFolder root;
    writeBytes(root / "file", "");
    const CacheInFolder inFolder(root / "file");  // not a folder: root may write anywhere, modes do not stop it
    makeDebian(root / "debian");
    const auto corpus = openDebianTexts(root / "debian");
    ASSERT_TRUE(corpus) << corpus.error().text;
    EXPECT_EQ(textOf(corpus->domains[2].bytes(Split::Train)), "Art is long.\n%\nSit.\n%\n");
    ASSERT_EQ(corpus->notices.size(), 1u);
    EXPECT_THAT(corpus->notices[0], HasSubstr("not kept"));
}

TEST(DebianTexts, ChangedSourceChangesTheFingerprint)
{
    const TemporaryFolder root, cache;
    const CacheInFolder inFolder(cache.path());
    makeDebian(root.path());
    const auto before = openDebianTexts(root.path());
    makeFile(root / "usr/include/a.h", "long a;\n");
    const auto after = openDebianTexts(root.path());
    ASSERT_TRUE(before && after);
    EXPECT_NE(before->fingerprint, after->fingerprint);
    EXPECT_EQ(numEntries(cache / "moescope/corpora"), 2u);
}

TEST(TextCorpus, SplitsOneFile90To5To5)
{
    const TemporaryFolder folder;
    std::string text(1000, ' ');
    for (std::size_t i = 0; i < text.size(); ++i)
        text[i] = static_cast<char>(i % 251);
    writeBytes(folder / "a.txt", text);
    const auto corpus = openCorpus(textFrom(folder / "a.txt"), 16);
    ASSERT_TRUE(corpus) << corpus.error().text;
    EXPECT_THAT(corpus->domainNames(), ElementsAre("a"));
    EXPECT_EQ(textOf(corpus->domains[0].bytes(Split::Train)), text.substr(0, 900));
    EXPECT_EQ(textOf(corpus->domains[0].bytes(Split::Valid)), text.substr(900, 50));
    EXPECT_EQ(textOf(corpus->domains[0].bytes(Split::Test)), text.substr(950));
    EXPECT_EQ(corpus->size(Split::Train), 900);
    EXPECT_EQ(corpus->vocabulary, 256);
}

// 90M / 5M / 5M: spec formats 1.8.
TEST(TextCorpus, TheUsualSplitOfAHundredMillionBytes)
{
    EXPECT_THAT(contiguousSplits(100'000'000), ElementsAre(0u, 90'000'000u, 95'000'000u, 100'000'000u));
    EXPECT_THAT(contiguousSplits(0), ElementsAre(0u, 0u, 0u, 0u));
    EXPECT_THAT(contiguousSplits(19), ElementsAre(0u, 17u, 18u, 19u));
}

TEST(TextCorpus, SubFoldersAreDomains)
{
    const TemporaryFolder folder, cache;
    const CacheInFolder inFolder(cache.path());
    makeFile(folder / "t/law/2.txt", lines(40));
    makeFile(folder / "t/law/1/a.txt", lines(20));
    makeFile(folder / "t/code/x.c", lines(30));
    makeFile(folder / "t/loose.txt", lines(10));
    makeFile(folder / "t/.git/objects", "hidden");
    const auto corpus = openCorpus(textFrom(folder / "t"), 16);
    ASSERT_TRUE(corpus) << corpus.error().text;
    EXPECT_THAT(corpus->domainNames(), ElementsAre("t", "code", "law"));
    const std::string law = lines(20) + lines(40);
    const DomainText& domain = corpus->domains[2];
    EXPECT_EQ(
        textOf(domain.bytes(Split::Train)) + textOf(domain.bytes(Split::Valid)) + textOf(domain.bytes(Split::Test)),
        law);
}

TEST(TextCorpus, RefusesWhatIsNotThereOrNotText)
{
    const TemporaryFolder folder, cache;
    const CacheInFolder inFolder(cache.path());
    writeBytes(folder / "empty", "");
    writeBytes(folder / "short", "0123456789");
    fs::create_directory(folder / "nothing");
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    const struct {
        std::string path, says;
        ErrorKind kind;
    } cases[] = {
        {"missing", "there is no file or folder", ErrorKind::Data},
        {"empty", "its text is empty", ErrorKind::Data},
        {"short", "the training text has 9 bytes, one window needs 17", ErrorKind::Data},
        {"nothing", "holds no files", ErrorKind::Data},
        {"pipe", "no ordinary file", ErrorKind::Data},
    };
    for (const auto& c : cases) {
        const auto corpus = openCorpus(textFrom(folder / c.path), 16);
        ASSERT_FALSE(corpus) << c.path;
        EXPECT_EQ(corpus.error().kind, c.kind) << c.path;
        EXPECT_THAT(corpus.error().text, HasSubstr(c.says)) << c.path;
    }
    EXPECT_EQ(openCorpus(textFrom(""), 16).error().kind, ErrorKind::User);
    DataConfig unknown;
    unknown.corpus = "wikipedia";
    EXPECT_EQ(openCorpus(unknown, 16).error().kind, ErrorKind::User);
}

// spec formats 5.5, row 21.
TEST(TextCorpus, OpensFilesOfAnyName)
{
    const TemporaryFolder folder, cache;
    const CacheInFolder inFolder(cache.path());
    const std::string long255(255, 'n');
    for (const std::string& name : {std::string("with space"), std::string("quote\"'`$(x)"), std::string("line\nend"),
             std::string("\xF0\x9F\x98\x80"), std::string("\xE2\x80\xAEtxt"), std::string("bad\xFF\xFE"), long255}) {
        makeFile(folder / "files" / name, lines(100));
        const auto file = openCorpus(textFrom(folder / "files" / name), 16);
        ASSERT_TRUE(file) << file.error().text;
        makeFile(folder / "tree" / name / "a.txt", lines(100));
    }
    const auto tree = openCorpus(textFrom(folder / "tree"), 16);
    ASSERT_TRUE(tree) << tree.error().text;
    EXPECT_EQ(tree->domains.size(), 7u);
    const auto again = openCorpus(textFrom(folder / "tree"), 16);
    ASSERT_TRUE(again);
    EXPECT_EQ(again->fingerprint, tree->fingerprint);
    EXPECT_EQ(openCorpus(textFrom(std::string(4000, 'x')), 16).error().kind, ErrorKind::Data);
}

// spec formats 5.5, row 20.
TEST(TextCorpus, NoticesAFileThatIsShortenedAndSurvivesItsDeletion)
{
    const TemporaryFolder folder;
    writeBytes(folder / "a.txt", lines(1000));
    const auto corpus = openCorpus(textFrom(folder / "a.txt"), 16);
    ASSERT_TRUE(corpus);
    EXPECT_TRUE(checkWhole(*corpus));
    fs::rename(folder / "a.txt", folder / "b.txt");
    EXPECT_TRUE(checkWhole(*corpus));
    fs::resize_file(folder / "b.txt", 100);
    const auto whole = checkWhole(*corpus);
    ASSERT_FALSE(whole);
    EXPECT_EQ(whole.error().kind, ErrorKind::Data);
    EXPECT_THAT(whole.error().text, AllOf(HasSubstr("a.txt"), HasSubstr("shortened"), HasSubstr("100 bytes")));

    writeBytes(folder / "c.txt", lines(1000));
    const auto deleted = openCorpus(textFrom(folder / "c.txt"), 16);
    ASSERT_TRUE(deleted);
    fs::remove(folder / "c.txt");
    EXPECT_TRUE(checkWhole(*deleted));
    EXPECT_EQ(textOf(deleted->domains[0].bytes(Split::Train)).substr(0, 7), "line 0\n");
}

TEST(TextCorpus, RefusesReplacedDataAtResume)
{
    const TemporaryFolder folder;
    writeBytes(folder / "a.txt", lines(1000));
    const auto before = openCorpus(textFrom(folder / "a.txt"), 16);
    ASSERT_TRUE(before);
    EXPECT_TRUE(openCorpus(textFrom(folder / "a.txt"), 16, before->fingerprint));
    std::string other = lines(1000);
    other[5] = 'X';
    writeBytes(folder / "a.txt", other);
    const auto after = openCorpus(textFrom(folder / "a.txt"), 16, before->fingerprint);
    ASSERT_FALSE(after);
    EXPECT_EQ(after.error().kind, ErrorKind::Data);
    EXPECT_THAT(after.error().text,
        AllOf(HasSubstr("a.txt"), HasSubstr("has changed"), HasSubstr("put the former files back")));
}

TEST(TextCorpus, GoesOnWithTheCachedTextsOfAChangedFolder)
{
    const TemporaryFolder folder, cache;
    const CacheInFolder inFolder(cache.path());
    makeFile(folder / "t/a.txt", lines(100));
    const auto before = openCorpus(textFrom(folder / "t"), 16);
    ASSERT_TRUE(before);
    makeFile(folder / "t/a.txt", lines(101));
    const auto after = openCorpus(textFrom(folder / "t"), 16, before->fingerprint);
    ASSERT_TRUE(after) << after.error().text;
    EXPECT_EQ(after->fingerprint, before->fingerprint);
    EXPECT_THAT(after->notices, ElementsAre(HasSubstr("have changed since the run began")));
    fs::remove_all(folder / "t");
    EXPECT_TRUE(openCorpus(textFrom(folder / "t"), 16, before->fingerprint));
}

TEST(KnownFiles, MissingFileSaysWhereToGetItAndItsHash)
{
    const TemporaryFolder folder;
    for (const std::string name : {"enwik8", "text8"}) {
        DataConfig data;
        data.corpus = name;
        data.path = folder.path();
        const auto corpus = openCorpus(data, 16);
        ASSERT_FALSE(corpus);
        EXPECT_EQ(corpus.error().kind, ErrorKind::Data);
        EXPECT_THAT(corpus.error().text,
            AllOf(HasSubstr("https://mattmahoney.net/dc/" + name + ".zip"), HasSubstr("100,000,000 bytes"),
                HasSubstr(name == "text8"
                        ? "MD5 3bea1919949baf155f99411df5fada7e"
                        : "SHA-256 2b49720ec4d78c3c9fabaee6e4179a5e997302b3a70029f30f2d582218c024a8")));
    }
}

TEST(KnownFiles, RefusesAnotherSizeAndAnotherHash)
{
    const TemporaryFolder folder;
    // SHA-256 of "abc": FIPS 180-2, appendix B.1; MD5: RFC 1321, A.5.
    const KnownFile sha{
        "three", "three", 3, "SHA-256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "-"};
    const KnownFile md5{"three", "three", 3, "MD5", "900150983cd24fb0d6963f7d28e17f72", "-"};
    writeBytes(folder / "three", "abc");
    EXPECT_TRUE(openKnownFile(sha, folder.path())) << "by its folder";
    EXPECT_TRUE(openKnownFile(sha, folder / "three")) << "by its name";
    EXPECT_TRUE(openKnownFile(md5, folder / "three"));
    writeBytes(folder / "three", "abd");
    EXPECT_THAT(openKnownFile(sha, folder / "three").error().text, HasSubstr("its SHA-256 is a52d159f"));
    EXPECT_THAT(openKnownFile(md5, folder / "three").error().text, HasSubstr("its MD5 is "));
    writeBytes(folder / "three", "abcd");
    EXPECT_THAT(openKnownFile(sha, folder / "three").error().text, HasSubstr("it has 4 bytes"));
}

TEST(KnownFiles, Wikitext103ReadsItsThreeFiles)
{
    const TemporaryFolder folder;
    DataConfig data;
    data.corpus = "wikitext-103";
    data.path = folder.path();
    EXPECT_THAT(openCorpus(data, 16).error().text,
        AllOf(HasSubstr("wikitext-103-raw-v1.zip"),
            HasSubstr("91c00ae287f0d699e18605c84afc9e45c192bc6b7797ff8837e5474655a33794")));
    makeFile(folder / "wikitext-103/wiki.train.tokens", " = Train = \n a longer line\n");
    EXPECT_EQ(openCorpus(data, 16).error().kind, ErrorKind::Data) << "the other two are missing";
    makeFile(folder / "wikitext-103/wiki.valid.tokens", " = Valid = \n");
    makeFile(folder / "wikitext-103/wiki.test.tokens", " = Test = \n");
    const auto corpus = openCorpus(data, 16);
    ASSERT_TRUE(corpus) << corpus.error().text;
    EXPECT_EQ(textOf(corpus->domains[0].bytes(Split::Valid)), " = Valid = \n");
}

TEST(CacheFolder, IgnoresARelativeXdgCacheHome)
{
    const TemporaryFolder root;
    const CacheInFolder inFolder("relative");
    makeDebian(root / "debian");
    const std::string home = std::getenv("HOME") ? std::getenv("HOME") : "";
    ::setenv("HOME", root.path().c_str(), 1);
    const auto corpus = openDebianTexts(root / "debian");
    ::setenv("HOME", home.c_str(), 1);
    ASSERT_TRUE(corpus);
    EXPECT_TRUE(fs::exists(root / ".cache/moescope/corpora"));
}

}  // namespace
}  // namespace moescope
