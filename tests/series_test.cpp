// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/series.h"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

using namespace moescope;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// Step i + 1, one second and 100 tokens a step.
Series seriesOf(const std::vector<float>& values)
{
    Series series;
    for (std::size_t i = 0; i < values.size(); ++i)
        series.append(static_cast<std::int64_t>(i) + 1, values[i], 1000.0 + i, 100.0 * (i + 1), nullptr);
    return series;
}

std::vector<float> valuesOf(const Series& series)
{
    std::vector<float> values;
    for (std::size_t i = 0; i < series.size(); ++i)
        values.push_back(series.value(i));
    return values;
}

std::vector<std::int64_t> stepsOf(const Series& series)
{
    std::vector<std::int64_t> steps;
    for (std::size_t i = 0; i < series.size(); ++i)
        steps.push_back(series.step(i));
    return steps;
}

std::vector<float> noise(std::size_t count)
{
    std::mt19937 generator(7);
    std::uniform_real_distribution<float> uniform(-1, 1);
    std::vector<float> values(count);
    for (float& value : values)
        value = uniform(generator);
    return values;
}

}  // namespace

TEST(Series, GivesBackWhatWasAppended)
{
    const Series series = seriesOf({3, 2, 1});
    ASSERT_EQ(series.size(), 3u);
    EXPECT_EQ(series.step(1), 2);
    EXPECT_EQ(series.value(1), 2);
    EXPECT_EQ(series.wallTime(1), 1001);
    EXPECT_EQ(series.tokens(1), 200);
    EXPECT_EQ(series.x(1, XAxis::Step), 2);
    EXPECT_EQ(series.x(1, XAxis::Tokens), 200);
    EXPECT_EQ(series.x(1, XAxis::Time), 1);
}

TEST(Series, FindsStepsAndPlaces)
{
    Series series;
    for (const std::int64_t step : {10, 20, 40})
        series.append(step, 0, 0, std::nan(""), nullptr);
    EXPECT_EQ(series.indexAtOrBefore(9), 3u);
    EXPECT_EQ(series.indexAtOrBefore(10), 0u);
    EXPECT_EQ(series.indexAtOrBefore(39), 1u);
    EXPECT_EQ(series.indexAtOrBefore(1000), 2u);
    EXPECT_EQ(series.lowerBound(20.5, XAxis::Step), 2u);
    EXPECT_EQ(series.lowerBound(40.5, XAxis::Step), 3u);
}

