// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Ticks, labels, colours, numbers, trees and differences: the arithmetic under the widgets.
#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "widgets/axis_ticks.h"
#include "widgets/color_map.h"
#include "widgets/dendrogram.h"
#include "widgets/line_diff.h"
#include "widgets/map_layout.h"
#include "widgets/number_text.h"
#include "widgets/theme.h"

using namespace moescope;
using testing::ElementsAre;

namespace {

std::string ticksText(double low, double high, int most, const AxisSpec& spec)
{
    QStringList words;
    for (const Tick& tick : axisTicks(low, high, most, spec))
        words << tick.text;
    return words.join(QStringLiteral(" | ")).replace(QChar(0x00a0), QLatin1Char(' ')).toStdString();
}

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST(AxisTicks, StandOnRoundNumbersWithEqualDecimals)
{
    EXPECT_EQ(ticksText(1.74, 2.71, 6, {}), "1.8 | 2.0 | 2.2 | 2.4 | 2.6");
    EXPECT_EQ(ticksText(0, 1, 6, {}), "0.0 | 0.2 | 0.4 | 0.6 | 0.8 | 1.0");
    EXPECT_EQ(ticksText(0, 1.1, 5, {}), "0.00 | 0.25 | 0.50 | 0.75 | 1.00");
    EXPECT_EQ(ticksText(-0.3, 0.3, 4, {}), "−0.2 | 0.0 | 0.2");
}

TEST(AxisTicks, OfStepsAreWholeWithCommas)
{
    const AxisSpec steps{.name = {}, .unit = AxisUnit::Step};
    EXPECT_EQ(ticksText(0, 6200, 4, steps), "0 | 2,000 | 4,000 | 6,000");
    EXPECT_EQ(ticksText(0, 2, 6, steps), "0 | 1 | 2");
    EXPECT_EQ(ticksText(10, 15, 3, steps), "10 | 12 | 14");
}

TEST(AxisTicks, OfTimeAndTokensReadAsPeopleSayThem)
{
    EXPECT_EQ(ticksText(0, 7300, 5, {.name = {}, .unit = AxisUnit::Seconds}), "0 | 30 min | 1 h | 1 h 30 min | 2 h");
    EXPECT_EQ(ticksText(0, 52e6, 6, {.name = {}, .unit = AxisUnit::Count}), "0 | 10 M | 20 M | 30 M | 40 M | 50 M");
}

TEST(AxisTicks, OfLogAxesAreDecades)
{
    const AxisSpec log{.name = {}, .unit = AxisUnit::Number, .log = true};
    EXPECT_EQ(ticksText(0.1, 100, 6, log), "0.1 | 1 | 10 | 100");
    EXPECT_EQ(ticksText(1e-8, 1e-2, 4, log), "10⁻⁸ | 10⁻⁶ | 0.0001 | 0.01");
    EXPECT_EQ(ticksText(2, 8, 6, log), "2 | 4 | 6 | 8");
    EXPECT_FALSE(axisTicks(0, 5, 6, log).empty()) << "a low end of 0 must not hang or fail";
}

TEST(AxisTicks, SurviveAbsurdRanges)
{
    EXPECT_TRUE(axisTicks(kNaN, 1, 6, {}).empty());
    EXPECT_TRUE(axisTicks(2, 1, 6, {}).empty());
    EXPECT_EQ(axisTicks(3, 3, 6, {}).size(), 1U);
    for (const double power : {1e-300, 1e-12, 1e12, 1e300})
        EXPECT_LE(axisTicks(0, power, 6, {}).size(), 6U) << power;
}

TEST(AxisTicks, NumberStaysBetweenTwoAndTheMost)
{
    for (int i = 1; i < 400; ++i) {
        const double high = 0.013 * i * i;
        const auto ticks = axisTicks(0, high, 6, {});
        EXPECT_GE(ticks.size(), 3U) << high;
        EXPECT_LE(ticks.size(), 6U) << high;
    }
}

TEST(AxisMap, IsItsOwnInverse)
{
    for (const bool log : {false, true}) {
        const AxisMap map{0.5, 200, 40, 400, log};
        EXPECT_NEAR(map.value(map.pixel(3.7)), 3.7, 1e-12);
        EXPECT_DOUBLE_EQ(map.pixel(0.5), 40);
        EXPECT_DOUBLE_EQ(map.pixel(200), 400);
    }
}

TEST(EndLabels, KeepTwelvePixelsApartAndMoveLeast)
{
    EXPECT_THAT(spreadLabels({10, 50}, 12, 0, 100), ElementsAre(10, 50));
    EXPECT_THAT(spreadLabels({20, 20, 20}, 12, 0, 100), ElementsAre(8, 20, 32));
    EXPECT_THAT(spreadLabels({95, 99}, 12, 0, 100), ElementsAre(88, 100));
    EXPECT_THAT(spreadLabels({}, 12, 0, 100), ElementsAre());
}

TEST(ColorMaps, AreExactAtTheirStops)
{
    // look/README.md section 1, table of colour maps.
    const Theme& light = Theme::light();
    EXPECT_EQ(QColor(light.load.at(0)).name(), "#10457e");
    EXPECT_EQ(QColor(light.load.at(0.42)).name(), "#c3dcec");
    EXPECT_EQ(QColor(light.load.at(0.5)).name(), "#f4f3ef");
    EXPECT_EQ(QColor(light.load.at(1)).name(), "#8f3206");
    EXPECT_EQ(QColor(light.similarity.at(0.85)).name(), "#8457ad");
    EXPECT_EQ(QColor(Theme::dark().similarity.at(1)).name(), "#f1e4ff");
    EXPECT_EQ(QColor(Theme::dark().load.at(0.5)).name(), "#33363a");
    EXPECT_EQ(light.load.at(-3), light.load.at(0));
    EXPECT_EQ(light.load.at(7), light.load.at(1));
}

TEST(ColorMaps, LieHalfwayBetweenTwoStops)
{
    const ColorMap map({{0, QColor(0, 0, 0)}, {1, QColor(200, 100, 50)}});
    EXPECT_EQ(map.at(0.5), qRgb(100, 50, 25));
}

TEST(ValueScale, PutsHalfAndDoubleEquallyFarFromFair)
{
    const ValueScale load = ValueScale::loadLog2();
    EXPECT_DOUBLE_EQ(load.position(1), 0.5);
    EXPECT_DOUBLE_EQ(load.position(0.25), 0);
    EXPECT_DOUBLE_EQ(load.position(4), 1);
    EXPECT_DOUBLE_EQ(0.5 - load.position(0.5), load.position(2) - 0.5);
    EXPECT_DOUBLE_EQ(load.position(0), 0);
    EXPECT_DOUBLE_EQ(ValueScale::loadLinear().position(1), 0.5);
    EXPECT_DOUBLE_EQ(ValueScale::similarity().position(-0.5), 0.25);
}

TEST(ThemeColors, ReachTheirContrastOnBase)
{
    // Text and states 4.5 : 1, fills and lines 3 : 1 (WCAG 2.1).
    for (const Theme* theme : {&Theme::light(), &Theme::dark()}) {
        for (const QColor& text :
            {theme->text, theme->text2, theme->text3, theme->accent, theme->ok, theme->watchText, theme->alarm})
            EXPECT_GE(contrastRatio(text, theme->base), 4.5) << text.name().toStdString() << " dark " << theme->isDark;
        for (const QColor& fill : {theme->watchFill, theme->paused, theme->nonFinite})
            EXPECT_GE(contrastRatio(fill, theme->base), 3.0) << fill.name().toStdString() << " dark " << theme->isDark;
        for (const QColor& run : theme->runs)
            EXPECT_GE(contrastRatio(run, theme->base), 3.0) << run.name().toStdString() << " dark " << theme->isDark;
    }
}

TEST(ThemeColors, NinthRunRepeatsTheFirstColourWithTheNextDash)
{
    const Theme& theme = Theme::light();
    EXPECT_EQ(theme.color(LineRole::run(8)), theme.color(LineRole::run(0)));
    EXPECT_EQ(theme.dash(LineRole::run(8)), theme.dash(LineRole::run(1)));
    EXPECT_NE(theme.marker(LineRole::run(8)), theme.marker(LineRole::run(0)));
}

TEST(NumberText, ReadsAsTheProgramWrites)
{
    using namespace numberText;
    const QString space(QChar(0x00a0));
    EXPECT_EQ(count(6180), QStringLiteral("6,180"));
    EXPECT_EQ(count(-12), QStringLiteral("−12"));
    EXPECT_EQ(fixed(-0.036, 3), QStringLiteral("−0.036"));
    EXPECT_EQ(fixed(-0.001, 2), QStringLiteral("0.00")) << "never -0.00";
    EXPECT_EQ(fixed(kNaN, 2), missing());
    EXPECT_EQ(signedFixed(0.42, 2), QStringLiteral("+0.42"));
    EXPECT_EQ(si(12300), QStringLiteral("12.3") + space + QStringLiteral("k"));
    EXPECT_EQ(si(50.6e6), QStringLiteral("50.6") + space + QStringLiteral("M"));
    EXPECT_EQ(si(999960, 3), QStringLiteral("1.00") + space + QStringLiteral("M"));
    EXPECT_EQ(bytes(1.21e9), QStringLiteral("1.21") + space + QStringLiteral("GB"));
    EXPECT_EQ(percent(0.006), QStringLiteral("0.6") + space + QStringLiteral("%"));
    EXPECT_EQ(duration(0.666), QStringLiteral("666") + space + QStringLiteral("ms"));
    EXPECT_EQ(duration(4080), QStringLiteral("1%1h 8%1min").arg(space));
    EXPECT_EQ(duration(2520), QStringLiteral("42%1min").arg(space));
    EXPECT_EQ(significant(1e6), QStringLiteral("1,000,000"));
    EXPECT_EQ(significant(1.5e-9), QStringLiteral("1.50 × 10⁻⁹"));
    EXPECT_EQ(cell(0.08), QStringLiteral(".08"));
    EXPECT_EQ(cell(-0.31), QStringLiteral("−.31"));
    EXPECT_EQ(cell(0), QStringLiteral("0"));
}

TEST(MapLayout, CellsAreWholePixelsWithAGapFromTen)
{
    EXPECT_EQ(cellPitch({480, 180}, 16, 6, {34, 30}), (CellPitch{30, 30, 1}));
    EXPECT_EQ(cellPitch({159, 59}, 16, 6, {34, 30}), (CellPitch{9, 9, 0}));
    EXPECT_EQ(cellPitch({3, 3}, 512, 48, {34, 30}), (CellPitch{1, 1, 0}));
}

TEST(MapLayout, LabelsStandWhereTheyFit)
{
    EXPECT_THAT(labelPlaces(4, 20, 12), ElementsAre(0, 1, 2, 3));
    EXPECT_THAT(labelPlaces(16, 9, 14), ElementsAre(0, 2, 4, 6, 8, 10, 12, 15));
    EXPECT_THAT(labelPlaces(16, 9, 34, 5), testing::Contains(5)) << "the selected one always";
    EXPECT_THAT(labelPlaces(1, 1, 30), ElementsAre(0));
    EXPECT_THAT(labelPlaces(0, 1, 30), ElementsAre());
}

TEST(Dendrogram, ClustersBelowTheCutAreOne)
{
    const std::vector<TreeMerge> merges{{0, 2, 0.1}, {4, 1, 0.4}, {5, 3, 0.9}};
    const std::vector<int> order{0, 2, 1, 3};
    EXPECT_THAT(treeClusters(merges, order, 0.5), ElementsAre(0, 0, 0, 1));
    EXPECT_THAT(treeClusters(merges, order, 0.2), ElementsAre(0, 1, 0, 2));
    EXPECT_EQ(treeLines(merges, order, 0.5).size(), 9U);
}

TEST(Dendrogram, WrongTreesHaveNoLines)
{
    EXPECT_TRUE(treeLines({{0, 9, 0.1}}, {0, 1}, 0.5).empty());
    EXPECT_TRUE(treeLines({{0, 1, 0.1}}, {0, 7}, 0.5).empty());
    EXPECT_TRUE(treeLines({}, {0, 1, 2}, 0.5).empty());
}

TEST(LineDiff, MarksWhatWentAndCame)
{
    const std::vector<DiffLine> diff = lineDiff({"a", "b", "c"}, {"a", "x", "c", "d"});
    EXPECT_THAT(diff,
        ElementsAre(DiffLine{LineKind::Same, "a"}, DiffLine{LineKind::Removed, "b"}, DiffLine{LineKind::Added, "x"},
            DiffLine{LineKind::Same, "c"}, DiffLine{LineKind::Added, "d"}));
}

TEST(LineDiff, FoldsWhatStayed)
{
    const std::vector<DiffLine> diff = onlyChanges(lineDiff({"1", "2", "3", "4", "5"}, {"1", "2", "3", "4", "6"}), 1);
    EXPECT_THAT(diff,
        ElementsAre(DiffLine{LineKind::Same, "…"}, DiffLine{LineKind::Same, "4"}, DiffLine{LineKind::Removed, "5"},
            DiffLine{LineKind::Added, "6"}));
}
