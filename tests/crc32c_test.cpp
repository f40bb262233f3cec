// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/crc32c.h"

#include <string>

#include <gtest/gtest.h>

using namespace moescope;

namespace {

std::span<const std::byte> bytesOf(const std::string& text) { return std::as_bytes(std::span(text)); }

}  // namespace

TEST(Crc32c, AgreesWithThePublishedVectors)
{
    // spec formats 1.5
    EXPECT_EQ(crc32c(bytesOf("123456789")), 0xE3069283u);
    EXPECT_EQ(maskedCrc32c(bytesOf("\x1a\x11"
                                   "CRC test, one two")),
        0x5794D08Au);
    EXPECT_EQ(crc32c({}), 0u);
}

TEST(Crc32c, TableAndInstructionAgreeAtEveryLength)
{
    std::string text;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(crc32c(bytesOf(text)), crc32cByTable(bytesOf(text))) << i;
        text += static_cast<char>(i * 37 + 11);
    }
}
