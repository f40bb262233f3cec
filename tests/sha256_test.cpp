// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/sha256.h"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.h"

using namespace moescope;

namespace {

constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // FIPS 180-2, B.1

}  // namespace

TEST(Sha256, AgreesWithThePublishedVectorInOnePieceAndInTwo)
{
    const std::string text = "abc";
    const auto bytes = std::as_bytes(std::span(text));
    Sha256 whole;
    whole.update(bytes);
    EXPECT_EQ(whole.hex(), kAbc);
    Sha256 pieces;
    pieces.update(bytes.first(1));
    pieces.update(bytes.subspan(1));
    EXPECT_EQ(pieces.hex(), kAbc);
}

TEST(Sha256, ReadsAFileOfSeveralBuffers)
{
    const TemporaryFolder folder;
    writeBytes(folder / "a", std::string(1'000'000, 'a'));
    EXPECT_EQ(sha256OfFile(folder / "a").value(),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");  // FIPS 180-2, B.3
    EXPECT_EQ(sha256OfFile(folder / "missing").error().kind, ErrorKind::Data);
}
