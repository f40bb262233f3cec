// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/experts_page.h"

#include <array>
#include <cmath>

#include <QBoxLayout>
#include <QComboBox>

#include "app/counted.h"
#include "app/key_figures.h"
#include "app/load_figure.h"
#include "app/map_data.h"
#include "app/segment_bar.h"
#include "app/waiting_text.h"
#include "widgets/bar_cells.h"
#include "widgets/heatmap.h"
#include "widgets/line_chart.h"
#include "widgets/number_text.h"
#include "widgets/panel.h"
#include "widgets/time_map.h"

namespace moescope {
namespace {

constexpr int kWide = 860;  ///< below, smaller cells and no entropy column
constexpr int kTall = 640;  ///< below, one strip of the layer with a switch
constexpr std::array<std::int64_t, 5> kWindows{1, 10, 100, 1000, 1'000'000'000};

}  // namespace

ExpertsPage::ExpertsPage(Selection& selection, QWidget* parent)
    : Page(selection, parent)
{
    auto* page = new QVBoxLayout(this);
    page->setContentsMargins(0, 0, 0, 0);
    page->setSpacing(0);
    page->addWidget(makeOptions());
    m_mapPanel = makePanel(tr("Load, layer × expert"), "expertsMapPanel", makeMap());
    m_timePanel = makePanel(tr("Layer 0, expert × time"), "expertsTimePanel", makeTime());
    m_layerPanel = makePanel(tr("Layer 0 over time"), "expertsLayerPanel", makeLayer());
    m_layerPanel->setExportable(false);
    m_layerKind = new SegmentBar({}, {tr("MaxVio"), tr("D/E")}, "layerKind");
    m_layerPanel->addTitleWidget(m_layerKind);
    connect(m_layerKind, &SegmentBar::chosen, this, &ExpertsPage::placeLayer);
    page->addWidget(m_mapPanel, 0);
    page->addWidget(m_timePanel, 5);
    page->addWidget(m_layerPanel, 4);
}

QWidget* ExpertsPage::makeOptions()
{
    auto* row = new OptionRow;
    m_kind = new SegmentBar(tr("Value"), {tr("Assigned"), tr("Kept")}, "loadKind");
    row->add(m_kind);
    m_window = row->addChoice(tr("Window"),
        {tr("this step"), tr("10 steps"), tr("100 steps"), tr("1,000 steps"), tr("whole run")}, "loadWindow");
    m_window->setCurrentIndex(2);
    m_scale = row->addChoice(tr("Scale"), {tr("log₂ ¼ … 4"), tr("linear 0 … 2")}, "loadScale");
    row->addStretch();
    connect(m_kind, &SegmentBar::chosen, this, &Page::frameWanted);
    connect(m_window, &QComboBox::activated, this,
        [this](int index) { m_selection.setWindow(kWindows[static_cast<std::size_t>(index)]); });
    connect(&m_selection, &Selection::windowChanged, this, [this] {
        for (std::size_t i = 0; i < kWindows.size(); ++i)
            if (kWindows[i] == m_selection.window())
                m_window->setCurrentIndex(static_cast<int>(i));
    });
    connect(m_scale, &QComboBox::activated, this, [this](int index) {
        const ValueScale scale = index == 0 ? ValueScale::loadLog2() : ValueScale::loadLinear();
        m_map->setMap(MapKind::Load, scale);
        m_time->setMap(MapKind::Load, scale);
    });
    return row;
}

QWidget* ExpertsPage::makeMap()
{
    m_map = new Heatmap;
    m_map->setObjectName(QStringLiteral("expertsMap"));
    m_map->setMaximumCell({36, 27});
    m_map->setTitle(tr("Load, layer × expert, share of fair load"));
    m_map->setDeadText(tr("dead in window"));
    m_map->setDescriber([this](int row, int column) {
        return data().frame ? loadPlaceText(*data().frame, data().frame->loadA, row, column) : QString();
    });
    m_strips = new BarCells;
    m_strips->setObjectName(QStringLiteral("expertsStrips"));
    m_strips->setTitle(tr("MaxVio, entropy, dead, dropped, D/E by layer"));
    m_strips->alignTo(m_map);
    connect(m_map, &Heatmap::selected, this, [this](int row, int column) {
        m_selection.setLayer(row);
        m_selection.setExpert(column);
    });
    connect(m_strips, &BarCells::selected, this, [this](int row, int) { m_selection.setLayer(row); });
    return new LoadFigure(m_map, m_strips);
}

QWidget* ExpertsPage::makeTime()
{
    m_time = new TimeMap;
    m_time->setObjectName(QStringLiteral("expertsTime"));
    m_time->setTitle(tr("Expert × time, share of fair load"));
    m_time->setMap(MapKind::Load, ValueScale::loadLog2());
    m_time->setXAxis(xAxisSpec(XAxis::Step));
    connect(m_time, &TimeMap::rowSelected, this, [this](int row) { m_selection.setExpert(row); });
    connect(m_time, &TimeMap::cursorMoved, this, [this](double x) { m_selection.setStepA(std::llround(x)); });
    connect(m_time, &TimeMap::secondCursorMoved, this, [this](double x) { m_selection.setStepB(std::llround(x)); });
    connect(m_time, &TimeMap::brushed, this, [this](double from, double to) {
        m_selection.setWindow(std::max<std::int64_t>(1, std::llround(to - from)));
        m_selection.setStepA(std::llround(to));
    });
    connect(m_time, &TimeMap::xRangeChanged, this,
        [this](double from, double to) { m_selection.setRange(std::llround(from), std::llround(to)); });
    connect(m_time, &TimeMap::followRequested, this, [this] { m_selection.setRange(0, 0); });
    connect(m_time, &TimeMap::rangeNeeded, this, [this](double, double, int columns) {
        if (columns != m_timeColumns && columns > 0) {
            m_timeColumns = columns;
            Q_EMIT frameWanted();
        }
    });
    connect(&m_selection, &Selection::stepsChanged, m_time, [this] {
        const auto at = [](std::int64_t step) {
            return step > 0 ? std::optional<double>(static_cast<double>(step)) : std::nullopt;
        };
        m_time->setCursors(at(m_selection.stepA()), at(m_selection.stepB()));
    });
    return m_time;
}

QWidget* ExpertsPage::makeLayer()
{
    m_violation = new LineChart;
    m_violation->setObjectName(QStringLiteral("layerViolation"));
    m_violation->setTitle(tr("MaxVio of the layer"));
    m_diversity = new LineChart;
    m_diversity->setObjectName(QStringLiteral("layerDiversity"));
    m_diversity->setTitle(tr("D/E of the layer"));
    auto* both = new QWidget;
    auto* column = new QVBoxLayout(both);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_violation);
    column->addWidget(m_diversity);
    link(m_violation);
    link(m_diversity);
    return both;
}

std::vector<Panel*> ExpertsPage::panels() const { return {m_mapPanel, m_timePanel}; }

void ExpertsPage::adjust(FrameRequest& request) const
{
    request.load = m_kind->current() == 1 ? LoadKind::Kept : LoadKind::Assigned;
    request.timeColumns = m_timeColumns;
    if (m_selection.hasRange()) {
        request.timeFrom = m_selection.rangeFrom();
        request.timeTo = m_selection.rangeTo();
    }
}

void ExpertsPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    const bool small = width() < kWide;
    m_map->setMaximumCell(small ? QSize(34, 23) : QSize(36, 27));
    placeLayer();
    if (data().frame)
        refreshMap();
}

