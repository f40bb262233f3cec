// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The line chart: what it holds, what it hides (nothing), and what mouse and keys do.
#include <cmath>
#include <limits>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <QApplication>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>

#include "tests/support/widget_samples.h"
#include "widgets/chart_lines.h"
#include "widgets/line_chart.h"

using namespace moescope;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::shared_ptr<const ChartSource> points(std::vector<ChartPoint> list)
{
    return std::make_shared<PointsSource>(std::move(list));
}

ChartSpec oneSeries(std::shared_ptr<const ChartSource> source)
{
    ChartSpec spec;
    spec.x = {.name = QStringLiteral("step"), .unit = AxisUnit::Step};
    ChartSeries series;
    series.name = QStringLiteral("loss");
    series.source = std::move(source);
    spec.series = {series};
    return spec;
}

std::unique_ptr<LineChart> shown(ChartSpec spec, QSize size = {500, 240})
{
    auto chart = std::make_unique<LineChart>();
    chart->setSpec(std::move(spec));
    chart->resize(size);
    chart->show();
    QApplication::processEvents();
    return chart;
}

PlotMap plotOf(double xLow, double xHigh, double yLow, double yHigh)
{
    return {QRectF(0, 0, 100, 50), {xLow, xHigh, 0, 100}, {yLow, yHigh, 50, 0}, 1};
}

void wheel(QWidget& widget, QPointF at, int delta)
{
    QWheelEvent event(
        at, widget.mapToGlobal(at), {}, {0, delta}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QApplication::sendEvent(&widget, &event);
}

}  // namespace

TEST(ChartLines, HoldAtMostTwoPointsPerPixelColumn)
{
    const auto source = samples::loss(100000);
    const ChartPieces pieces = cutPieces(*source, plotOf(0, 100000, 1.7, 3));
    std::map<int, int> perColumn;
    for (const auto& piece : pieces.lines) {
        for (const QPointF& point : piece)
            ++perColumn[int(std::floor(point.x()))];
    }
    for (const auto& [column, number] : perColumn)
        EXPECT_LE(number, 2) << "column " << column;
    EXPECT_EQ(pieces.numInView, 100000U);
}

TEST(ChartLines, KeepTheOneSpikeAmongAMillionPoints)
{
    std::vector<ChartPoint> list(1000000);
    for (std::size_t i = 0; i < list.size(); ++i)
        list[i] = {double(i), 1};
    list[654321].y = 7;
    const ChartPieces pieces = cutPieces(PointsSource(std::move(list)), plotOf(0, 1e6, 0, 10));
    double top = 50;
    for (const auto& piece : pieces.lines) {
        for (const QPointF& point : piece)
            top = std::min(top, point.y());
    }
    EXPECT_DOUBLE_EQ(top, 15);
}

TEST(ChartLines, StayInsideThePlotSoThatVectorFilesNeedNoClip)
{
    const ChartPieces pieces = cutPieces(*samples::loss(), plotOf(500, 5000, 1.9, 2.1));
    ASSERT_FALSE(pieces.lines.empty());
    for (const auto& piece : pieces.lines) {
        for (const QPointF& point : piece)
            EXPECT_TRUE(QRectF(0, 0, 100, 50).adjusted(-1e-6, -1e-6, 1e-6, 1e-6).contains(point))
                << point.x() << ' ' << point.y();
    }
}

TEST(ChartLines, BreakAtWhatIsNotFiniteAndMarkTheLastFiniteValue)
{
    const auto source = points({{0, 1}, {20, 1}, {40, kNaN}, {60, kInfinity}, {80, 2}, {90, 2}});
    const ChartPieces pieces = cutPieces(*source, plotOf(0, 100, 0, 10));
    EXPECT_EQ(pieces.lines.size(), 2U);
    ASSERT_EQ(pieces.crosses.size(), 1U);
    EXPECT_EQ(pieces.crosses[0], QPointF(20, 45));
    EXPECT_THAT(pieces.nonFinite, testing::ElementsAre(40, 60));
}

