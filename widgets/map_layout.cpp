// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/map_layout.h"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace moescope {

namespace {

constexpr double kBetweenLabels = 4;

int labelInterval(double pitch, double extent)
{
    constexpr std::array kIntervals{1, 2, 3, 4, 5};
    for (const int interval : kIntervals) {
        if (interval * pitch >= extent + kBetweenLabels)
            return interval;
    }
    int interval = 10;
    for (int i = 0; interval * pitch < extent + kBetweenLabels && i < 20; ++i)
        interval *= i % 3 == 1 ? 5 : 2;
    return interval;
}

}  // namespace

CellPitch cellPitch(QSize area, int columns, int rows, QSize most)
{
    if (columns <= 0 || rows <= 0)
        return {};
    CellPitch pitch;
    pitch.width = std::clamp(area.width() / columns, 1, std::max(1, most.width()));
    pitch.height = std::clamp(area.height() / rows, 1, std::max(1, most.height()));
    pitch.gap = std::min(pitch.width, pitch.height) >= 10 ? 1 : 0;
    return pitch;
}

std::vector<int> labelPlaces(int count, double pitch, double extent, int selected)
{
    std::vector<int> places;
    if (count <= 0 || pitch <= 0)
        return places;
    const auto add = [&](int place) {
        const bool room = std::none_of(places.begin(), places.end(),
            [&](int other) { return std::abs(other - place) * pitch < extent + kBetweenLabels; });
        if (room)
            places.push_back(place);
    };
    if (selected >= 0 && selected < count)
        add(selected);
    add(0);
    add(count - 1);
    const int interval = labelInterval(pitch, extent);
    for (int place = interval; place < count; place += interval)
        add(place);
    std::sort(places.begin(), places.end());
    return places;
}

}  // namespace moescope
