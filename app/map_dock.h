// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The small layer x expert map at the right: shows the load at A, selects layer and expert for all views.
#pragma once

#include <QWidget>

#include "app/frame.h"

namespace moescope {

class Heatmap;
class Selection;

class MapDock : public QWidget {
    Q_OBJECT

public:
    explicit MapDock(Selection& selection, QWidget* parent = nullptr);
    void setFrame(const FramePtr& frame);

private:
    Selection& m_selection;
    FramePtr m_frame;
    Heatmap* m_map;
};

}  // namespace moescope