TEST(ChartLines, ShowALonelyPointBetweenTwoHoles)
{
    const auto source = points({{0, kNaN}, {50, 5}, {90, kNaN}});
    const ChartPieces pieces = cutPieces(*source, plotOf(0, 100, 0, 10));
    EXPECT_TRUE(pieces.lines.empty());
    EXPECT_THAT(pieces.lonely, testing::ElementsAre(QPointF(50, 25)));
}

TEST(ChartLines, DenseOnesAreDashedAlongX)
{
    QList<QPointF> noise, calm;
    for (int x = 0; x < 40; ++x) {
        noise << QPointF(x, 0) << QPointF(x, 30);
        calm << QPointF(x, x / 4.0);
    }
    EXPECT_TRUE(isDense(noise));
    EXPECT_FALSE(isDense(calm));
    const DashedLine dashes = dashesAlongX(noise, {7, 3});
    ASSERT_EQ(dashes.on.size(), 4U);
    ASSERT_EQ(dashes.off.size(), 4U);
    EXPECT_EQ(dashes.on[1].front(), QPointF(10, 0));
    EXPECT_EQ(dashes.on[1].back(), QPointF(17, 0)) << "a part ends where the next begins";
    qsizetype segments = 0;
    for (const auto* parts : {&dashes.on, &dashes.off}) {
        for (const QList<QPointF>& part : *parts)
            segments += part.size() - 1;
    }
    EXPECT_EQ(segments, noise.size() - 1) << "no part of the line is left out";
    EXPECT_EQ(dashesAlongX(noise, {}).on.size(), 1U) << "without a pattern it is one line";
}

TEST(ChartLines, AnEmptySourceIsNothing)
{
    const ChartPieces pieces = cutPieces(PointsSource(), plotOf(0, 1, 0, 1));
    EXPECT_TRUE(pieces.lines.empty());
    EXPECT_EQ(pieces.numInView, 0U);
}

TEST(ChartSource, NearestIsAStoredPointNeverBetween)
{
    const auto source = points({{0, 1}, {10, 2}, {20, 3}});
    EXPECT_EQ(nearestPoint(*source, 4.9), 0U);
    EXPECT_EQ(nearestPoint(*source, 5.1), 1U);
    EXPECT_EQ(nearestPoint(*source, 999), 2U);
    EXPECT_EQ(nearestPoint(PointsSource(), 1), 0U);
}

TEST(TrailingMean, DoesNotMoveThePastAndDebiasesTheStart)
{
    const auto shortRun = trailingMean(*points({{1, 4}, {2, 2}, {3, 3}}), 2);
    const auto longRun = trailingMean(*points({{1, 4}, {2, 2}, {3, 3}, {4, kNaN}, {5, 9}}), 2);
    EXPECT_DOUBLE_EQ(shortRun->point(0).y, 4);
    EXPECT_DOUBLE_EQ(shortRun->point(1).y, 3);
    EXPECT_DOUBLE_EQ(shortRun->point(2).y, 2.5);
    for (std::size_t i = 0; i < 3; ++i)
        EXPECT_DOUBLE_EQ(longRun->point(i).y, shortRun->point(i).y);
    EXPECT_TRUE(std::isnan(longRun->point(3).y));
    EXPECT_DOUBLE_EQ(longRun->point(4).y, 9);
}

TEST(ChartRange, StaysWhileNewRecordsFitIn)
{
    const ValueRange before = calmRange({1.81, 2.66}, {});
    EXPECT_EQ(before, calmRange({1.815, 2.655}, {}));
    EXPECT_LE(before.low, 1.81);
    EXPECT_GE(before.high, 2.66);
    EXPECT_EQ(calmRange({0.2, 1}, {.name = {}, .includeZero = true}).low, 0) << "zero is in the range of shares";
    EXPECT_LT(calmRange({5, 5}, {}).low, calmRange({5, 5}, {}).high) << "a constant has a range";
}

