// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/safetensors.h"

#include <chrono>
#include <cstring>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/file_system.h"
#include "engine/base/sha256.h"
#include "tests/support/failing_file_system.h"
#include "tests/support/temporary_folder.h"

using namespace moescope;
using testing::HasSubstr;

namespace {

std::string lengthBytes(std::uint64_t length)
{
    std::string bytes(8, '\0');
    std::memcpy(bytes.data(), &length, 8);
    return bytes;
}

Result<SafetensorsHeader> parse(const std::string& file)
{
    return parseSafetensorsHeader(std::as_bytes(std::span(file)), file.size());
}

Result<SafetensorsHeader> parseHeader(const std::string& json, std::size_t dataBytes)
{
    return parse(lengthBytes(json.size()) + json + std::string(dataBytes, 'd'));
}

std::span<const std::byte> bytesOf(const std::vector<float>& values) { return std::as_bytes(std::span(values)); }

const std::vector<float> kWeights = {1, 2, 3, 4, 5, 6};
const std::vector<std::byte> kFlags = {std::byte{1}, std::byte{0}, std::byte{1}};

std::vector<TensorBytes> twoTensors()
{
    return {{"flags", DType::Bool, {3}, kFlags}, {"b.weight", DType::F32, {2, 3}, bytesOf(kWeights)},
        {"a.weight", DType::F32, {}, bytesOf(kWeights).first(4)}};
}

}  // namespace

TEST(Safetensors, WritesTheBytesThatTheFormatAsksFor)
{
    const TemporaryFolder folder;
    const auto written =
        writeSafetensors(FileSystem::real(), folder / "m.safetensors", twoTensors(), {{"format", "pt"}}).value();
    // Widest elements first, then by name; header padded to a multiple of 8 with spaces (spec formats 1.1).
    std::string header = R"({"__metadata__":{"format":"pt"},)"
                         R"("a.weight":{"dtype":"F32","shape":[],"data_offsets":[0,4]},)"
                         R"("b.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[4,28]},)"
                         R"("flags":{"dtype":"BOOL","shape":[3],"data_offsets":[28,31]}})";
    header.resize((header.size() + 7) / 8 * 8, ' ');
    const std::string data(reinterpret_cast<const char*>(kWeights.data()), 24);
    const std::string expected =
        lengthBytes(header.size()) + header + data.substr(0, 4) + data + std::string("\1\0\1", 3);
    EXPECT_EQ(readBytes(folder / "m.safetensors"), expected);
    EXPECT_EQ(written.bytes, expected.size());
    EXPECT_EQ(written.sha256, sha256OfFile(folder / "m.safetensors").value());
}

TEST(Safetensors, ReadsBackWhatItWrote)
{
    const TemporaryFolder folder;
    ASSERT_TRUE(writeSafetensors(FileSystem::real(), folder / "m.safetensors", twoTensors(), {{"format", "pt"}}));
    const auto file = SafetensorsFile::open(folder / "m.safetensors").value();
    EXPECT_EQ(file.header().metadata.at("format"), "pt");
    EXPECT_EQ(file.header().tensors.size(), 3u);
    const TensorEntry* entry = file.find("b.weight");
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(entry->shape, (std::vector<std::int64_t>{2, 3}));
    std::vector<float> values(6);
    ASSERT_TRUE(file.read(*entry, std::as_writable_bytes(std::span(values))));
    EXPECT_EQ(values, kWeights);
    EXPECT_EQ(file.find("c.weight"), nullptr);
}

TEST(Safetensors, AcceptsTheOdditiesOfTheFormat)
{
    const auto empty = parseHeader("{}        ", 0);
    ASSERT_TRUE(empty);
    EXPECT_TRUE(empty->tensors.empty());
    const auto odd = parseHeader(R"({"z":{"dtype":"F64","shape":[0,5],"data_offsets":[8,8]},)"
                                 R"("é":{"shape":[],"data_offsets":[0,8],"dtype":"I64"}})",
        8);
    ASSERT_TRUE(odd) << odd.error().text;
    EXPECT_EQ(odd->tensors[0].name, "é");
    EXPECT_EQ(odd->tensors[1].shape, (std::vector<std::int64_t>{0, 5}));
}

