// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Layout maths of maps: whole-pixel cells, their gap, and which labels have room.
#pragma once

#include <vector>

#include <QSize>

namespace moescope {

struct CellPitch {
    int width = 1, height = 1;  ///< of a cell with its gap
    int gap = 0;                ///< 1 from 10 px on, none below
    friend bool operator==(const CellPitch&, const CellPitch&) = default;
};

/// Largest whole-pixel cells of `columns` × `rows` in `area`, no larger than `most`, no smaller than 1 px.
CellPitch cellPitch(QSize area, int columns, int rows, QSize most);

/// Labels that have room: the selected one, the first, the last, and every n-th; n of 1, 2, 3, 4, 5, 10, 20, 50, …
/// Rising. `pitch` = distance of neighbours, `extent` = length of a label.
std::vector<int> labelPlaces(int count, double pitch, double extent, int selected = -1);

}  // namespace moescope
