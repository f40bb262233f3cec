// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "engine/analysis/routing_change.h"

namespace moescope {
namespace {

using Experts = std::vector<double>;

TEST(FlipRate, GivesGoldenCase14)
{
    // spec diagnostics 8.2, case 14: four tokens at five probes.
    const std::vector<Experts> tokens{{0, 0, 0, 0, 0}, {1, 0, 0, 0, 0}, {0, 1, 0, 1, 1}, {2, 2, 2, 2, 0}};
    const std::vector<double> expected{0.5, 0.25, 0.25, 0.25};
    for (std::size_t probe = 1; probe < 5; ++probe) {
        Experts before, after;
        for (const Experts& token : tokens) {
            before.push_back(token[probe - 1]);
            after.push_back(token[probe]);
        }
        EXPECT_EQ(flipRate({before, after, 1}), expected[probe - 1]) << probe;
    }
}

TEST(FlipRate, LooksAtTheBestExpertOnly)
{
    EXPECT_EQ(flipRate({Experts{0, 1, 2, 3}, Experts{0, 3, 3, 2}, 2}), 0.5);
    EXPECT_EQ(flipRate({Experts{-1, -1}, Experts{4, -1}, 2}), 1) << "no expert before, one now";
    EXPECT_TRUE(std::isnan(flipRate({Experts{}, Experts{}, 2})));
}

TEST(Saturation, GivesGoldenCase13)
{
    EXPECT_EQ(saturation({Experts{0, 1, 2, 3, 0, 2}, Experts{0, 1, 0, 2, 1, 3}, 2}), 0.5);
}

TEST(Saturation, CountsUnequalNumbersOfExperts)
{
    EXPECT_EQ(saturation({Experts{0, 1, 2, -1}, Experts{1, -1, 2, 3}, 2}), 0.75) << "1 of 1, 1 of 2";
    EXPECT_EQ(saturation({Experts{0, -1, 2, 3}, Experts{-1, -1, 3, 2}, 2}), 1) << "a token without experts is left out";
    EXPECT_TRUE(std::isnan(saturation({Experts{0}, Experts{-1}, 1})));
}

}  // namespace
}  // namespace moescope
