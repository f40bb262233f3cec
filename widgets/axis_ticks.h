// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Tick maths: ticks on 1, 2, 2.5, 5 × 10ⁿ, decades, equal decimals, and the mapping between values and pixels.
#pragma once

#include <functional>
#include <vector>

#include <QString>

namespace moescope {

enum class AxisUnit { Number, Step, Count, Seconds };

struct Tick {
    double value = 0;  ///< in the axis' own units, also on a log axis
    QString text;      ///< empty for a minor tick
};

struct AxisSpec {
    QString name;  ///< of x, left of its first tick: "step"
    AxisUnit unit = AxisUnit::Number;
    bool log = false;
    bool includeZero = false;  ///< only counts and shares
};

/// Rising ticks inside [low, high], 3 to `most` of them where the numbers allow it. All labels have equal decimals.
std::vector<Tick> axisTicks(double low, double high, int most, const AxisSpec& spec);
/// The step between ticks: 1, 2, 2.5 or 5 × 10ⁿ.
double tickStep(double low, double high, int most);
/// Decimals that a tick step needs: 0.25 → 2, 500 → 0.
int tickDecimals(double step);

/// Value to pixel and back, linear or log₁₀. A value ≤ 0 on a log axis goes to the low end.
struct AxisMap {
    double low = 0, high = 1;  ///< values at the ends
    double from = 0, to = 1;   ///< pixels at the ends
    bool log = false;
    double pixel(double value) const;
    double value(double pixel) const;
};

/// Moves labels (wanted centres, rising) apart to at least `gap`, inside [low, high], with the least shift.
std::vector<double> spreadLabels(std::vector<double> wanted, double gap, double low, double high);

}  // namespace moescope
