// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers as a person reads them: a real minus, thin choices of unit, "–" for what is missing, never "NaN" or "1e+06".
#pragma once

#include <cstdint>
#include <optional>

#include <QString>

namespace moescope::numberText {

QString missing();                                  ///< "–"
QString count(std::int64_t value);                  ///< 6,180 and −12
QString fixed(double value, int decimals);          ///< −0.036; "–" when not finite; never "−0.00"
QString signedFixed(double value, int decimals);    ///< +0.42
QString significant(double value, int digits = 3);  ///< as many decimals as the digits need: 0.0123, 1.23, 123
QString si(double value, int digits = 3);           ///< 12.3 k, 50.6 M, 1.2 G
QString bytes(double value);                        ///< 214 MB, 1.21 GB
QString percent(double share, int decimals = 1);    ///< of 0 … 1: "0.6 %"
QString duration(double seconds);                   ///< 666 ms, 42 s, 42 min, 1 h 8 min, 3 d 4 h
QString cell(double value);                         ///< two decimals, leading zero dropped: .08, 1.40, −.31

}  // namespace moescope::numberText
