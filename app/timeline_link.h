// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Keeps the timeline and the selection in step: cursors, record by record, playing, brush.
#pragma once

#include <QObject>
#include <QTimer>

#include "app/chart_specs.h"
#include "app/frame.h"
#include "app/selection.h"
#include "widgets/timeline.h"

namespace moescope {

class TimelineLink : public QObject {
    Q_OBJECT

public:
    TimelineLink(Timeline* timeline, Selection& selection, QObject* parent = nullptr);

    void setRun(const NamedRun& run);
    void setFrame(const FramePtr& frame);  ///< which probes are shown

    void moveRecords(int number, bool cursorB = false);  ///< A or B by recorded steps
    void goToFirst();
    void goToLast();
    void setPlaying(bool on);
    bool isPlaying() const { return m_play.isActive(); }

private:
    void placeCursors();
    void playOn();

    Timeline* m_timeline;
    Selection& m_selection;
    NamedRun m_run;
    QTimer m_play;
};

/// The run's past and future as the timeline draws it.
TimelineData timelineData(const NamedRun& run);

}  // namespace moescope
