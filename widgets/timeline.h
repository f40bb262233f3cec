// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The run on one line: segments, loss, events, alarms over the whole planned range, with the two step cursors.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QWidget>

#include "widgets/chart_spec.h"

namespace moescope {

struct TimelineSegment {
    std::int64_t from = 0, to = 0;
    std::optional<std::int64_t> rolledBackFrom;  ///< hatched from here on
    State state = State::Stopped;                ///< Training for the live one
};

struct TimelineEvent {
    std::int64_t step = 0;
    QString text;
    State state = State::None;
};

struct TimelineAlarm {
    std::int64_t watchFrom = 0;
    std::optional<std::int64_t> alarmFrom, resolvedAt;
    std::int64_t to = 0;
    QString text;
};

struct TimelineData {
    std::int64_t planned = 0, last = 0;  ///< steps
    std::vector<TimelineSegment> segments;
    std::vector<std::int64_t> checkpoints;
    std::shared_ptr<const ChartSource> loss;  ///< x = step
    LineRole role;
    std::vector<TimelineEvent> events;
    std::vector<TimelineAlarm> alarms;
    QString remaining;  ///< "remaining 3,820 steps · 42 min"
};

class TimelineLanes;
class TransportColumn;

/// Transport and step fields at the left, lanes at the right. 96 px with the 13 px font.
class Timeline : public QWidget {
    Q_OBJECT
public:
    explicit Timeline(QWidget* parent = nullptr);
    void setData(TimelineData data);
    void setCursors(std::optional<std::int64_t> a, std::optional<std::int64_t> b);  ///< emits nothing
    void setProbeText(const QString& text);  ///< "Probe shown: A 6,000 · B 4,000"
    void setPlaying(bool on);
    void setTransportWidth(int width);  ///< to line up with the dock above
    double speed() const;               ///< of playing: 1, 2, 5, 10 records per tick
    bool looping() const;
    QSize sizeHint() const override;

Q_SIGNALS:
    void cursorMoved(qint64 step);         ///< A, by field, click or drag
    void secondCursorMoved(qint64 step);   ///< B, by field, Shift+click or drag of its flag
    void brushed(qint64 from, qint64 to);  ///< drag over the lanes with the right button or Ctrl
    void brushCleared();
    void recordsRequested(int number);  ///< −1, +1; the first and last by goToFirst, goToLast
    void goToFirst();
    void goToLast();
    void playRequested(bool on);
    void eventClicked(int index);
    void alarmClicked(int index);

private:
    TransportColumn* m_transport;
    TimelineLanes* m_lanes;
};

}  // namespace moescope
