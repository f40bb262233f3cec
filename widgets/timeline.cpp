// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/timeline.h"

#include <algorithm>

#include <QHBoxLayout>

#include "widgets/timeline_lanes.h"
#include "widgets/transport_column.h"

namespace moescope {

Timeline::Timeline(QWidget* parent)
    : QWidget(parent)
    , m_transport(new TransportColumn)
    , m_lanes(new TimelineLanes)
{
    setObjectName(QStringLiteral("timeline"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(m_transport);
    row->addWidget(m_lanes, 1);
    setTransportWidth(252);
    connect(m_lanes, &TimelineLanes::cursorMoved, this, &Timeline::cursorMoved);
    connect(m_lanes, &TimelineLanes::secondCursorMoved, this, &Timeline::secondCursorMoved);
    connect(m_lanes, &TimelineLanes::brushed, this, &Timeline::brushed);
    connect(m_lanes, &TimelineLanes::brushCleared, this, &Timeline::brushCleared);
    connect(m_lanes, &TimelineLanes::recordsRequested, this, &Timeline::recordsRequested);
    connect(m_lanes, &TimelineLanes::goToFirst, this, &Timeline::goToFirst);
    connect(m_lanes, &TimelineLanes::goToLast, this, &Timeline::goToLast);
    connect(m_lanes, &TimelineLanes::eventClicked, this, &Timeline::eventClicked);
    connect(m_lanes, &TimelineLanes::alarmClicked, this, &Timeline::alarmClicked);
    connect(m_transport, &TransportColumn::cursorMoved, this, &Timeline::cursorMoved);
    connect(m_transport, &TransportColumn::secondCursorMoved, this, &Timeline::secondCursorMoved);
    connect(m_transport, &TransportColumn::recordsRequested, this, &Timeline::recordsRequested);
    connect(m_transport, &TransportColumn::goToFirst, this, &Timeline::goToFirst);
    connect(m_transport, &TransportColumn::goToLast, this, &Timeline::goToLast);
    connect(m_transport, &TransportColumn::playRequested, this, &Timeline::playRequested);
}

void Timeline::setData(TimelineData content)
{
    m_transport->setLastStep(content.last);
    m_lanes->setData(std::move(content));
}

void Timeline::setCursors(std::optional<std::int64_t> a, std::optional<std::int64_t> b)
{
    m_transport->setSteps(a, b);
    m_lanes->setCursors(a, b);
}

void Timeline::setProbeText(const QString& text) { m_transport->setProbeText(text); }

void Timeline::setPlaying(bool on) { m_transport->setPlaying(on); }

void Timeline::setTransportWidth(int width)
{
    m_transport->setFixedWidth(std::max(width, m_transport->minimumSizeHint().width()));
}

double Timeline::speed() const { return m_transport->speed(); }

bool Timeline::looping() const { return m_transport->looping(); }

QSize Timeline::sizeHint() const
{
    return {900, std::max(m_lanes->sizeHint().height(), m_transport->sizeHint().height())};
}

}  // namespace moescope
