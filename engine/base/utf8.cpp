// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/utf8.h"

#include <array>
#include <cstdio>

namespace moescope {

namespace {

struct Utf8Step {
    std::size_t length = 0;  ///< 0 = invalid here
    std::uint32_t code = 0;
};

Utf8Step stepUtf8(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    if (first < 0x80)
        return {1, first};
    const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length)
        return {};
    std::uint32_t code = first & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U)
            return {};
        code = (code << 6) | (byte(i) & 0x3FU);
    }
    static constexpr std::array<std::uint32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
    if (code < kSmallest[length] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
        return {};
    return {length, code};
}

}  // namespace

std::size_t firstInvalidUtf8(std::string_view text)
{
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Step step = stepUtf8(text.substr(at));
        if (step.length == 0)
            return at;
        at += step.length;
    }
    return std::string_view::npos;
}

void appendUtf8(std::string& text, std::uint32_t code)
{
    if (code < 0x80) {
        text += static_cast<char>(code);
    } else if (code < 0x800) {
        text += static_cast<char>(0xC0 | (code >> 6));
        text += static_cast<char>(0x80 | (code & 0x3F));
    } else if (code < 0x10000) {
        text += static_cast<char>(0xE0 | (code >> 12));
        text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        text += static_cast<char>(0x80 | (code & 0x3F));
    } else {
        text += static_cast<char>(0xF0 | (code >> 18));
        text += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
        text += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
        text += static_cast<char>(0x80 | (code & 0x3F));
    }
}

std::string printable(std::string_view text)
{
    std::string out;
    std::array<char, 16> buffer{};
    for (std::size_t at = 0; at < text.size();) {
        const Utf8Step step = stepUtf8(text.substr(at));
        const bool control = step.code < 0x20 || (step.code >= 0x7F && step.code < 0xA0);
        const bool mark = (step.code >= 0x200E && step.code <= 0x200F) || (step.code >= 0x2028 && step.code <= 0x202E)
            || (step.code >= 0x2066 && step.code <= 0x2069);
        if (step.length == 0)
            std::snprintf(buffer.data(), buffer.size(), "\\x%02x", static_cast<unsigned char>(text[at]));
        else if (control || mark)
            std::snprintf(buffer.data(), buffer.size(), "\\u{%x}", static_cast<unsigned>(step.code));
        const bool plain = step.length != 0 && !control && !mark;
        out += plain ? text.substr(at, step.length) : std::string_view(buffer.data());
        at += step.length == 0 ? 1 : step.length;
    }
    return out;
}

}  // namespace moescope
