// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/units.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

namespace moescope {
namespace {

constexpr std::string_view kMinus = "\u2212";

std::string groupThousands(std::string_view digits)
{
    std::string text;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0)
            text += ',';
        text += digits[i];
    }
    return text;
}

std::optional<std::string> notFinite(double value)
{
    if (std::isnan(value))
        return "\u2013";
    if (std::isinf(value))
        return value < 0 ? std::string(kMinus) + "\u221E" : "\u221E";
    return std::nullopt;
}

std::string fixed(double value, int decimals)
{
    std::array<char, 400> buffer;
    const auto end =
        std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed, decimals);
    return std::string(buffer.data(), end.ptr);
}

/// Three significant digits of a number in [0, 1000), without trailing zeros after the point.
std::string threeDigits(double value)
{
    std::string text = fixed(value, value < 9.995 ? 2 : value < 99.95 ? 1 : 0);
    if (text.find('.') != std::string::npos) {
        text.erase(text.find_last_not_of('0') + 1);
        if (text.back() == '.')
            text.pop_back();
    }
    return text;
}

/// With the largest unit that keeps the number at 1 or above; each is 1000 of the one before.
template <std::size_t N> std::string scaled(double value, const std::array<std::string_view, N>& units)
{
    double size = std::abs(value);
    std::size_t unit = 0;
    while (unit + 1 < N && size >= 999.5) {
        size /= 1000;
        ++unit;
    }
    const std::string digits = size >= 999.5 ? formatNumber(size, 0) : threeDigits(size);
    const std::string_view sign = value < 0 && digits != "0" ? kMinus : "";
    return std::string(sign) + digits + (units[unit].empty() ? "" : " ") + std::string(units[unit]);
}

std::string twoUnits(std::int64_t large, std::string_view largeUnit, std::int64_t small, std::string_view smallUnit)
{
    std::string text = formatCount(large) + " " + std::string(largeUnit);
    if (small > 0)
        text += " " + std::to_string(small) + " " + std::string(smallUnit);
    return text;
}

}  // namespace

std::string formatCount(std::int64_t value)
{
    std::string digits = std::to_string(value);
    if (value >= 0)
        return groupThousands(digits);
    return std::string(kMinus) + groupThousands(std::string_view(digits).substr(1));
}

std::string formatNumber(double value, int decimals)
{
    if (auto text = notFinite(value))
        return *text;
    const std::string digits = fixed(std::abs(value), std::clamp(decimals, 0, 20));
    const std::size_t point = std::min(digits.find('.'), digits.size());
    const bool zero = digits.find_first_not_of("0.") == std::string::npos;
    return (value < 0 && !zero ? std::string(kMinus) : "") + groupThousands(std::string_view(digits).substr(0, point))
        + digits.substr(point);
}

std::string formatShort(double value)
{
    if (auto text = notFinite(value))
        return *text;
    return scaled(value, std::array<std::string_view, 5>{"", "k", "M", "G", "T"});
}

std::string formatBytes(double bytes)
{
    if (auto text = notFinite(bytes))
        return *text;
    return scaled(bytes, std::array<std::string_view, 6>{"B", "kB", "MB", "GB", "TB", "PB"});
}

std::string formatDuration(double seconds)
{
    if (auto text = notFinite(seconds))
        return *text;
    if (seconds < 0)
        return std::string(kMinus) + formatDuration(-seconds);
    if (seconds < 0.9995)
        return threeDigits(seconds * 1000) + " ms";
    if (seconds < 9.95)
        return formatNumber(seconds, 1) + " s";
    if (seconds > 1e15)
        return formatShort(seconds / 86400) + " d";
    const auto whole = static_cast<std::int64_t>(std::llround(seconds));
    if (whole < 60)
        return std::to_string(whole) + " s";
    if (whole < 3600)
        return twoUnits(whole / 60, "min", whole % 60, "s");
    const std::int64_t minutes = (whole + 30) / 60;
    if (minutes < 24 * 60)
        return twoUnits(minutes / 60, "h", minutes % 60, "min");
    const std::int64_t hours = (minutes + 30) / 60;
    return twoUnits(hours / 24, "d", hours % 24, "h");
}

std::string formatPercent(double share)
{
    if (auto text = notFinite(share))
        return *text;
    return formatNumber(share * 100, std::abs(share) < 0.0995 ? 1 : 0) + " %";
}

}  // namespace moescope
