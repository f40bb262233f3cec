// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What reaches the window from runs and engine, and where it goes.
#include <algorithm>
#include <cmath>

#include <QDateTime>
#include <QDir>
#include <QFileDialog>

#include "app/actions.h"
#include "app/inspector.h"
#include "app/key_figures.h"
#include "app/log_docks.h"
#include "app/main_window.h"
#include "app/map_dock.h"
#include "app/notice_bar.h"
#include "app/pages/curves_page.h"
#include "app/pages/overview_page.h"
#include "app/pages/setup_page.h"
#include "app/pages/similarity_page.h"
#include "app/run_controls.h"
#include "app/runs_dock.h"
#include "app/status_line.h"
#include "app/timeline_link.h"
#include "engine/config/catalog_json.h"
#include "engine/config/estimate.h"
#include "engine/config/stored_config.h"

namespace moescope {

void MainWindow::connectRuns()
{
    connect(m_scanner.get(), &RunScanner::scanned, this, &MainWindow::runsScanned);
    connect(&m_watcher, &RunWatcher::viewChanged, this, &MainWindow::takeView);
    connect(&m_watcher, &RunWatcher::frameReady, this, &MainWindow::takeFrame);
    connect(&m_runs, &RunsModel::shownChanged, this, &MainWindow::watchShown);
    connect(&m_selection, &Selection::runChanged, this, &MainWindow::selectRun);
    for (auto signal :
        {&Selection::stepsChanged, &Selection::placeChanged, &Selection::windowChanged, &Selection::rangeChanged})
        connect(&m_selection, signal, this, &MainWindow::requestFrame);
    connect(&m_selection, &Selection::liveChanged, this, &MainWindow::showRunState);
    connect(m_runsList, &RunsDock::demoRequested, this, &MainWindow::startDemo);
    connect(m_runsList, &RunsDock::openRequested, this, &MainWindow::openFolder);
    connect(m_inspector, &Inspector::expertsRequested, this, [this] { showTab(ExpertsTab); });
    connect(m_inspector, &Inspector::similarityRequested, this, [this] { showTab(SimilarityTab); });
    connect(m_overview, &OverviewPage::placeOpened, this,
        [this](bool similarity) { showTab(similarity ? SimilarityTab : ExpertsTab); });
    connect(&m_curves->metrics(), &MetricsModel::checkedChanged, this, &MainWindow::showInspector);
    connect(m_setup, &SetupPage::changed, this, &MainWindow::showRunState);
    connect(
        m_setup, &SetupPage::fieldShown, this, [this](const Field& field, const QString& key, const QString& value) {
            m_inspector->setContent(fieldContent(field, key, value));
        });
    connect(m_setup, &SetupPage::setupShown, this,
        [this](const InspectorContent& content) { m_inspector->setContent(content); });
    connect(m_setup, &SetupPage::copyFromRunWanted, this, [this](const QString& folder) {
        if (const RunViewPtr view = m_watcher.view(folder); view && !view->configJson.empty())
            m_setup->loadText(QString::fromStdString(view->configJson), m_runs.title(folder));
        else
            m_watcher.watch(folder);
    });
}

void MainWindow::connectEngine()
{
    connect(&m_engine, &EngineLink::described, this, [this](const QByteArray& json) {
        Result<Catalog> catalog = readDescription(json.toStdString());
        if (catalog)
            m_setup->setCatalog(std::move(*catalog));
        else
            m_setup->setEngineFailed(QString::fromStdString(catalog.error().text));
    });
    connect(&m_engine, &EngineLink::describeFailed, this, [this](const QString& cause, const QString& tail) {
        m_setup->setEngineFailed(cause);
        m_notice->say(State::Failed, cause, tail);
    });
    connect(&m_engine, &EngineLink::ended, this,
        [this](const QString& folder, int code, const QString& cause, const QString& tail) {
            m_scanner->scanSoon();
            if (code == 0)
                return;
            m_notice->say(State::Failed, tr("%1: %2").arg(folder.section(QLatin1Char('/'), -1), cause), tail);
            if (folder == m_wantedRun)
                m_wantedRun.clear();
        });
    connect(&m_engine, &EngineLink::commandFailed, this, [this](const QString& folder, const QString& cause) {
        m_notice->say(State::Failed, tr("%1: the command was not delivered: %2").arg(m_runs.title(folder), cause));
    });
}

NamedRun MainWindow::named(const RunViewPtr& view) const
{
    return {
        view, view ? m_runs.title(view->folder) : QString(), LineRole::run(view ? m_runs.number(view->folder) - 1 : 0)};
}

Page* MainWindow::currentPage() const { return m_pages[static_cast<std::size_t>(std::max(0, m_tabs->currentIndex()))]; }

PageData MainWindow::pageData() const
{
    PageData wanted;
    wanted.view = selectedView();
    wanted.frame =
        m_frame && m_frame->request.view && m_frame->request.view->folder == m_selection.run() ? m_frame : nullptr;
    if (!wanted.view)
        return wanted;
    wanted.run = named(wanted.view);
    if (wanted.view->error.isEmpty())
        wanted.shown.push_back(wanted.run);
    for (const QString& folder : m_runs.shown())
        if (const RunViewPtr view = m_watcher.view(folder);
            view && folder != m_selection.run() && view->error.isEmpty())
            wanted.shown.push_back(named(view));
    return wanted;
}

void MainWindow::runsScanned()
{
    if (!m_wantedRun.isEmpty() && m_runs.rowOf(m_wantedRun) >= 0) {
        m_selection.setRun(m_wantedRun);
        m_runs.setShown(m_wantedRun, true);
        m_wantedRun.clear();
        showTab(OverviewTab);
    }
    if (!m_firstScan)
        return;
    m_firstScan = false;
    if (m_runs.rowCount() == 0)
        return;
    // A live run first, then the one that was open last time, then the newest.
    QString best = m_settings.store().value(QStringLiteral("run")).toString();
    if (m_runs.rowOf(best) < 0)
        best = m_runs.row(0).folder;
    for (int i = m_runs.rowCount() - 1; i >= 0; --i)
        if (m_runs.row(i).locked)
            best = m_runs.row(i).folder;
    m_selection.setRun(best);
    m_runs.setShown(best, true);
    showTab(OverviewTab);
}

void MainWindow::selectRun()
{
    m_frame.reset();
    m_watcher.watch(m_selection.run());
    m_console->setRun(m_selection.run());
    watchShown();
    if (const RunViewPtr view = selectedView())
        takeView(view);
    setWindowTitle(
        m_selection.run().isEmpty() ? tr("Moescope") : tr("%1 — Moescope").arg(m_runs.title(m_selection.run())));
}

void MainWindow::watchShown()
{
    QStringList wanted = m_runs.shown();
    if (!m_selection.run().isEmpty() && !wanted.contains(m_selection.run()))
        wanted << m_selection.run();
    for (int i = 0; i < m_runs.rowCount(); ++i)
        if (const QString folder = m_runs.row(i).folder; m_watcher.watches(folder) && !wanted.contains(folder))
            m_watcher.forget(folder);
    for (const QString& folder : wanted)
        m_watcher.watch(folder);
    m_scanner->setWatched(wanted);
    currentPage()->setData(pageData());
}

void MainWindow::takeView(const RunViewPtr& view)
{
    m_runs.takeView(view);
    if (view->folder == m_selection.run()) {
        m_selection.setLastStep(view->snapshot->lastStep);
        measureSpeed(*view);
        const NamedRun run = named(view);
        m_timeline->setRun(run);
        m_status->setRun(run);
        m_status->setNumEvents(static_cast<int>(view->snapshot->events.size()));
        m_events->setView(view);
        if (!view->error.isEmpty())
            m_notice->say(State::Failed, view->error);
        showRunState();
        requestFrame();
    }
    const PageData now = pageData();
    for (Page* page : m_pages)
        page->setData(now);
}

void MainWindow::requestFrame()
{
    const RunViewPtr view = selectedView();
    if (!view || !view->error.isEmpty())
        return;
    FrameRequest request;
    request.view = view;
    request.stepA = m_selection.stepA();
    request.stepB = m_selection.stepB();
    request.window = m_selection.window();
    request.layer = m_selection.layer();
    request.first = m_selection.expert();
    request.second = m_selection.secondExpert();
    currentPage()->adjust(request);
    m_watcher.requestFrame(request);
}

void MainWindow::takeFrame(const FramePtr& frame)
{
    if (!frame->request.view || frame->request.view->folder != m_selection.run())
        return;
    m_frame = frame;
    m_map->setFrame(frame);
    m_timeline->setFrame(frame);
    const PageData now = pageData();
    for (Page* page : m_pages)
        page->setData(now);
    showInspector();
}

void MainWindow::showInspector()
{
    const int tab = m_tabs->currentIndex();
    if (tab == SetupTab) {
        m_setup->showInspected();
        return;
    }
    const RunViewPtr view = selectedView();
    if (!view) {
        m_inspector->setContent({});
        return;
    }
    const bool frame = m_frame && m_frame->numLayers > 0 && m_frame->request.view->folder == view->folder;
    if (tab == CurvesTab && view->error.isEmpty())
        m_inspector->setContent(metricsContent(*view, m_runs.title(view->folder), m_curves->metrics().checked(),
            m_selection.stepA(), m_selection.stepB()));
    else if (!frame || !view->error.isEmpty())
        m_inspector->setContent(runContent(*view));
    else if (tab == OverviewTab)
        m_inspector->setContent(layerContent(*m_frame));
    else if (tab == ExpertsTab)
        m_inspector->setContent(expertContent(*m_frame));
    else
        m_inspector->setContent(pairContent(*m_frame, m_similarity->cut()));
}

void MainWindow::showRunState()
{
    const RunViewPtr view = selectedView();
    double silent = 0;
    if (view && view->active() && view->snapshot->lastWallTime > 0)
        silent = static_cast<double>(QDateTime::currentMSecsSinceEpoch()) / 1000 - view->snapshot->lastWallTime;
    m_controls->state().setRun(named(view), silent);
    m_controls->setEnded(view && !view->active());
    m_actions->live->setChecked(m_selection.live());
    QString setupReason = m_setup->whyNotStart();
    if (setupReason.isEmpty() && m_tabs->currentIndex() != SetupTab)
        setupReason = tr("open the Set-up tab (1) to see what would start");
    updateVerbs(*m_actions, view, setupReason, m_engine.missing());
}

void MainWindow::measureSpeed(const RunView& view)
{
    // What this machine reaches becomes the time estimate of the next set-up.
    const double tokensPerSecond = scalarAt(*view.snapshot, "speed/tokens_per_second", view.snapshot->lastStep);
    if (!view.active() || view.snapshot->lastStep < 5 || !std::isfinite(tokensPerSecond) || !m_setup->draft())
        return;
    const Result<RunConfig> config = readStoredConfig(view.configJson, "config.json", m_setup->draft()->catalog());
    if (!config)
        return;
    const double flops = tokensPerSecond * estimateRun(*config, m_setup->draft()->catalog()).flopsPerToken;
    m_settings.store().setValue(QStringLiteral("measured/flops_per_second"), flops);
    m_setup->setMeasuredSpeed(flops);
}

void MainWindow::startRun()
{
    if (!m_setup->whyNotStart().isEmpty())
        return;
    const QString folder = EngineLink::newRunFolder(m_setup->runName());
    const Result<void> started = m_engine.start(folder, m_setup->draft()->text().toStdString());
    if (!started) {
        m_notice->say(State::Failed, QString::fromStdString(started.error().text));
        return;
    }
    m_wantedRun = folder;
    m_notice->say(
        State::None, tr("Starting %1: the engine prepares its data.").arg(folder.section(QLatin1Char('/'), -1)));
    m_scanner->scanSoon();
}

void MainWindow::startDemo()
{
    showTab(SetupTab);
    if (m_setup->loadPreset(QStringLiteral("demo")))
        startRun();
    else
        m_notice->say(State::Failed,
            tr("The demo preset is missing from the resources folder; packaging/run finds it in the source tree."));
}

void MainWindow::resumeRun()
{
    const Result<void> resumed = m_engine.resume(m_selection.run());
    if (!resumed)
        m_notice->say(State::Failed, QString::fromStdString(resumed.error().text));
    m_selection.setLive(true);
}

void MainWindow::post(Verb verb)
{
    if (const RunViewPtr view = selectedView(); view && view->active())
        m_engine.post(*view, verb);
}

void MainWindow::openFolder()
{
    auto* dialog = new QFileDialog(this, tr("Open a run, or a folder of runs"), QDir::homePath());
    dialog->setObjectName(QStringLiteral("openDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& folder) {
        m_scanner->addRoot(folder);
        m_wantedRun = folder;
    });
    dialog->open();
}

}  // namespace moescope
