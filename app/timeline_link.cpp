// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/timeline_link.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <QCoreApplication>

#include "app/events_model.h"
#include "app/key_figures.h"
#include "app/series_source.h"
#include "widgets/number_text.h"

namespace moescope {
namespace {

constexpr int kPlayMs = 60;

std::vector<TimelineSegment> segmentsOf(const RunView& view)
{
    std::vector<TimelineSegment> segments;
    for (const Segment& segment : view.snapshot->segments) {
        TimelineSegment drawn;
        drawn.from = std::max<std::int64_t>(0, segment.firstStep - 1);
        drawn.to = segment.lastStep;
        if (segment.rolledBackFrom > 0)
            drawn.rolledBackFrom = segment.rolledBackFrom;
        segments.push_back(drawn);
    }
    if (!segments.empty() && view.active())
        segments.back().state = State::Training;
    return segments;
}

}  // namespace

TimelineData timelineData(const NamedRun& run)
{
    TimelineData data;
    const RunView& view = *run.view;
    data.last = view.snapshot->lastStep;
    data.planned = std::max(view.facts.numSteps, data.last);
    data.segments = segmentsOf(view);
    data.role = run.role;
    data.loss = chartSource(view.snapshot->scalar("loss/language_model"), XAxis::Step, 1 / std::numbers::ln2);
    bool first = true;
    for (const RunEvent& event : view.snapshot->events) {
        if (event.kind == "checkpoint") {
            data.checkpoints.push_back(event.step);
            continue;
        }
        const EventRow row = eventRow(event);
        // The start says nothing that the axis does not say.
        if (event.kind == "state" && first) {
            first = false;
            continue;
        }
        data.events.push_back({event.step, row.text.left(40), row.state});
    }
    const std::int64_t remaining = data.planned - data.last;
    if (view.active() && remaining > 0) {
        const double left = secondsLeft(view);
        data.remaining = left > 0
            ? QCoreApplication::translate("Timeline", "remaining %1 steps · %2")
                  .arg(numberText::count(remaining), numberText::duration(left))
            : QCoreApplication::translate("Timeline", "remaining %1 steps").arg(numberText::count(remaining));
    } else if (remaining > 0) {
        data.remaining = QCoreApplication::translate("Timeline", "%1 steps not run").arg(numberText::count(remaining));
    }
    return data;
}

TimelineLink::TimelineLink(Timeline* timeline, Selection& selection, QObject* parent)
    : QObject(parent)
    , m_timeline(timeline)
    , m_selection(selection)
{
    m_play.setInterval(kPlayMs);
    connect(&m_play, &QTimer::timeout, this, &TimelineLink::playOn);
    connect(&selection, &Selection::stepsChanged, this, &TimelineLink::placeCursors);
    connect(timeline, &Timeline::cursorMoved, this, [this](qint64 step) { m_selection.setStepA(step); });
    connect(timeline, &Timeline::secondCursorMoved, this, [this](qint64 step) { m_selection.setStepB(step); });
    connect(timeline, &Timeline::recordsRequested, this, [this](int number) { moveRecords(number); });
    connect(timeline, &Timeline::goToFirst, this, &TimelineLink::goToFirst);
    connect(timeline, &Timeline::goToLast, this, &TimelineLink::goToLast);
    connect(timeline, &Timeline::playRequested, this, &TimelineLink::setPlaying);
    connect(timeline, &Timeline::brushed, this, [this](qint64 from, qint64 to) { m_selection.setRange(from, to); });
    connect(timeline, &Timeline::brushCleared, this, [this] { m_selection.setRange(0, 0); });
    connect(timeline, &Timeline::eventClicked, this, [this](int index) {
        const TimelineData data = m_run.view ? timelineData(m_run) : TimelineData{};
        if (index >= 0 && static_cast<std::size_t>(index) < data.events.size())
            m_selection.setStepA(data.events[static_cast<std::size_t>(index)].step);
    });
}

void TimelineLink::setRun(const NamedRun& run)
{
    m_run = run;
    m_timeline->setData(run.view ? timelineData(run) : TimelineData{});
    placeCursors();
}

void TimelineLink::setFrame(const FramePtr& frame)
{
    if (!frame || !frame->similarityA.present()) {
        m_timeline->setProbeText({});
        return;
    }
    const QString a = numberText::count(frame->similarityA.step);
    m_timeline->setProbeText(frame->similarityB.present()
            ? tr("Probe shown: A %1 · B %2").arg(a, numberText::count(frame->similarityB.step))
            : tr("Probe shown: A %1").arg(a));
}

void TimelineLink::placeCursors()
{
    const auto at = [](std::int64_t step) { return step > 0 ? std::optional(step) : std::nullopt; };
    m_timeline->setCursors(at(m_selection.stepA()), at(m_selection.stepB()));
}

void TimelineLink::moveRecords(int number, bool cursorB)
{
    const Series* clock = m_run.view ? clockOf(*m_run.view) : nullptr;
    if (!clock)
        return;
    const std::int64_t step = cursorB ? m_selection.stepB() : m_selection.stepA();
    const std::size_t at = clock->indexAtOrBefore(step);
    const auto size = static_cast<std::int64_t>(clock->size());
    const std::int64_t index = at < clock->size() ? static_cast<std::int64_t>(at) : -1;
    const auto wanted = static_cast<std::size_t>(std::clamp<std::int64_t>(index + number, 0, size - 1));
    if (cursorB)
        m_selection.setStepB(clock->step(wanted));
    else
        m_selection.setStepA(clock->step(wanted));
}

void TimelineLink::goToFirst() { moveRecords(std::numeric_limits<int>::min() / 2); }

void TimelineLink::goToLast() { m_selection.setStepA(m_selection.lastStep()); }

void TimelineLink::setPlaying(bool on)
{
    if (on && m_selection.stepA() >= m_selection.lastStep())
        goToFirst();
    if (on)
        m_play.start();
    else
        m_play.stop();
    m_timeline->setPlaying(on);
}

void TimelineLink::playOn()
{
    if (m_selection.stepA() >= m_selection.lastStep()) {
        if (m_timeline->looping())
            goToFirst();
        else
            setPlaying(false);
        return;
    }
    // At speed 1 a whole run takes about 20 s, however long it is.
    const Series* clock = m_run.view ? clockOf(*m_run.view) : nullptr;
    const double records = clock ? static_cast<double>(clock->size()) / 330 : 1;
    moveRecords(std::max(1, static_cast<int>(std::lround(records * m_timeline->speed()))));
}

}  // namespace moescope
