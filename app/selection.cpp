// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/selection.h"

#include <algorithm>

namespace moescope {

void Selection::setRun(const QString& folder)
{
    if (folder == m_run)
        return;
    m_run = folder;
    m_stepA = m_stepB = m_lastStep = 0;
    m_secondExpert = -1;
    m_live = true;
    setRange(0, 0);
    Q_EMIT runChanged();
    Q_EMIT stepsChanged();
    Q_EMIT liveChanged();
}

void Selection::setStepA(std::int64_t step)
{
    step = std::clamp<std::int64_t>(step, std::min<std::int64_t>(1, m_lastStep), m_lastStep);
    setLive(step == m_lastStep && m_live);
    if (step == m_stepA)
        return;
    m_stepA = step;
    Q_EMIT stepsChanged();
}

void Selection::setStepB(std::int64_t step)
{
    step = std::clamp<std::int64_t>(step, 0, m_lastStep);
    if (step == m_stepB)
        return;
    m_stepB = step;
    Q_EMIT stepsChanged();
}

void Selection::setLastStep(std::int64_t step)
{
    if (step == m_lastStep)
        return;
    m_lastStep = step;
    m_stepA = m_live ? step : std::min(m_stepA, step);
    m_stepB = std::min(m_stepB, step);
    Q_EMIT stepsChanged();
}

void Selection::setLayer(int layer)
{
    if (layer == m_layer || layer < 0)
        return;
    m_layer = layer;
    m_secondExpert = -1;
    Q_EMIT placeChanged();
}

void Selection::setExpert(int expert)
{
    if (expert < 0 || (expert == m_expert && m_secondExpert < 0))
        return;
    m_expert = expert;
    m_secondExpert = -1;
    Q_EMIT placeChanged();
}

void Selection::setPair(int first, int second)
{
    if (first < 0 || second < 0 || (first == m_expert && second == m_secondExpert))
        return;
    m_expert = first;
    m_secondExpert = first == second ? -1 : second;
    Q_EMIT placeChanged();
}

void Selection::setWindow(std::int64_t steps)
{
    if (steps < 1 || steps == m_window)
        return;
    m_window = steps;
    Q_EMIT windowChanged();
}

void Selection::setLive(bool live)
{
    if (live == m_live)
        return;
    m_live = live;
    Q_EMIT liveChanged();
    if (live && m_stepA != m_lastStep) {
        m_stepA = m_lastStep;
        Q_EMIT stepsChanged();
    }
}

void Selection::setRange(std::int64_t from, std::int64_t to)
{
    if (from == m_rangeFrom && to == m_rangeTo)
        return;
    m_rangeFrom = from;
    m_rangeTo = to;
    Q_EMIT rangeChanged();
}

void Selection::setChartOptions(const ChartOptions& options)
{
    if (options == m_options)
        return;
    m_options = options;
    Q_EMIT chartOptionsChanged();
}

}  // namespace moescope