void ExpertsPage::placeLayer()
{
    // Two strips need room; where there is none, a switch shows one of them.
    const bool both = height() >= kTall;
    m_layerKind->setVisible(!both);
    m_violation->setVisible(both || m_layerKind->current() == 0);
    m_diversity->setVisible(both || m_layerKind->current() == 1);
}

void ExpertsPage::refresh()
{
    refreshMap();
    refreshTime();
    refreshLayer();
}

void ExpertsPage::refreshMap()
{
    const FramePtr& frame = data().frame;
    if (!frame || frame->numLayers == 0) {
        m_mapPanel->showWaiting(waitingForLoad(data().view));
        return;
    }
    m_mapPanel->showContent();
    m_map->setData(loadMap(*frame, frame->loadA));
    m_map->setSelection(m_selection.layer(), m_selection.expert());
    m_strips->setColumns(loadStrips(*frame, width() >= kWide), layerLabels(frame->numLayers));
    m_strips->setSelectedRow(m_selection.layer());
    const std::int64_t steps = frame->loadA.step - frame->loadA.fromStep;
    m_mapPanel->setSubtitle(
        tr("units of fair share, at A = step %1, window %2")
            .arg(numberText::count(frame->loadA.step), counted(steps, tr("%1 step"), tr("%1 steps"))));
    m_mapPanel->setBadge(loadBadge(*frame), frame->loadA.sumsAgree ? State::None : State::Watch);
    m_mapPanel->setError(frame->errors.empty() ? QString() : QString::fromStdString(frame->errors.front()));
    const bool kept = data().view && data().view->snapshot->tensor("load/kept");
    m_kind->setChoiceEnabled(1, kept, tr("The log has no counts after capacity"));
}