// spec formats 5.5 row 10
TEST(Safetensors, TruncationAtEveryLengthIsACleanError)
{
    const TemporaryFolder folder;
    ASSERT_TRUE(writeSafetensors(FileSystem::real(), folder / "m", twoTensors(), {}));
    const std::string whole = readBytes(folder / "m");
    for (std::size_t length = 0; length < whole.size(); ++length) {
        writeBytes(folder / "cut", whole.substr(0, length));
        const auto file = SafetensorsFile::open(folder / "cut");
        ASSERT_FALSE(file) << length;
        ASSERT_EQ(file.error().kind, ErrorKind::Data);
        ASSERT_THAT(file.error().text, HasSubstr("cut: safetensors header: "));
    }
}

// spec formats 5.5 row 11
TEST(Safetensors, ImpossibleLengthsAreRefused)
{
    const std::string rest = "{}" + std::string(100, ' ');
    for (const std::uint64_t length : {std::uint64_t{1} << 63, UINT64_MAX, std::uint64_t{100'000'001}}) {
        const auto header = parse(lengthBytes(length) + rest);
        ASSERT_FALSE(header);
        EXPECT_THAT(header.error().text, HasSubstr("past the limit of 25,000,000 bytes"));
    }
    EXPECT_THAT(parse(lengthBytes(rest.size() + 1) + rest).error().text, HasSubstr("longer than the file"));
    EXPECT_TRUE(parse(lengthBytes(rest.size()) + rest));
}

// spec formats 5.5 row 12
TEST(Safetensors, EveryWrongHeaderIsRefusedWithItsOwnReason)
{
    const auto entry = [](const std::string& name, const std::string& shape, const std::string& offsets) {
        return "\"" + name + R"(":{"dtype":"F32","shape":)" + shape + R"(,"data_offsets":)" + offsets + "}";
    };
    const std::string good = entry("a", "[1]", "[0,4]");
    const std::tuple<std::string, std::size_t, std::string> cases[] = {
        {"{" + good + "," + entry("b", "[1]", "[2,6]") + "}", 6, "'b' overlaps the one before"},
        {"{" + good + "," + entry("b", "[1]", "[8,12]") + "}", 12, "no tensor covers the 4 bytes before 'b'"},
        {"{" + entry("a", "[1]", "[4,0]") + "}", 4, "'a' ends before it begins"},
        {"{" + good + "}", 3, "'a' ends behind the end of the file"},
        {"{" + good + "}", 9, "5 bytes behind the last tensor belong to none"},
        {"{" + entry("a", "[2]", "[0,4]") + "}", 4, "'a' has 4 bytes, its shape needs 8"},
        {"{" + entry("a", "[4294967296,4294967296]", "[0,4]") + "}", 4, "its shape is past the limit of 2^48 bytes"},
        {"{" + entry("a", "[9223372036854775807]", "[0,4]") + "}", 4, "a number past the limit of 2^48"},
        {"{" + entry("a", "[-1]", "[0,4]") + "}", 4, "'a': a negative number"},
        {"{" + entry("a", "[1e30]", "[0,4]") + "}", 4, "no integer or too large"},
        {"{" + entry("a", "[99999999999999999999]", "[0,4]") + "}", 4, "no integer or too large"},
        {"{" + entry("a", "[1,1,1,1,1,1,1,1,1]", "[0,4]") + "}", 4, "shape has more than 8 numbers"},
        {"{" + entry("a", "[1]", "[0,4,8]") + "}", 4, "data_offsets needs two numbers"},
        {"{" + good + "," + good + "}", 4, "'a' stands twice"},
        {R"({"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 4, "'a' has 'dtype' twice"},
        {R"({"a":{"dtype":"F32","shape":[1]}})", 4, "'a' needs dtype, shape and data_offsets"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}})", 4, "unknown member 'x'"},
        {R"({"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}})", 4,
            "element type 'F8_E4M3', which is not read here"},
        {R"({"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}})", 4, "a number in a place where none belongs"},
        {R"({"a":[1]})", 0, "a list in a place where none belongs"},
        {R"({"a":null})", 0, "null in a place"},
        {R"({"__metadata__":{"k":"1","k":"2"}})", 0, "metadata has 'k' twice"},
        {R"({"__metadata__":{"k":{"l":"m"}}})", 0, "an object in a place where none belongs"},
        {"{\"\xFF\":1}", 0, "no valid JSON in UTF-8 at byte"},
        {"{\"\xC0\x80\":1}", 0, "no valid JSON in UTF-8 at byte"},
        {"[]", 0, "it does not begin with {"},
        {" {}", 0, "it does not begin with {"},
        {"", 4, "it does not begin with {"},
        {"{} {}", 0, "no valid JSON"},
        {std::string("{}\0PK", 5), 0, "a zero byte"},
        {"{\"a\":" + std::string(1'000'000, '['), 0, "a list in a place where none belongs"},
        {"{\"a\":" + std::string(1'000'000, '{'), 0, "no valid JSON"},
    };
    for (const auto& [json, dataBytes, reason] : cases) {
        const auto header = parseHeader(json, dataBytes);
        ASSERT_FALSE(header) << reason;
        EXPECT_EQ(header.error().kind, ErrorKind::Data);
        EXPECT_THAT(header.error().text, HasSubstr(reason));
    }
}

