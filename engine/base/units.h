// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Numbers as text for people: "12.3 k", "1.21 GB", "1 h 8 min", "6,180". Never depends on the locale.
// A number that is missing (NaN) is "–", a negative one has the real minus sign, infinity is "∞".
#pragma once

#include <cstdint>
#include <string>

namespace moescope {

/// "6,180": all digits, a comma for each thousand.
std::string formatCount(std::int64_t value);

/// Fixed number of decimals, thousands separated: "1.874", "12,034.5", "−0.036". Never "-0.00" or "1e+06".
std::string formatNumber(double value, int decimals);

/// Three significant digits with k, M, G, T behind a space: "999", "12.3 k", "50.6 M". For counts and rates.
std::string formatShort(double value);

/// Decimal units, three significant digits: "640 B", "1.21 GB".
std::string formatBytes(double bytes);

/// One or two units: "666 ms", "4.2 s", "38 s", "8 min 5 s", "1 h 8 min", "2 d 3 h".
std::string formatDuration(double seconds);

/// One decimal below 10 %, else none: 0.006 is "0.6 %", 0.123 is "12 %".
std::string formatPercent(double share);

}  // namespace moescope
