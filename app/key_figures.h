// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The five numbers on top of the overview and the badges of its panels, as text.
#pragma once

#include <QString>

#include "app/frame.h"
#include "widgets/theme.h"

namespace moescope {

struct FigureText {
    QString number, unit, below;
    State state = State::None;
};

FigureText validationFigure(const RunViewPtr& view, std::int64_t stepA);
FigureText distinctFigure(const FramePtr& frame);
FigureText worstFigure(const FramePtr& frame);
FigureText tokensFigure(const RunViewPtr& view, std::int64_t stepA);
FigureText stepFigure(const RunViewPtr& view, std::int64_t stepA);

QString loadBadge(const Frame& frame);            ///< "assigned = tokens × 2 in all layers ✓"
QString healthBadge(const Frame& frame);          ///< "load: last 100 steps · probe 6,000"
QString throughputBadge(const RunViewPtr& view);  ///< "12.3 now"

/// Value of a scalar at or before a step; NaN when there is none.
double scalarAt(const RunSnapshot& log, std::string_view tag, std::int64_t step);

/// Seconds until the planned end at the speed of the last steps; negative when nobody knows.
double secondsLeft(const RunView& view);

}  // namespace moescope