TEST(ChartRange, CountsWhatIsOutside)
{
    const OutsideCount count = countOutside(*points({{0, 9}, {1, 1}, {2, 2}, {3, -5}, {4, kNaN}}), 0, 4, {0, 3});
    EXPECT_EQ(count.above, 1U);
    EXPECT_EQ(count.below, 1U);
    EXPECT_TRUE(count.exact);
}

TEST(LineChart, NeverGivesQtChartsMoreThanTwoPointsPerColumn)
{
    const auto chart = shown(oneSeries(samples::loss(200000)));
    EXPECT_GT(chart->largestSeries(), chart->columns());
    EXPECT_LE(chart->largestSeries(), 2 * chart->columns());
    chart->setXRange(50000, 50050);
    QApplication::processEvents();
    EXPECT_GE(chart->largestSeries(), 50) << "zoomed in far enough, every stored point is drawn";
    EXPECT_LE(chart->largestSeries(), 53);
}

TEST(LineChart, BadgeSaysWhatIsShownStoredAndClipped)
{
    const auto chart = shown(samples::lossSpec());
    EXPECT_THAT(chart->badge().toStdString(), testing::MatchesRegex("6,204 of 6,204 points · [0-9,]+ above [0-9.]+"));
    chart->setXRange(3000, 4000);
    QApplication::processEvents();
    EXPECT_THAT(chart->badge().toStdString(), testing::StartsWith("1,006 of 6,204 points"));
}

TEST(LineChart, WheelZoomsAtTheMouseAndDoubleClickShowsAll)
{
    const auto chart = shown(oneSeries(samples::loss()));
    QSignalSpy ranges(chart.get(), &LineChart::xRangeChanged), follows(chart.get(), &LineChart::followRequested);
    const QPointF at = chart->plotArea().center();
    const double before = chart->xTo() - chart->xFrom(), middle = (chart->xTo() + chart->xFrom()) / 2;
    wheel(*chart, at, 120);
    EXPECT_EQ(ranges.size(), 1);
    EXPECT_NEAR(chart->xTo() - chart->xFrom(), before * 0.8, 1);
    EXPECT_NEAR((chart->xTo() + chart->xFrom()) / 2, middle, before / 100);
    EXPECT_FALSE(chart->isFollowing());
    QTest::mouseDClick(chart.get(), Qt::LeftButton, {}, at.toPoint());
    EXPECT_EQ(follows.size(), 1);
    EXPECT_TRUE(chart->isFollowing());
    EXPECT_NEAR(chart->xTo() - chart->xFrom(), before, 1e-9);
}

TEST(LineChart, NewDataNeverMovesAViewThatTheUserSet)
{
    const auto chart = shown(oneSeries(samples::loss(1000)));
    wheel(*chart, chart->plotArea().center(), 240);
    const double from = chart->xFrom(), to = chart->xTo();
    chart->setSpec(oneSeries(samples::loss(6180)));
    QApplication::processEvents();
    EXPECT_EQ(chart->xFrom(), from);
    EXPECT_EQ(chart->xTo(), to);
    chart->showAll();
    QApplication::processEvents();
    EXPECT_GE(chart->xTo(), 6180);
}

