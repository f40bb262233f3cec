// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/color_map.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>

namespace moescope {

namespace {

constexpr int kTableSize = 256;

QRgb between(QRgb a, QRgb b, double share)
{
    const auto mix = [share](int x, int y) { return int(std::lround(x + (y - x) * share)); };
    return qRgb(mix(qRed(a), qRed(b)), mix(qGreen(a), qGreen(b)), mix(qBlue(a), qBlue(b)));
}

double linear(double channel)
{
    return channel <= 0.03928 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
}

}  // namespace

ColorMap::ColorMap(std::vector<ColorStop> stops)
    : m_stops(std::move(stops))
{
    m_table.reserve(kTableSize);
    for (int i = 0; i < kTableSize; ++i)
        m_table.push_back(at(double(i) / (kTableSize - 1)));
}

QRgb ColorMap::at(double position) const
{
    if (m_stops.empty())
        return 0;
    if (!(position > m_stops.front().position))
        return m_stops.front().color.rgb();
    for (std::size_t i = 1; i < m_stops.size(); ++i) {
        const ColorStop& a = m_stops[i - 1];
        const ColorStop& b = m_stops[i];
        if (position <= b.position)
            return between(a.color.rgb(), b.color.rgb(), (position - a.position) / (b.position - a.position));
    }
    return m_stops.back().color.rgb();
}

QRgb ColorMap::fast(double position) const
{
    if (m_table.empty())
        return 0;
    const double place = std::clamp(position, 0.0, 1.0) * (kTableSize - 1);
    return m_table[std::size_t(std::lround(place))];
}

double ValueScale::position(double value) const
{
    double l = low, m = middle, h = high, v = value;
    if (kind == Kind::Log2) {
        if (!(v > 0))
            return 0;
        l = std::log2(l), m = std::log2(m), h = std::log2(h), v = std::log2(v);
    }
    const double half = v < m ? (v - l) / (m - l) * 0.5 : 0.5 + (v - m) / (h - m) * 0.5;
    return std::clamp(half, 0.0, 1.0);
}

ValueScale ValueScale::loadLog2()
{
    ValueScale scale{Kind::Log2, 0.25, 1, 4, {}};
    scale.ticks = {{0.25, QStringLiteral("¼")}, {0.5, QStringLiteral("½")},
        {1, QCoreApplication::translate("ValueScale", "1 = fair share")}, {2, QStringLiteral("2")},
        {4, QStringLiteral("4 ×")}};
    return scale;
}

ValueScale ValueScale::loadLinear()
{
    ValueScale scale{Kind::Linear, 0, 1, 2, {}};
    scale.ticks = {{0, QStringLiteral("0")}, {0.5, QStringLiteral("½")},
        {1, QCoreApplication::translate("ValueScale", "1 = fair share")}, {1.5, QStringLiteral("1½")},
        {2, QStringLiteral("2 ×")}};
    return scale;
}

ValueScale ValueScale::similarity(const QString& middleText)
{
    ValueScale scale{Kind::Linear, -1, 0, 1, {}};
    const QString middle = middleText.isEmpty() ? QCoreApplication::translate("ValueScale", "0 = null") : middleText;
    scale.ticks = {{-1, QStringLiteral("−1")}, {-0.5, QStringLiteral("−½")}, {0, middle}, {0.5, QStringLiteral("½")},
        {1, QStringLiteral("1")}};
    return scale;
}

ValueScale ValueScale::difference()
{
    ValueScale scale{Kind::Linear, -1, 0, 1, {}};
    scale.ticks = {{-1, QCoreApplication::translate("ValueScale", "−1 apart")}, {0, QStringLiteral("0")},
        {1, QCoreApplication::translate("ValueScale", "+1 alike")}};
    return scale;
}

double relativeLuminance(const QColor& color)
{
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

double contrastRatio(const QColor& a, const QColor& b)
{
    const double la = relativeLuminance(a), lb = relativeLuminance(b);
    return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
}

QColor readableInk(const QColor& ground, const QColor& dark, const QColor& light)
{
    return contrastRatio(ground, dark) >= contrastRatio(ground, light) ? dark : light;
}

}  // namespace moescope
