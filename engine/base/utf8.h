// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// UTF-8: is it valid, where does it break, one code point as bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace moescope {

/// Offset of the first byte that is no valid UTF-8 (overlong forms, surrogates and codes above 0x10FFFF are none), or
/// npos.
std::size_t firstInvalidUtf8(std::string_view text);

/// Appends a code point (below 0x110000, no surrogate).
void appendUtf8(std::string& text, std::uint32_t code);

/// For a terminal or a message: control characters, direction marks and invalid bytes as \xNN or \u{N}. At most six
/// times as long.
std::string printable(std::string_view text);

}  // namespace moescope