TEST(LineChart, DragPansAndAClickSetsTheCursor)
{
    const auto chart = shown(oneSeries(samples::loss()));
    chart->setXRange(1000, 3000);
    QApplication::processEvents();
    QSignalSpy cursors(chart.get(), &LineChart::cursorMoved), second(chart.get(), &LineChart::secondCursorMoved);
    const QPoint at = chart->plotArea().center().toPoint();
    QTest::mouseClick(chart.get(), Qt::LeftButton, {}, at);
    ASSERT_EQ(cursors.size(), 1);
    EXPECT_NEAR(cursors[0][0].toDouble(), 2000, 6);
    EXPECT_EQ(cursors[0][0].toDouble(), std::round(cursors[0][0].toDouble())) << "a stored step, not a pixel";
    QTest::mouseClick(chart.get(), Qt::LeftButton, Qt::ShiftModifier, at);
    EXPECT_EQ(second.size(), 1);
    QTest::mousePress(chart.get(), Qt::LeftButton, {}, at);
    QTest::mouseMove(chart.get(), at + QPoint(-50, 0));
    QTest::mouseRelease(chart.get(), Qt::LeftButton, {}, at + QPoint(-50, 0));
    EXPECT_GT(chart->xFrom(), 1000) << "pulled to the left, later steps come into view";
    EXPECT_NEAR(chart->xTo() - chart->xFrom(), 2000, 1e-6);
    EXPECT_EQ(cursors.size(), 1) << "a drag is no click";
}

TEST(LineChart, KeysMoveTheCursorByStoredPoints)
{
    const auto chart = shown(oneSeries(samples::validation()));
    chart->setCursors(1000, {});
    QSignalSpy cursors(chart.get(), &LineChart::cursorMoved);
    QTest::keyClick(chart.get(), Qt::Key_Right);
    QTest::keyClick(chart.get(), Qt::Key_Left);
    QTest::keyClick(chart.get(), Qt::Key_Right, Qt::ShiftModifier);
    ASSERT_EQ(cursors.size(), 3);
    EXPECT_EQ(cursors[0][0].toDouble(), 1250);
    EXPECT_EQ(cursors[1][0].toDouble(), 750);
    EXPECT_EQ(cursors[2][0].toDouble(), 3500);
}

TEST(LineChart, StripUnderTheAxisJumpsToTheFirstNonFiniteStep)
{
    const auto chart = shown(oneSeries(samples::withHoles()));
    QSignalSpy jumps(chart.get(), &LineChart::nonFiniteClicked);
    QTest::mouseClick(chart.get(), Qt::LeftButton, {}, QPoint(chart->width() / 2, chart->height() - 6));
    ASSERT_EQ(jumps.size(), 1);
    EXPECT_EQ(jumps[0][0].toDouble(), 2113);
    const auto whole = shown(oneSeries(samples::loss()));
    EXPECT_LT(chart->plotArea().height(), whole->plotArea().height()) << "the strip is there only when needed";
}

TEST(LineChart, LinkedChartsShareRangeAndHover)
{
    const auto a = shown(oneSeries(samples::loss())), b = shown(oneSeries(samples::validation()));
    linkX({a.get(), b.get()});
    wheel(*a, a->plotArea().center(), 120);
    EXPECT_EQ(a->xFrom(), b->xFrom());
    EXPECT_EQ(a->xTo(), b->xTo());
    QTest::mouseDClick(b.get(), Qt::LeftButton, {}, b->plotArea().center().toPoint());
    EXPECT_TRUE(a->isFollowing());
}

TEST(LineChart, TableHoldsEveryStoredPoint)
{
    LineChart chart;
    chart.setSpec(oneSeries(points({{1, 2.5}, {2, kNaN}, {3, 0.1}})));
    EXPECT_EQ(
        chart.tableText(TableFormat::Csv).toStdString(), "series,step,value\nloss,1,2.5\nloss,2,nan\nloss,3,0.1\n");
}

TEST(LineChart, AllNaNAndOnePointAndNothingArePainted)
{
    for (const auto& source : {points({{1, kNaN}, {2, kNaN}}), points({{5, 3}}), points({})})
        EXPECT_FALSE(shown(oneSeries(source))->grab().isNull());
    ChartSpec log = oneSeries(points({{1, -1}, {2, 0}, {3, 10}}));
    log.y.log = true;
    EXPECT_FALSE(shown(log)->grab().isNull());
    EXPECT_FALSE(shown(oneSeries(samples::loss()), {30, 20})->grab().isNull()) << "tiny";
}
