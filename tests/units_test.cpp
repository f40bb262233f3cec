// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/units.h"

#include <limits>

#include <gtest/gtest.h>

using namespace moescope;

TEST(Units, CountsHaveCommasFromOneThousandOn)
{
    EXPECT_EQ(formatCount(0), "0");
    EXPECT_EQ(formatCount(999), "999");
    EXPECT_EQ(formatCount(6180), "6,180");
    EXPECT_EQ(formatCount(-1234567), "−1,234,567");
    EXPECT_EQ(formatCount(std::numeric_limits<std::int64_t>::min()), "−9,223,372,036,854,775,808");
}

TEST(Units, NumbersAreFixedPointWithARealMinus)
{
    EXPECT_EQ(formatNumber(1.8744, 3), "1.874");
    EXPECT_EQ(formatNumber(-0.036, 3), "−0.036");
    EXPECT_EQ(formatNumber(-0.001, 2), "0.00");
    EXPECT_EQ(formatNumber(1e6, 0), "1,000,000");
    EXPECT_EQ(formatNumber(12034.5, 1), "12,034.5");
}

TEST(Units, WhatIsNoNumberIsADashAndInfinityASign)
{
    const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
    EXPECT_EQ(formatNumber(nan, 3), "–");
    EXPECT_EQ(formatShort(nan), "–");
    EXPECT_EQ(formatBytes(-infinity), "−∞");
    EXPECT_EQ(formatDuration(infinity), "∞");
    EXPECT_EQ(formatPercent(nan), "–");
}

TEST(Units, ShortNumbersKeepThreeDigits)
{
    EXPECT_EQ(formatShort(0), "0");
    EXPECT_EQ(formatShort(999), "999");
    EXPECT_EQ(formatShort(999.9), "1 k");
    EXPECT_EQ(formatShort(12345), "12.3 k");
    EXPECT_EQ(formatShort(50'600'000), "50.6 M");
    EXPECT_EQ(formatShort(-1500), "−1.5 k");
    EXPECT_EQ(formatShort(1.2345e17), "123,450 T");
}

TEST(Units, BytesAreDecimal)
{
    EXPECT_EQ(formatBytes(640), "640 B");
    EXPECT_EQ(formatBytes(1.21e9), "1.21 GB");
    EXPECT_EQ(formatBytes(999'960), "1 MB");
}

TEST(Units, DurationsHaveAtMostTwoUnits)
{
    EXPECT_EQ(formatDuration(0.666), "666 ms");
    EXPECT_EQ(formatDuration(0.0042), "4.2 ms");
    EXPECT_EQ(formatDuration(4.2), "4.2 s");
    EXPECT_EQ(formatDuration(38.4), "38 s");
    EXPECT_EQ(formatDuration(59.6), "1 min");
    EXPECT_EQ(formatDuration(485), "8 min 5 s");
    EXPECT_EQ(formatDuration(4080), "1 h 8 min");
    EXPECT_EQ(formatDuration(3599.7), "1 h");
    EXPECT_EQ(formatDuration(183'600), "2 d 3 h");
}

TEST(Units, PercentHasADecimalOnlyBelowTen)
{
    EXPECT_EQ(formatPercent(0.006), "0.6 %");
    EXPECT_EQ(formatPercent(0.123), "12 %");
    EXPECT_EQ(formatPercent(0.0996), "10 %");
}
