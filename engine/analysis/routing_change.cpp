// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/analysis/routing_change.h"

#include <algorithm>
#include <limits>

#include "engine/base/check.h"

namespace moescope {

namespace {

constexpr double kNoNumber = std::numeric_limits<double>::quiet_NaN();

std::size_t tokensOf(const RoutingPair& pair)
{
    MOESCOPE_CHECK(
        pair.numChoices > 0 && pair.before.size() == pair.after.size() && pair.after.size() % pair.numChoices == 0,
        "the same tokens at both times");
    return pair.after.size() / pair.numChoices;
}

}  // namespace

double flipRate(const RoutingPair& pair)
{
    const std::size_t tokens = tokensOf(pair);
    std::size_t flips = 0;
    for (std::size_t token = 0; token < tokens; ++token)
        flips += pair.before[token * pair.numChoices] != pair.after[token * pair.numChoices];
    return tokens == 0 ? kNoNumber : static_cast<double>(flips) / static_cast<double>(tokens);
}

double saturation(const RoutingPair& pair)
{
    double sum = 0;
    std::size_t counted = 0;
    for (std::size_t token = 0; token < tokensOf(pair); ++token) {
        const auto before = pair.before.subspan(token * pair.numChoices, pair.numChoices);
        const auto after = pair.after.subspan(token * pair.numChoices, pair.numChoices);
        const auto chosen = std::ranges::count_if(after, [](double expert) { return expert >= 0; });
        if (chosen == 0)
            continue;
        const auto kept = std::ranges::count_if(
            after, [&](double expert) { return expert >= 0 && std::ranges::find(before, expert) != before.end(); });
        sum += static_cast<double>(kept) / static_cast<double>(chosen);
        ++counted;
    }
    return counted == 0 ? kNoNumber : sum / static_cast<double>(counted);
}

}  // namespace moescope