TEST(Safetensors, TooManyEntriesAreRefusedSoon)
{
    std::string json = "{";
    for (int i = 0; i < 300'000; ++i)
        json += (i > 0 ? ",\"" : "\"") + std::to_string(i) + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_THAT(parseHeader(json + "}", 0).error().text, HasSubstr("more than 100,000 tensors"));
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

// spec formats 5.5 row 14
TEST(Safetensors, PicklesAndArchivesAreRefusedByContent)
{
    for (const std::string magic : {"PK\x03\x04", "\x80\x02}q", "\x80\x04\x95"})
        EXPECT_THAT(parse(magic + std::string(100, 'x')).error().text, HasSubstr("can run code")) << magic;
    EXPECT_THAT(parse("GGUF" + std::string(100, 'x')).error().text, HasSubstr("GGUF"));
}

TEST(Safetensors, RandomDamageNeverReadsPastTheEnd)
{
    const TemporaryFolder folder;
    ASSERT_TRUE(writeSafetensors(FileSystem::real(), folder / "m", twoTensors(), {{"format", "pt"}}));
    const std::string whole = readBytes(folder / "m");
    std::mt19937 generator(5);
    for (int round = 0; round < 2000; ++round) {
        std::string damaged = whole;
        for (int i = 0; i < 2; ++i)
            damaged[generator() % (whole.size() - 31)] = static_cast<char>(generator());
        const auto header = parse(damaged);
        if (!header)
            continue;
        for (const TensorEntry& entry : header->tensors)
            ASSERT_LE(header->dataOffset + entry.end, damaged.size());
    }
}

// spec formats 5.5 rows 7 and 8
TEST(Safetensors, LeavesNoFileWhicheverOperationFails)
{
    const TemporaryFolder folder;
    FailingFileSystem counting;
    ASSERT_TRUE(writeSafetensors(counting, folder / "m", twoTensors(), {}));
    std::filesystem::remove(folder / "m");
    for (int n = 1; n <= counting.numOperations(); ++n) {
        FailingFileSystem files(n);
        const auto written = writeSafetensors(files, folder / "m", twoTensors(), {});
        ASSERT_FALSE(written);
        EXPECT_EQ(written.error().kind, ErrorKind::Resources);
        EXPECT_EQ(numEntries(folder.path()), 0u) << files.failedOperation();
    }
}
