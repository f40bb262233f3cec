// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The lanes of the timeline: segments, loss, events, alarms and the axis, with the flags of both cursors.
#pragma once

#include "widgets/chart_lines.h"
#include "widgets/timeline.h"

namespace moescope {

class TimelineLanes : public QWidget {
    Q_OBJECT
public:
    explicit TimelineLanes(QWidget* parent = nullptr);
    void setData(TimelineData data);
    void setCursors(std::optional<std::int64_t> a, std::optional<std::int64_t> b);
    const TimelineData& data() const { return m_data; }
    QSize sizeHint() const override;

Q_SIGNALS:
    void cursorMoved(qint64 step);
    void secondCursorMoved(qint64 step);
    void brushed(qint64 from, qint64 to);
    void brushCleared();
    void recordsRequested(int number);
    void goToFirst();
    void goToLast();
    void eventClicked(int index);
    void alarmClicked(int index);

protected:
    bool event(QEvent*) override;
    void paintEvent(QPaintEvent*) override;
    void changeEvent(QEvent*) override;
    void mousePressEvent(QMouseEvent*) override;
    void mouseMoveEvent(QMouseEvent*) override;
    void mouseReleaseEvent(QMouseEvent*) override;
    void keyPressEvent(QKeyEvent*) override;

private:
    struct Layout {
        QRectF plot;  ///< x of the run, all lanes
        QRectF segments, loss, events, alarms, axis;
    };
    struct AlarmBar {
        int index = 0, row = 0;
        QRectF rect;
    };
    enum class Drag { None, CursorA, CursorB, Brush };

    Layout lanes() const;
    AxisMap axisMap() const;
    std::int64_t stepAt(qreal x) const;
    std::vector<AlarmBar> alarmBars() const;
    void paintNames(QPainter& painter, const Layout& at, const Theme& theme) const;
    void paintSegments(QPainter& painter, const Layout& at, const Theme& theme) const;
    void paintLoss(QPainter& painter, const Layout& at, const Theme& theme) const;
    void paintEvents(QPainter& painter, const Layout& at, const Theme& theme) const;
    void paintAlarms(QPainter& painter, const Layout& at, const Theme& theme) const;
    void paintAxis(QPainter& painter, const Layout& at, const Theme& theme) const;
    void paintCursors(QPainter& painter, const Layout& at, const Theme& theme) const;
    QString describe(QPoint position) const;
    void dragTo(qreal x);

    TimelineData m_data;
    std::optional<std::int64_t> m_a, m_b;
    std::optional<std::pair<std::int64_t, std::int64_t>> m_brush;
    Drag m_drag = Drag::None;
    std::int64_t m_brushStart = 0;
};

}  // namespace moescope
