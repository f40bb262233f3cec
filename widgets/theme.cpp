// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme.h"

#include <algorithm>

#include <QApplication>
#include <QFontMetrics>
#include <QPalette>

#include "widgets/flat_style.h"

namespace moescope {

namespace {

ColorMap mapOf(const std::vector<double>& places, const std::vector<const char*>& colors)
{
    std::vector<ColorStop> stops;
    for (std::size_t i = 0; i < places.size(); ++i)
        stops.push_back({places[i], QColor(colors[i])});
    return ColorMap(std::move(stops));
}

const std::vector<double> kLoadPlaces{0, .25, .42, .5, .58, .75, 1};
const std::vector<double> kSimilarityPlaces{0, .25, .45, .5, .55, .7, .85, .95, 1};

QFont fontOf(int pixels, QFont::Weight weight = QFont::Normal)
{
    QFont font;
    font.setFamilies({QStringLiteral("Noto Sans"), QStringLiteral("DejaVu Sans")});
    font.setPixelSize(pixels);
    font.setWeight(weight);
    return font;
}

void setFonts(Theme& theme)
{
    theme.body = fontOf(13);
    theme.table = fontOf(12);
    theme.title = fontOf(12, QFont::DemiBold);
    theme.small = fontOf(11);
    theme.figure = fontOf(18, QFont::DemiBold);
    theme.mono = fontOf(12);
    theme.mono.setFamilies({QStringLiteral("Noto Sans Mono"), QStringLiteral("DejaVu Sans Mono")});
    theme.mono.setFixedPitch(true);
    theme.mono.setStyleHint(QFont::Monospace);
}

Theme makeLight()
{
    Theme t;
    t.window = "#f3f4f5", t.base = "#ffffff", t.alternate = "#f8f9fa";
    t.line = "#d8dbde", t.strongLine = "#b9bec4", t.grid = "#eceef0";
    t.text = "#1d2125", t.text2 = "#4e5760", t.text3 = "#6e7780";
    t.accent = "#1f66c1", t.onAccent = "#ffffff";
    t.ok = "#2a7f3e", t.watchText = "#9a5f00", t.watchFill = "#c77f00", t.alarm = "#c62828", t.paused = "#6c757e";
    t.nonFinite = "#d6009a";
    t.alarmGround = "#fbe6e4", t.watchGround = "#fdf3dc", t.selected = "#cfe1f7", t.selectedSoft = "#e8f0fb";
    t.added = "#e2f2e5", t.removed = "#fbe6e4";
    t.noRecord = "#d5d9dd", t.inkDark = "#1d2125", t.inkLight = "#ffffff";
    t.runs = {"#2a6fc9", "#dd7426", "#0d6b3c", "#7a2478", "#5e4300", "#6a97c6", "#c0608c", "#23282d"};
    t.layerRamp = {"#1b4f7a", "#1f7a86", "#3f8f5d", "#7d9a34", "#b58a1d", "#c4693a"};
    t.load = mapOf(kLoadPlaces, {"#10457e", "#4f93c9", "#c3dcec", "#f4f3ef", "#f8d9bd", "#e08a3e", "#8f3206"});
    t.similarity = mapOf(kSimilarityPlaces,
        {"#0f5a36", "#5fae82", "#dcece2", "#f6f5f1", "#ebe3f1", "#bfa3d6", "#8457ad", "#552781", "#33104f"});
    setFonts(t);
    return t;
}

Theme makeDark()
{
    Theme t;
    t.isDark = true;
    t.window = "#26282b", t.base = "#1c1e20", t.alternate = "#212326";
    t.line = "#373b3f", t.strongLine = "#4a4f55", t.grid = "#2c2f33";
    t.text = "#e4e7ea", t.text2 = "#a3abb3", t.text3 = "#868f98";
    t.accent = "#6cabf7", t.onAccent = "#10161d";
    t.ok = "#4fb86a", t.watchText = "#e3a63c", t.watchFill = "#e3a63c", t.alarm = "#ff6f61", t.paused = "#7f8890";
    t.nonFinite = "#ff4fc8";
    t.alarmGround = "#422624", t.watchGround = "#3a3122", t.selected = "#274261", t.selectedSoft = "#22313f";
    t.added = "#20352a", t.removed = "#422624";
    t.noRecord = "#45494e", t.inkDark = "#16191c", t.inkLight = "#f1f3f5";
    t.runs = {"#5aaaf5", "#f59a52", "#2a8c62", "#a05cc0", "#ead65c", "#b5e3fa", "#c95f8c", "#c3b8b0"};
    t.layerRamp = {"#3f7fae", "#3f9aa0", "#58ad7c", "#9bb455", "#cfa84a", "#e08e5e"};
    t.load = mapOf(kLoadPlaces, {"#7cc4ff", "#3f86c4", "#2f4a66", "#33363a", "#6b4530", "#cf6a2a", "#ffd08a"});
    t.similarity = mapOf(kSimilarityPlaces,
        {"#8fe0b0", "#3d9466", "#2b4438", "#2a2c2f", "#3a3148", "#62458c", "#9b6fd2", "#cda8f5", "#f1e4ff"});
    setFonts(t);
    return t;
}

bool desktopIsDark()
{
    // Asked once: after applyTheme the palette is ours.
    static const bool dark = relativeLuminance(QGuiApplication::palette().color(QPalette::Window)) < 0.2;
    return dark;
}

QPalette paletteOf(const Theme& t)
{
    QPalette p(t.text, t.window, t.base, t.strongLine, t.line, t.text, t.text, t.base, t.window);
    p.setColor(QPalette::AlternateBase, t.alternate);
    p.setColor(QPalette::Button, t.isDark ? t.window.lighter(118) : t.base);
    p.setColor(QPalette::ToolTipBase, t.base);
    p.setColor(QPalette::ToolTipText, t.text);
    p.setColor(QPalette::PlaceholderText, t.text3);
    p.setColor(QPalette::Link, t.accent);
    p.setColor(QPalette::LinkVisited, t.accent);
    p.setColor(QPalette::Highlight, t.accent);
    p.setColor(QPalette::HighlightedText, t.onAccent);
    p.setColor(QPalette::Shadow, t.strongLine);
    for (const auto role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText, QPalette::HighlightedText})
        p.setColor(QPalette::Disabled, role, t.text3);
    p.setColor(QPalette::Disabled, QPalette::Highlight, t.line);
    return p;
}

Theme& storedTheme()
{
    static Theme theme = Theme::light();
    return theme;
}

}  // namespace

