// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/overview_page.h"

#include <cmath>

#include <QBoxLayout>

#include "app/key_figures.h"
#include "app/load_figure.h"
#include "app/map_data.h"
#include "app/vertical_line.h"
#include "app/waiting_text.h"
#include "widgets/bar_cells.h"
#include "widgets/health_grid.h"
#include "widgets/heatmap.h"
#include "widgets/key_figure.h"
#include "widgets/line_chart.h"
#include "widgets/number_text.h"
#include "widgets/panel.h"

namespace moescope {

OverviewPage::OverviewPage(Selection& selection, QWidget* parent)
    : Page(selection, parent)
    , m_loss(new LineChart)
    , m_diversity(new LineChart)
    , m_throughput(new LineChart)
    , m_health(new HealthGrid)
{
    m_loss->setTitle(tr("Loss"));
    m_loss->setObjectName(QStringLiteral("lossChart"));
    m_diversity->setTitle(tr("Expert diversity D/E"));
    m_diversity->setObjectName(QStringLiteral("diversityChart"));
    m_throughput->setTitle(tr("Throughput"));
    m_throughput->setObjectName(QStringLiteral("throughputChart"));
    m_health->setTitle(tr("Layer health"));
    m_health->setObjectName(QStringLiteral("healthGrid"));
    m_health->setHint(tr("Click a cell to open its view"));
    m_lossPanel = makePanel(tr("Loss"), "lossPanel", m_loss);
    m_lossPanel->setSubtitle(tr("language model, bits/byte"));
    m_healthPanel = makePanel(tr("Layer health"), "healthPanel", m_health);
    m_loadPanel = makePanel(tr("Expert load"), "loadPanel", makeLoad());
    m_loadPanel->setSubtitle(tr("share of fair load, log₂"));
    m_diversityPanel = makePanel(tr("Expert diversity D/E"), "diversityPanel", m_diversity);
    m_diversityPanel->setSubtitle(tr("per layer"));
    m_throughputPanel = makePanel(tr("Throughput"), "throughputPanel", m_throughput);
    m_throughputPanel->setSubtitle(tr("k tok/s"));

    auto* left = new QVBoxLayout;
    left->setSpacing(0);
    left->addWidget(m_lossPanel, 1);
    left->addWidget(m_loadPanel, 0);
    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    right->addWidget(m_healthPanel, 0);
    right->addWidget(m_diversityPanel, 3);
    right->addWidget(m_throughputPanel, 2);
    auto* columns = new QHBoxLayout;
    columns->setSpacing(0);
    columns->addLayout(left, 23);
    columns->addLayout(right, 17);
    auto* page = new QVBoxLayout(this);
    page->setContentsMargins(0, 0, 0, 0);
    page->setSpacing(0);
    page->addWidget(makeFigures());
    page->addLayout(columns, 1);

    for (LineChart* chart : {m_loss, m_diversity, m_throughput})
        link(chart);
    connect(
        m_loss, &LineChart::badgeChanged, m_lossPanel, [this](const QString& text) { m_lossPanel->setBadge(text); });
    connect(m_diversity, &LineChart::badgeChanged, m_diversityPanel,
        [this](const QString& text) { m_diversityPanel->setBadge(text); });
    connect(m_health, &HealthGrid::selected, this, [this](int row, int) { m_selection.setLayer(row); });
    connect(m_health, &HealthGrid::activated, this, [this](int row, int column) {
        m_selection.setLayer(row);
        Q_EMIT placeOpened(column == 2);
    });
}

QWidget* OverviewPage::makeFigures()
{
    m_validation = new KeyFigure(tr("Validation"));
    m_distinct = new KeyFigure(tr("Distinct experts"));
    m_worst = new KeyFigure(tr("Worst MaxVio"));
    m_tokens = new KeyFigure(tr("Tokens"));
    m_step = new KeyFigure(tr("Step"));
    auto* row = new QFrame;
    row->setObjectName(QStringLiteral("keyFigures"));
    row->setAutoFillBackground(true);
    row->setBackgroundRole(QPalette::Base);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    const int stretch[] = {11, 13, 10, 11, 16};
    int at = 0;
    for (KeyFigure* figure : {m_validation, m_distinct, m_worst, m_tokens, m_step}) {
        if (at > 0)
            layout->addWidget(new VerticalLine(8));
        layout->addWidget(figure, stretch[at++]);
    }
    return row;
}

QWidget* OverviewPage::makeLoad()
{
    m_load = new Heatmap;
    m_load->setObjectName(QStringLiteral("loadMap"));
    m_load->setTitle(tr("Expert load, share of fair load"));
    m_load->setDeadText(tr("dead (no tokens in window)"));
    m_load->setDescriber([this](int row, int column) {
        return data().frame ? loadPlaceText(*data().frame, data().frame->loadA, row, column) : QString();
    });
    m_strip = new BarCells;
    m_strip->setObjectName(QStringLiteral("loadStrip"));
    m_strip->setTitle(tr("MaxVio by layer"));
    m_strip->alignTo(m_load);
    auto* both = new LoadFigure(m_load, m_strip);
    connect(m_load, &Heatmap::selected, this, [this](int row, int column) {
        m_selection.setLayer(row);
        m_selection.setExpert(column);
    });
    connect(m_load, &Heatmap::activated, this, [this] { Q_EMIT placeOpened(false); });
    connect(m_strip, &BarCells::selected, this, [this](int row, int) { m_selection.setLayer(row); });
    return both;
}

std::vector<Panel*> OverviewPage::panels() const
{
    return {m_lossPanel, m_loadPanel, m_healthPanel, m_diversityPanel, m_throughputPanel};
}

void OverviewPage::refresh()
{
    refreshFigures();
    refreshMaps();
    refreshCharts();
}

void OverviewPage::refreshFigures()
{
    const auto show = [](KeyFigure* figure, const FigureText& text) {
        figure->setValue(text.number, text.unit, text.below);
        figure->setState(text.state);
    };
    show(m_validation, validationFigure(data().view, m_selection.stepA()));
    show(m_distinct, distinctFigure(data().frame));
    show(m_worst, worstFigure(data().frame));
    show(m_tokens, tokensFigure(data().view, m_selection.stepA()));
    show(m_step, stepFigure(data().view, m_selection.stepA()));
}

void OverviewPage::refreshMaps()
{
    const FramePtr& frame = data().frame;
    if (!frame || frame->numLayers == 0) {
        m_loadPanel->showWaiting(waitingForLoad(data().view));
        m_healthPanel->showWaiting(waitingForLoad(data().view));
        return;
    }
    m_loadPanel->showContent();
    m_healthPanel->showContent();
    m_load->setData(loadMap(*frame, frame->loadA));
    m_load->setSelection(frame->request.layer, -1);
    m_strip->setColumns(maxViolationStrip(*frame), layerLabels(frame->numLayers));
    m_strip->setSelectedRow(frame->request.layer);
    fillHealthGrid(*m_health, *frame);
    m_loadPanel->setBadge(loadBadge(*frame), frame->loadA.sumsAgree ? State::None : State::Watch);
    m_healthPanel->setBadge(healthBadge(*frame));
    m_loadPanel->setError(frame->errors.empty() ? QString() : QString::fromStdString(frame->errors.front()));
}

void OverviewPage::refreshCharts()
{
    if (!data().view)
        return;
    const ChartOptions options = m_selection.chartOptions();
    m_loss->setSpec(lossSpec(data().run, options));
    m_lossPanel->setBadge(m_loss->badge());
    m_throughput->setSpec(throughputSpec(data().run, options));
    m_throughputPanel->setBadge(throughputBadge(data().view));
    const bool loading = data().view->loading;
    m_lossPanel->setLoading(
        loading ? loadingShare(*data().view) : -1, loading ? loadingCount(*data().view) : QString());
    if (clockOf(*data().view))
        m_lossPanel->showContent();
    else
        m_lossPanel->showWaiting(waitingForSteps(data().view));
    if (data().frame && !data().frame->history.steps.empty()) {
        m_diversityPanel->showContent();
        m_diversity->setSpec(diversitySpec(*data().frame, options));
        m_diversityPanel->setBadge(m_diversity->badge());
    } else {
        m_diversity->setSpec(data().frame ? diversitySpec(*data().frame, options) : ChartSpec{});
        m_diversityPanel->showWaiting(waitingForProbe(data().view));
    }
}

}  // namespace moescope
