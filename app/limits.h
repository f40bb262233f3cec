// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// From which value on a number deserves a colour. Rules R1, R3, R5, R9, R10 of spec diagnostics 6.4, without their
// persistence.
#pragma once

#include <algorithm>
#include <cmath>

#include "widgets/theme.h"

namespace moescope::limits {

inline constexpr double kDiversityAlarm = 0.65;  ///< D/E, R10
inline constexpr double kDiversityWatch = 0.75;
inline constexpr double kPairAlarm = 0.90;  ///< cosine or CKA excess, R9
inline constexpr double kPairWatch = 0.80;
inline constexpr double kTreeCut = 0.65;  ///< of a tree over 1 - similarity: groups whose mean similarity is above 0.35
inline constexpr double kHotExpert = 1.0;  ///< MaxVio, R3
inline constexpr double kHotExpertCritical = 3.0;
inline constexpr double kExpectedForDead = 50;  ///< assignments that a fair expert would have had, R1

inline State diversity(double share)
{
    if (!std::isfinite(share))
        return State::None;
    return share < kDiversityAlarm ? State::Alarm : share < kDiversityWatch ? State::Watch : State::Ok;
}

inline State pair(double similarity)
{
    if (!std::isfinite(similarity))
        return State::None;
    return similarity > kPairAlarm ? State::Alarm : similarity > kPairWatch ? State::Watch : State::Ok;
}

inline State maxViolation(double value, double floor)
{
    if (value > kHotExpertCritical)
        return State::Alarm;
    return value > std::max(kHotExpert, 5 * floor) ? State::Watch : State::Ok;
}

inline State dead(int count, double expectedPerExpert)
{
    if (count == 0)
        return State::Ok;
    return expectedPerExpert >= kExpectedForDead ? State::Alarm : State::None;
}

inline State dropped(double share)
{
    if (!std::isfinite(share))
        return State::None;
    return share > 0.10 ? State::Alarm : share > 0.01 ? State::Watch : State::Ok;
}

}  // namespace moescope::limits