const Theme& Theme::light()
{
    static const Theme theme = makeLight();
    return theme;
}

const Theme& Theme::dark()
{
    static const Theme theme = makeDark();
    return theme;
}

const Theme& Theme::system() { return desktopIsDark() ? dark() : light(); }

QColor Theme::color(State state) const
{
    switch (state) {
    case State::Ok:
    case State::Training:
    case State::Finished:
        return ok;
    case State::Watch:
        return watchText;
    case State::Alarm:
    case State::Failed:
        return alarm;
    case State::Paused:
    case State::Stopped:
    case State::Resolved:
    case State::Queued:
        return paused;
    case State::NonFinite:
        return nonFinite;
    case State::None:
        break;
    }
    return text2;
}

QColor Theme::ground(State state) const
{
    if (state == State::Alarm || state == State::Failed)
        return alarmGround;
    return state == State::Watch ? watchGround : base;
}

QColor Theme::color(const LineRole& role) const
{
    switch (role.kind) {
    case LineRole::Kind::Run:
        return runs[std::size_t(std::max(role.index, 0)) % runs.size()];
    case LineRole::Kind::Layer: {
        const double share = role.count > 1 ? double(role.index) / (role.count - 1) : 0;
        const double place = std::clamp(share, 0.0, 1.0) * double(layerRamp.size() - 1);
        const std::size_t low = std::min(std::size_t(place), layerRamp.size() - 2);
        const ColorMap two({{0, layerRamp[low]}, {1, layerRamp[low + 1]}});
        return QColor(two.at(place - double(low)));
    }
    case LineRole::Kind::Text:
        return text;
    case LineRole::Kind::Muted:
        return text2;
    case LineRole::Kind::Accent:
        return accent;
    case LineRole::Kind::Alarm:
        return alarm;
    case LineRole::Kind::Watch:
        return watchFill;
    }
    return text;
}

QList<qreal> Theme::dash(const LineRole& role) const
{
    static const std::array<QList<qreal>, 8> dashes{
        QList<qreal>{}, {7, 3}, {2, 2}, {8, 3, 2, 3}, {12, 4}, {4, 2}, {1, 3}, {10, 2, 2, 2, 2, 2}};
    if (role.kind != LineRole::Kind::Run)
        return {};
    const std::size_t i = std::size_t(std::max(role.index, 0));
    return dashes[(i + i / dashes.size()) % dashes.size()];
}

Marker Theme::marker(const LineRole& role) const
{
    static constexpr std::array markers{Marker::Disc, Marker::Square, Marker::Triangle, Marker::Diamond,
        Marker::TriangleDown, Marker::Ring, Marker::SmallRing, Marker::DoubleRing};
    if (role.kind != LineRole::Kind::Run)
        return Marker::Disc;
    const std::size_t i = std::size_t(std::max(role.index, 0));
    return markers[(i + i / markers.size()) % markers.size()];
}

QPen Theme::pen(const LineRole& role, qreal width) const
{
    QPen pen(color(role), width, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
    QList<qreal> pattern = dash(role);
    for (qreal& part : pattern)
        part /= width;
    if (!pattern.isEmpty())
        pen.setDashPattern(pattern);
    return pen;
}

void applyTheme(QApplication& application, const Theme& theme)
{
    desktopIsDark();
    storedTheme() = theme;
    application.setStyle(new FlatStyle);
    application.setFont(theme.body);
    const QPalette palette = paletteOf(theme);
    application.setPalette(palette);
    QPalette views = palette;
    views.setColor(QPalette::Highlight, theme.selected);
    views.setColor(QPalette::HighlightedText, theme.text);
    application.setPalette(views, "QAbstractItemView");
}

const Theme& currentTheme() { return storedTheme(); }

namespace metrics {

int title() { return std::max(24, QFontMetrics(currentTheme().title).height() + 6); }
int control() { return std::max(24, QFontMetrics(currentTheme().body).height() + 6); }
int optionRow() { return control() + 8; }
int tableRow() { return std::max(22, QFontMetrics(currentTheme().table).height() + 5); }
int toolbar() { return control() + 12; }
int edge() { return 12; }
int gap() { return 8; }
int tick() { return QFontMetrics(currentTheme().small).height(); }

}  // namespace metrics

}  // namespace moescope
