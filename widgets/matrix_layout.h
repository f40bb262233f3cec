// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Where a matrix view's parts lie. Private to its two sources.
#pragma once

#include "widgets/matrix_view.h"

namespace moescope {

struct MatrixView::Layout {
    QRect cells, tree, legend, hoverLine, heading;
    int pitch = 1, gap = 0, labelWidth = 0;
    QRect cell(int row, int column) const;     ///< by place
    double heightAt(int x, double top) const;  ///< tree height under a pixel; 0 at the right
    qreal treeX(double height, double top) const;
};

}  // namespace moescope
