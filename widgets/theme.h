// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Every colour, font and size of the window in one value. No other file names a colour.
#pragma once

#include <array>

#include <QColor>
#include <QFont>
#include <QPen>
#include <QString>

#include "widgets/color_map.h"

class QApplication;

namespace moescope {

/// State of a run, a rule or a cell. A state always has its shape as well as its colour (state_glyph.h).
enum class State { None, Ok, Training, Finished, Watch, Alarm, Failed, Paused, Stopped, Resolved, Queued, NonFinite };

enum class Marker { None, Disc, Square, Triangle, Diamond, TriangleDown, Ring, SmallRing, DoubleRing };

/// What a line stands for; the theme turns it into colour, dash and marker. Run numbers count from 0 and never change.
struct LineRole {
    enum class Kind { Run, Layer, Text, Muted, Accent, Alarm, Watch };
    Kind kind = Kind::Run;
    int index = 0;  ///< of the run or layer
    int count = 1;  ///< number of layers, for the ramp

    static LineRole run(int index) { return {Kind::Run, index, 1}; }
    static LineRole layer(int index, int count) { return {Kind::Layer, index, count}; }
    friend bool operator==(const LineRole&, const LineRole&) = default;
};

struct Theme {
    bool isDark = false;
    QColor window, base, alternate, line, strongLine, grid;
    QColor text, text2, text3, accent, onAccent;
    QColor ok, watchText, watchFill, alarm, paused, nonFinite;
    QColor alarmGround, watchGround, selected, selectedSoft;
    QColor added, removed;     ///< grounds of changed lines of text
    QColor noRecord;           ///< cells without a record, and the diagonal of a matrix
    QColor inkDark, inkLight;  ///< numbers in cells, by luminance
    std::array<QColor, 8> runs;
    std::array<QColor, 6> layerRamp;
    ColorMap load, similarity;
    /// Fonts: 13 px body, 12 px table and titles, 11 px ticks and badges, 18 px key figures, 12 px monospace.
    QFont body, table, title, small, figure, mono;

    static const Theme& light();
    static const Theme& dark();
    /// Light or dark by the luminance of the window colour that the desktop gave; ask before applyTheme.
    static const Theme& system();

    const ColorMap& map(MapKind kind) const { return kind == MapKind::Load ? load : similarity; }
    QColor color(State state) const;   ///< of its shape and its text
    QColor ground(State state) const;  ///< behind a cell in this state; base when it has none
    QColor color(const LineRole& role) const;
    QList<qreal> dash(const LineRole& role) const;  ///< in units of the pen's width as QPen wants it; empty = solid
    Marker marker(const LineRole& role) const;
    QPen pen(const LineRole& role, qreal width = 1.5) const;
};

/// Fusion, palette, body font. Every widget of this library repaints with the new theme; call again to change it.
void applyTheme(QApplication& application, const Theme& theme);
/// What applyTheme set last; Theme::light() before. GUI thread.
const Theme& currentTheme();

/// Sizes that grow with the font: logical pixels at 96 dpi with the 13 px body font, never less.
namespace metrics {
int title();      ///< panel and dock title, 24
int control();    ///< buttons, fields, 24
int optionRow();  ///< form row, 32
int tableRow();   ///< 22
int toolbar();    ///< 36
int edge();       ///< 12, from content to a panel's edge
int gap();        ///< 8, between controls
int tick();       ///< height of an 11 px line of text
}  // namespace metrics

}  // namespace moescope
