// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/page.h"

#include <algorithm>
#include <cmath>

#include "app/series_source.h"
#include "widgets/line_chart.h"
#include "widgets/panel.h"

namespace moescope {

Page::Page(Selection& selection, QWidget* parent)
    : QWidget(parent)
    , m_selection(selection)
{
    connect(&selection, &Selection::stepsChanged, this, &Page::placeCursors);
    connect(&selection, &Selection::rangeChanged, this, &Page::placeRanges);
    connect(&selection, &Selection::chartOptionsChanged, this, [this] {
        m_stale = true;
        if (isVisible())
            redraw();
        placeRanges();
    });
}

void Page::redraw()
{
    m_stale = false;
    refresh();
    placeCursors();
}

void Page::setData(const PageData& data)
{
    m_data = data;
    m_stale = true;
    if (isVisible())
        redraw();
}

void Page::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_stale)
        redraw();
}

Panel* Page::makePanel(const QString& name, const char* objectName, QWidget* content)
{
    auto* panel = new Panel(name);
    panel->setObjectName(QLatin1String(objectName));
    panel->setContent(content);
    connect(panel, &Panel::exportRequested, this, [this, panel] { Q_EMIT exportWanted(panel); });
    return panel;
}

std::int64_t Page::stepAt(double x) const
{
    return stepOfX(m_data.view ? clockOf(*m_data.view) : nullptr, x, m_selection.chartOptions().axis);
}

void Page::placeCursors()
{
    const Series* clock = m_data.view ? clockOf(*m_data.view) : nullptr;
    const auto at = [&](std::int64_t step) -> std::optional<double> {
        const double x = xOfStep(clock, step, m_selection.chartOptions().axis);
        return step > 0 && std::isfinite(x) ? std::optional(x) : std::nullopt;
    };
    for (LineChart* chart : m_charts)
        chart->setCursors(at(m_selection.stepA()), at(m_selection.stepB()));
}

void Page::placeRanges()
{
    const Series* clock = m_data.view ? clockOf(*m_data.view) : nullptr;
    const XAxis axis = m_selection.chartOptions().axis;
    for (LineChart* chart : m_charts) {
        if (m_selection.hasRange())
            chart->setXRange(
                xOfStep(clock, m_selection.rangeFrom(), axis), xOfStep(clock, m_selection.rangeTo(), axis));
        else
            chart->showAll();
    }
}

void Page::link(LineChart* chart)
{
    m_charts.push_back(chart);
    connect(chart, &QObject::destroyed, this, [this, chart] { std::erase(m_charts, chart); });
    connect(chart, &LineChart::cursorMoved, this, [this](double x) { m_selection.setStepA(stepAt(x)); });
    connect(chart, &LineChart::secondCursorMoved, this, [this](double x) { m_selection.setStepB(stepAt(x)); });
    connect(chart, &LineChart::nonFiniteClicked, this, [this](double x) { m_selection.setStepA(stepAt(x)); });
    connect(chart, &LineChart::xRangeChanged, this,
        [this](double from, double to) { m_selection.setRange(std::max<std::int64_t>(0, stepAt(from)), stepAt(to)); });
    const auto hover = [this, chart](std::optional<double> x) {
        for (LineChart* other : m_charts)
            if (other != chart)
                other->setHoverX(x);
    };
    connect(chart, &LineChart::hovered, this, [hover](double x) { hover(x); });
    connect(chart, &LineChart::hoverLeft, this, [hover] { hover(std::nullopt); });
    connect(chart, &LineChart::followRequested, this, [this] { m_selection.setRange(0, 0); });
}

}  // namespace moescope