TEST(Series, ColumnsHoldEveryPointOnceWithItsExtremes)
{
    // Lengths around the sizes of blocks and chunks, columns narrower and wider than they are.
    for (const std::size_t count : {1u, 15u, 16u, 17u, 257u, 4095u, 4096u, 4097u, 20'000u}) {
        const std::vector<float> values = noise(count);
        const Series series = seriesOf(values);
        for (const std::size_t numColumns : {1u, 3u, 100u, 1999u}) {
            std::size_t next = 0;
            for (const SeriesColumn& column : series.columns(1, static_cast<double>(count), numColumns, XAxis::Step)) {
                ASSERT_EQ(column.first, next);
                ASSERT_GT(column.count, 0u);
                const auto begin = values.begin() + static_cast<std::ptrdiff_t>(next);
                const auto [low, high] = std::minmax_element(begin, begin + static_cast<std::ptrdiff_t>(column.count));
                ASSERT_EQ(column.minimum, *low) << count << " in " << numColumns;
                ASSERT_EQ(column.maximum, *high) << count << " in " << numColumns;
                ASSERT_EQ(column.x, static_cast<double>(next) + 1);
                next += column.count;
            }
            ASSERT_EQ(next, count);
        }
    }
}

TEST(Series, ColumnsOfAZoomHoldTheEndsOfTheRange)
{
    const Series series = seriesOf(noise(1000));
    const auto columns = series.columns(100, 200, 10, XAxis::Step);
    ASSERT_EQ(columns.size(), 10u);
    EXPECT_EQ(columns.front().first, 99u);
    EXPECT_EQ(columns.back().first + columns.back().count, 200u);  // step 200 is in
    EXPECT_TRUE(series.columns(2000, 3000, 10, XAxis::Step).empty());
    EXPECT_EQ(series.columns(5, 5, 10, XAxis::Step).size(), 1u);
    EXPECT_TRUE(series.columns(7, 5, 10, XAxis::Step).empty());
    EXPECT_TRUE(series.columns(1, 5, 0, XAxis::Step).empty());
    EXPECT_EQ(series.columns(-kInfinity, kInfinity, 1, XAxis::Step).front().count, 1000u);
    const std::vector<double> decades = {1, 10, 100, 1000};
    const auto logarithmic = series.columns(decades, XAxis::Step);
    ASSERT_EQ(logarithmic.size(), 3u);
    EXPECT_EQ(logarithmic[1].first, 9u);
    EXPECT_EQ(logarithmic[2].count, 901u);
}

TEST(Series, CountsWhatIsNoNumberAndKeepsItOutOfTheExtremes)
{
    std::vector<float> values(5000, 1);
    values[10] = kNaN;
    values[300] = kInfinity;
    values[4097] = -kInfinity;
    const Series series = seriesOf(values);
    EXPECT_EQ(series.numNonFinite(), 3u);
    EXPECT_EQ(series.firstNonFinite(), 10u);
    const SeriesColumn all = series.columns(0, 5000, 1, XAxis::Step).front();
    EXPECT_EQ(all, (SeriesColumn{0, 5000, 1, 1, 1, 1, 2}));
    EXPECT_EQ(all.finite(), 4997u);
    const SeriesColumn one = series.columns(11, 11, 1, XAxis::Step).front();
    EXPECT_EQ(one, (SeriesColumn{10, 1, 11, 0, 0, 1, 0}));
    EXPECT_EQ(seriesOf({1, 2}).firstNonFinite(), 2u);
}

TEST(Series, LaterPointsReplaceThoseFromTheirStepOn)
{
    Series series = seriesOf({1, 2, kNaN, 4, 5});
    Series rolledBack;
    series.append(3, 30, 2000, 300, &rolledBack);
    EXPECT_EQ(valuesOf(series), (std::vector<float>{1, 2, 30}));
    EXPECT_EQ(series.numNonFinite(), 0u);
    EXPECT_EQ(stepsOf(rolledBack), (std::vector<std::int64_t>{3, 4, 5}));
    EXPECT_EQ(rolledBack.value(2), 5);
    EXPECT_EQ(rolledBack.firstNonFinite(), 0u);
    EXPECT_EQ(rolledBack.wallTime(0), 1002);

    series.append(4, 40, 2001, 400, &rolledBack);
    series.rollBack(4, &rolledBack);  // a second resume: the newest attempt stays in the rolled-back points
    EXPECT_EQ(valuesOf(series), (std::vector<float>{1, 2, 30}));
    EXPECT_EQ(stepsOf(rolledBack), (std::vector<std::int64_t>{3, 4}));
    EXPECT_EQ(rolledBack.value(1), 40);
    series.rollBack(std::numeric_limits<std::int64_t>::min(), nullptr);
    EXPECT_TRUE(series.empty());
}

TEST(Series, ACopyKeepsWhatItSawWhileTheOriginalGoesOn)
{
    Series series = seriesOf(noise(5000));
    const Series copy = series;
    const std::vector<float> before = valuesOf(copy);
    const auto columns = copy.columns(0, 1e9, 50, XAxis::Step);
    for (int i = 0; i < 5000; ++i)
        series.append(5001 + i, 9, 7000, 0, nullptr);
    series.rollBack(4500, nullptr);
    for (int i = 0; i < 5000; ++i)
        series.append(4500 + i, 8, 7000, 0, nullptr);
    EXPECT_EQ(valuesOf(copy), before);
    EXPECT_EQ(copy.columns(0, 1e9, 50, XAxis::Step), columns);
    EXPECT_EQ(series.size(), 9499u);
    EXPECT_EQ(series.columns(4500, 1e9, 1, XAxis::Step).front().minimum, 8);
    EXPECT_EQ(series.value(4498), before[4498]);
}

// spec formats 5.5 row 16
TEST(Series, TimeNeverRunsBackwardsWhenTheClockDoes)
{
    Series series;
    for (const double wall : {1000.0, 1010.0, -2590.0, 1020.0})
        series.append(static_cast<std::int64_t>(series.size()) + 1, 0, wall, std::nan(""), nullptr);
    EXPECT_EQ(series.x(2, XAxis::Time), 10);
    EXPECT_EQ(series.x(3, XAxis::Time), 20);
    EXPECT_EQ(series.wallTime(2), -2590);
}

TEST(Series, MissingTokensAreThoseOfThePointBefore)
{
    Series series;
    series.append(1, 0, 0, std::nan(""), nullptr);
    series.append(2, 0, 0, 500, nullptr);
    series.append(3, 0, 0, std::nan(""), nullptr);
    EXPECT_TRUE(std::isnan(series.tokens(0)));
    EXPECT_EQ(series.x(0, XAxis::Tokens), 0);
    EXPECT_EQ(series.tokens(2), 500);
}

TEST(Series, KeepsUnevenStepsOverChunks)
{
    const auto axes = std::make_shared<SeriesAxes>(50.0);
    Series first(axes), second(axes);
    std::int64_t step = 0;
    for (int i = 0; i < 10'000; ++i) {
        step += 1 + i % 3;
        first.append(step, 1, 60.0 + i, 10.0 * static_cast<double>(step), nullptr);
        second.append(step, 2, 60.0 + i, 10.0 * static_cast<double>(step), nullptr);
    }
    step = 0;
    for (std::size_t i = 0; i < 10'000; ++i) {
        step += 1 + static_cast<std::int64_t>(i) % 3;
        ASSERT_EQ(first.step(i), step);
        ASSERT_EQ(second.tokens(i), 10.0 * static_cast<double>(step));
        ASSERT_EQ(second.x(i, XAxis::Time), 10.0 + static_cast<double>(i));
    }
}
