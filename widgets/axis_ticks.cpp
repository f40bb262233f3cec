// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/axis_ticks.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "widgets/number_text.h"

namespace moescope {

namespace {

constexpr std::array kSteps{1.0, 2.0, 2.5, 5.0, 10.0};
constexpr std::array kTimeSteps{1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0,
    7200.0, 10800.0, 21600.0, 43200.0, 86400.0, 172800.0, 432000.0, 864000.0};

int ticksInside(double low, double high, double step)
{
    return int(std::floor(high / step + 1e-9) - std::ceil(low / step - 1e-9)) + 1;
}

double wholeStep(double low, double high, int most)
{
    double step = tickStep(low, high, most);
    while (step < 1 || step != std::round(step))
        step = step < 1 ? 1 : step * 2;
    return step;
}

double timeStep(double low, double high, int most)
{
    for (const double step : kTimeSteps) {
        if (high - low > 3 && ticksInside(low, high, step) <= most)
            return step;
    }
    return tickStep(low, high, most);
}

QString timeText(double seconds, double step)
{
    if (seconds == 0)
        return QStringLiteral("0");
    if (step < 1)
        return numberText::fixed(seconds, tickDecimals(step)) + QStringLiteral(" s");
    return numberText::duration(seconds);
}

/// Tokens and bytes in the unit of the highest tick, with the decimals that the step needs: 0, 2.5 M, 5.0 M.
QString countText(double value, double step, double highest)
{
    static constexpr std::array kUnits{"", "k", "M", "G", "T", "P"};
    std::size_t unit = 0;
    double divisor = 1;
    while (highest / divisor >= 1000 && unit + 1 < kUnits.size()) {
        divisor *= 1000;
        ++unit;
    }
    if (value == 0)
        return QStringLiteral("0");
    const QString text = numberText::fixed(value / divisor, tickDecimals(step / divisor));
    return unit == 0 ? text : text + QChar(0x00a0) + QLatin1String(kUnits[unit]);
}

QString tickText(double value, double step, double highest, AxisUnit unit)
{
    switch (unit) {
    case AxisUnit::Step:
        return numberText::count(std::llround(value));
    case AxisUnit::Count:
        return countText(value, step, highest);
    case AxisUnit::Seconds:
        return timeText(value, step);
    case AxisUnit::Number:
        break;
    }
    if (std::abs(step) >= 1e6 || (step > 0 && step < 1e-5))
        return value == 0 ? QStringLiteral("0") : numberText::significant(value, 3);
    return numberText::fixed(value, tickDecimals(step));
}

QString decadeText(int exponent)
{
    if (exponent >= -4 && exponent <= 5)
        return numberText::fixed(std::pow(10.0, exponent), std::max(0, -exponent));
    const QString text = numberText::significant(std::pow(10.0, exponent), 1);
    return text.mid(text.indexOf(QStringLiteral("10")));
}

std::vector<Tick> linearTicks(double low, double high, int most, AxisUnit unit)
{
    double step = tickStep(low, high, most);
    if (unit == AxisUnit::Step)
        step = wholeStep(low, high, most);
    else if (unit == AxisUnit::Seconds)
        step = timeStep(low, high, most);
    std::vector<Tick> ticks;
    const double first = std::ceil(low / step - 1e-9), last = std::floor(high / step + 1e-9);
    for (double i = first; i <= last && ticks.size() < 100; ++i)
        ticks.push_back({i * step, tickText(i * step, step, std::abs(high), unit)});
    return ticks;
}

std::vector<Tick> logTicks(double low, double high, int most)
{
    if (!(low > 0))
        low = high > 0 ? high / 1e6 : 1e-6;
    if (!(high > low))
        high = low * 10;
    const int first = int(std::ceil(std::log10(low) - 1e-9)), last = int(std::floor(std::log10(high) + 1e-9));
    std::vector<Tick> ticks;
    if (last - first >= 1) {
        const int every = std::max(1, (last - first + most) / std::max(most, 1));
        for (int e = first; e <= last; e += every)
            ticks.push_back({std::pow(10.0, e), decadeText(e)});
        return ticks;
    }
    for (int e = int(std::floor(std::log10(low))); e <= last + 1; ++e) {
        for (const double part : {1.0, 2.0, 5.0}) {
            const double value = part * std::pow(10.0, e);
            if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9))
                ticks.push_back({value, numberText::fixed(value, std::clamp(-e, 0, 9))});
        }
    }
    return ticks.size() >= 3 ? ticks : linearTicks(low, high, most, AxisUnit::Number);
}

}  // namespace

double tickStep(double low, double high, int most)
{
    const double span = high - low;
    if (!(span > 0) || !std::isfinite(span))
        return 1;
    const double power = std::pow(10.0, std::floor(std::log10(span / std::max(most, 2))));
    for (const double part : kSteps) {
        if (ticksInside(low, high, part * power) <= most)
            return part * power;
    }
    return 20 * power;
}

int tickDecimals(double step)
{
    for (int decimals = 0; decimals < 12; ++decimals) {
        const double scaled = step * std::pow(10.0, decimals);
        if (std::abs(scaled - std::round(scaled)) < 1e-6 * scaled)
            return decimals;
    }
    return 12;
}

std::vector<Tick> axisTicks(double low, double high, int most, const AxisSpec& spec)
{
    if (!std::isfinite(low) || !std::isfinite(high) || high < low)
        return {};
    if (spec.log)
        return logTicks(low, high, most);
    if (low == high)
        return {{low, tickText(low, low == 0 ? 1 : std::abs(low), std::abs(low), spec.unit)}};
    return linearTicks(low, high, most, spec.unit);
}

double AxisMap::pixel(double v) const
{
    if (!log)
        return from + (v - low) / (high - low) * (to - from);
    const double l = std::log10(low), h = std::log10(high);
    return v > 0 ? from + (std::log10(v) - l) / (h - l) * (to - from) : from;
}

double AxisMap::value(double pixel) const
{
    const double share = (pixel - from) / (to - from);
    return log ? low * std::pow(high / low, share) : low + share * (high - low);
}

std::vector<double> spreadLabels(std::vector<double> wanted, double gap, double low, double high)
{
    // Isotonic regression of wanted − i·gap: blocks of labels that touch move as one to their mean.
    struct Block {
        double sum = 0;
        int count = 0;
        double mean() const { return sum / count; }
    };
    std::vector<Block> blocks;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        blocks.push_back({wanted[i] - double(i) * gap, 1});
        while (blocks.size() > 1 && blocks[blocks.size() - 2].mean() > blocks.back().mean()) {
            const Block last = blocks.back();
            blocks.pop_back();
            blocks.back().sum += last.sum;
            blocks.back().count += last.count;
        }
    }
    const double top = std::max(low, high - gap * double(wanted.empty() ? 0 : wanted.size() - 1));
    std::size_t i = 0;
    for (const Block& block : blocks) {
        for (int k = 0; k < block.count; ++k, ++i)
            wanted[i] = std::clamp(block.mean(), low, top) + double(i) * gap;
    }
    return wanted;
}

}  // namespace moescope
