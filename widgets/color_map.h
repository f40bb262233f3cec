// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Colour maps with few stops, linear in sRGB between them, and the scales that place a value on a map.
#pragma once

#include <span>
#include <vector>

#include <QColor>
#include <QString>

namespace moescope {

struct ColorStop {
    double position = 0;  ///< 0 … 1, rising
    QColor color;
};

/// Piecewise-linear map from 0 … 1 to a colour; a position outside is clamped. 256-entry lookup for painting.
class ColorMap {
public:
    ColorMap() = default;
    explicit ColorMap(std::vector<ColorStop> stops);
    QRgb at(double position) const;    ///< exact, between stops
    QRgb fast(double position) const;  ///< through the lookup, for large maps
    std::span<const ColorStop> stops() const { return m_stops; }

private:
    std::vector<ColorStop> m_stops;
    std::vector<QRgb> m_table;
};

/// Which of the theme's two maps.
enum class MapKind { Load, Similarity };

struct ScaleTick {
    double value = 0;
    QString text;
};

/// Places a value on a map: 0 at `low`, 1 at `high`, 0.5 at `middle`; linear or log₂ in between.
struct ValueScale {
    enum class Kind { Linear, Log2 };
    Kind kind = Kind::Linear;
    double low = -1, middle = 0, high = 1;
    std::vector<ScaleTick> ticks;                  ///< of the legend; the one at `middle` gets the mark
    bool clippedLow = false, clippedHigh = false;  ///< values outside exist: that end is written ≤ or ≥

    double position(double value) const;  ///< 0 … 1, clamped; log₂ of a value ≤ 0 is 0
    static ValueScale loadLog2();         ///< ¼ … 4 × fair share, "1 = fair share" in the middle
    static ValueScale loadLinear();       ///< 0 … 2
    static ValueScale similarity(const QString& middleText = {});  ///< −1 … 1, 0 in the middle ("0 = null")
    static ValueScale difference();                                ///< −1 apart … +1 alike
};

/// Relative luminance by WCAG 2.1, 0 … 1.
double relativeLuminance(const QColor& color);
/// WCAG contrast ratio, 1 … 21.
double contrastRatio(const QColor& a, const QColor& b);
/// Whichever of two inks reads better on `ground`.
QColor readableInk(const QColor& ground, const QColor& dark, const QColor& light);

}  // namespace moescope