void ExpertsPage::refreshTime()
{
    const FramePtr& frame = data().frame;
    const int layer = m_selection.layer();
    m_timePanel->setName(tr("Layer %1, expert × time").arg(layer));
    m_layerPanel->setName(tr("Layer %1 over time").arg(layer));
    if (!frame || frame->overTime.numColumns == 0) {
        m_timePanel->showWaiting(waitingForLoad(data().view));
        return;
    }
    m_timePanel->showContent();
    const LoadOverTime& time = frame->overTime;
    m_time->setSource(frame->numExperts, 0, static_cast<double>(data().view->snapshot->lastStep), {});
    if (m_selection.hasRange())
        m_time->setXRange(static_cast<double>(m_selection.rangeFrom()), static_cast<double>(m_selection.rangeTo()));
    else
        m_time->showAll();
    m_time->setRowLabels(expertLabels(frame->numExperts));
    m_time->setColumns(timeColumns(time));
    m_time->setSelectedRow(m_selection.expert());
    const auto layerShares = [&](const LoadState& load) {
        const auto from = load.shares.begin() + std::ptrdiff_t(layer) * frame->numExperts;
        return load.present() && layer < frame->numLayers ? std::vector<double>(from, from + frame->numExperts)
                                                          : std::vector<double>();
    };
    m_time->setBars(layerShares(frame->loadA), layerShares(frame->loadB), tr("load at A"));
    m_timePanel->setSubtitle(tr("%1 experts, columns keep min and max").arg(frame->numExperts));
    const std::int64_t steps =
        (time.toStep - time.fromStep + std::int64_t(time.numColumns) - 1) / std::int64_t(time.numColumns);
    m_timePanel->setBadge(steps <= 1 ? tr("column = 1 step") : tr("column = %1 steps").arg(numberText::count(steps)));
}

void ExpertsPage::refreshLayer()
{
    const FramePtr& frame = data().frame;
    if (!frame || frame->numLayers == 0) {
        m_layerPanel->showWaiting(waitingForLoad(data().view));
        return;
    }
    m_layerPanel->showContent();
    // One left edge for both, whatever their labels need; the upper one leaves the name of x to the lower.
    const double left = QFontMetrics(currentTheme().small).horizontalAdvance(QStringLiteral("step 0.00 "));
    ChartSpec violation = maxViolationSpec(*frame, m_selection.chartOptions(), m_selection.layer());
    ChartSpec diversity = diversitySpec(*frame, m_selection.chartOptions(), true);
    for (ChartSpec* spec : {&violation, &diversity})
        spec->plotLeft = left;
    m_violation->setSpec(std::move(violation));
    m_diversity->setSpec(std::move(diversity));
    const auto layer = static_cast<std::size_t>(m_selection.layer());
    const double worst = layer < frame->loadA.metrics.size() ? frame->loadA.metrics[layer].maxViolation : NAN;
    const double share = diversityShare(*frame, false, m_selection.layer());
    m_layerPanel->setSubtitle(
        tr("MaxVio %1, floor dotted · D/E %2").arg(numberText::fixed(worst, 2), numberText::fixed(share, 2)));
    m_layerPanel->setBadge(tr("x linked"));
}

}  // namespace moescope
