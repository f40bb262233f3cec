// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "engine/model/philox.h"

namespace moescope {
namespace {

using Words = std::array<std::uint32_t, 4>;

// The known answers of the authors' Random123 library, file kat_vectors, philox4x32 with 10 rounds.
TEST(Philox, GivesTheKnownAnswers)
{
    constexpr std::uint32_t f = 0xFFFFFFFF;
    EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    EXPECT_EQ(philox({f, f, f, f}, {f, f}), (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
    EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
        (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

}  // namespace
}  // namespace moescope
