// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/main_window.h"

#include <QApplication>
#include <QBoxLayout>
#include <QDockWidget>
#include <QMenu>
#include <QMenuBar>
#include <QScreen>
#include <QTabBar>
#include <QToolButton>

#include "app/actions.h"
#include "app/dock_title.h"
#include "app/inspector.h"
#include "app/log_docks.h"
#include "app/map_dock.h"
#include "app/notice_bar.h"
#include "app/pages/curves_page.h"
#include "app/pages/experts_page.h"
#include "app/pages/overview_page.h"
#include "app/pages/setup_page.h"
#include "app/pages/similarity_page.h"
#include "app/queue_dock.h"
#include "app/run_controls.h"
#include "app/runs_dock.h"
#include "app/status_line.h"
#include "app/timeline_link.h"
#include "widgets/icon.h"

namespace moescope {
namespace {

constexpr int kLayoutVersion = 2;
constexpr int kLeftDock = 252, kRightDock = 268, kLeftDockNarrow = 216, kRightDockNarrow = 232;
constexpr int kNarrow = 1360;  ///< below: the narrower docks
constexpr int kBottomDock = 160;

}  // namespace

MainWindow::MainWindow(const WindowOptions& options)
    : m_settings(options.settingsFile)
    , m_engine(options.engine)
    , m_queue(RunQueue::defaultFolder())
    , m_runs(m_settings)
    , m_actions(new Actions(this))
    , m_notice(new NoticeBar)
    , m_question(new NoticeBar)
    , m_tabs(new QTabWidget)
{
    setObjectName(QStringLiteral("mainWindow"));
    setWindowTitle(tr("Moescope"));
    setMinimumSize(1024, 680);
    setAcceptDrops(true);
    resize(1440, 900);
    setDockOptions(QMainWindow::AllowNestedDocks | QMainWindow::AllowTabbedDocks);
    setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
    setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);
    makePages();
    makeDocks();
    QStringList roots{QString::fromStdString(RunFolder::defaultRoot().string())};
    roots += options.folders;
    m_scanner = std::make_unique<RunScanner>(roots, m_runs);
    connectRuns();
    connectEngine();
    connectQueue();
    connectActions();
    connectViewActions();
    restoreLayout();
    loadSettings();
    if (!m_settings.notice().isEmpty())
        m_notice->say(State::Watch, m_settings.notice());
    m_setup->loadPreset(QStringLiteral("demo"));
    m_engine.describe();
    m_clock.setInterval(1000);
    connect(&m_clock, &QTimer::timeout, this, &MainWindow::showRunState);
    m_clock.start();
    showRunState();
    centralWidget()->setFocus();
}

MainWindow::~MainWindow() = default;

void MainWindow::makePages()
{
    m_setup = new SetupPage(m_selection, m_runs);
    m_overview = new OverviewPage(m_selection);
    m_curves = new CurvesPage(m_selection);
    m_experts = new ExpertsPage(m_selection);
    m_similarity = new SimilarityPage(m_selection);
    m_pages = {m_setup, m_overview, m_curves, m_experts, m_similarity};
    const QStringList names{tr("Set-up"), tr("Overview"), tr("Curves"), tr("Experts"), tr("Similarity")};
    m_tabs->setObjectName(QStringLiteral("pages"));
    m_tabs->setDocumentMode(true);
    m_tabs->tabBar()->setObjectName(QStringLiteral("pageTabs"));
    m_tabs->tabBar()->setAccessibleName(tr("Pages"));
    m_tabs->tabBar()->setElideMode(Qt::ElideNone);
    m_tabs->tabBar()->setExpanding(false);
    m_tabs->tabBar()->setFocusPolicy(Qt::TabFocus);
    for (std::size_t i = 0; i < m_pages.size(); ++i) {
        m_tabs->addTab(m_pages[i], names[static_cast<int>(i)]);
        connect(m_pages[i], &Page::frameWanted, this, &MainWindow::requestFrame);
        connect(m_pages[i], &Page::exportWanted, this, [this](Panel* panel) { exportPanels({panel}); });
    }
    auto* exportButton = new QToolButton;
    exportButton->setObjectName(QStringLiteral("exportPageButton"));
    exportButton->setDefaultAction(m_actions->exportPage);
    exportButton->setIcon(icon(QStringLiteral("export")));
    exportButton->setToolButtonStyle(Qt::ToolButtonIconOnly);
    exportButton->setAutoRaise(true);
    exportButton->setAccessibleName(tr("Export the whole page"));
    m_tabs->setCornerWidget(exportButton, Qt::TopRightCorner);
    connect(m_tabs, &QTabWidget::currentChanged, this, [this] {
        showInspector();
        showRunState();
        requestFrame();
    });

    auto* centre = new QWidget;
    centre->setFocusPolicy(Qt::ClickFocus);
    auto* column = new QVBoxLayout(centre);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_question);
    column->addWidget(m_notice);
    column->addWidget(m_tabs, 1);
    setCentralWidget(centre);
    m_controls = new RunControls(*m_actions, m_selection);
    addToolBar(m_controls);
    m_actions->fillMenus(this, names, new QMenu(tr("&Docks"), this));
}

void MainWindow::makeDocks()
{
    m_runsList = new RunsDock(m_runs, m_selection);
    m_inspector = new Inspector;
    m_map = new MapDock(m_selection);
    m_console = new ConsoleDock;
    m_events = new EventsDock(m_selection);
    m_timelineView = new Timeline;
    m_timelineView->setObjectName(QStringLiteral("timeline"));
    m_timeline = new TimelineLink(m_timelineView, m_selection, this);
    m_queueList = new QueueDock(m_queue);
    m_queueDock = makeDock(tr("Queue"), "queueDock", m_queueList, 180);
    m_runsDock = makeDock(tr("Runs"), "runsDock", m_runsList, 180);
    m_inspectorDock = makeDock(tr("Inspector"), "inspectorDock", m_inspector, 200);
    m_mapDock = makeDock(tr("Layer × expert"), "mapDock", m_map, 200);
    m_consoleDock = makeDock(tr("Console"), "consoleDock", m_console, 200);
    m_eventsDock = makeDock(tr("Events"), "eventsDock", m_events, 200);
    m_timelineDock = new QDockWidget(tr("Timeline"));
    m_timelineDock->setObjectName(QStringLiteral("timelineDock"));
    m_timelineDock->setTitleBarWidget(new QWidget);
    m_timelineDock->setFeatures(QDockWidget::DockWidgetClosable);
    m_timelineDock->setAllowedAreas(Qt::BottomDockWidgetArea);
    m_timelineDock->setWidget(m_timelineView);
    static_cast<DockTitle*>(m_mapDock->titleBarWidget())->setSubtitle(tr("load at A"));
    connect(m_runsList, &RunsDock::countChanged, this,
        [this](const QString& text) { static_cast<DockTitle*>(m_runsDock->titleBarWidget())->setSubtitle(text); });
    QMenu* docks = findChild<QMenu*>();
    for (QMenu* menu : findChildren<QMenu*>())
        if (menu->title() == tr("&Docks"))
            docks = menu;
    for (QDockWidget* dock :
        {m_runsDock, m_queueDock, m_inspectorDock, m_mapDock, m_timelineDock, m_consoleDock, m_eventsDock})
        docks->addAction(dock->toggleViewAction());
    m_status = new StatusLine(m_consoleDock->toggleViewAction(), m_eventsDock->toggleViewAction());
    setStatusBar(m_status);
    connect(m_console, &ConsoleDock::lastLineChanged, m_status, &StatusLine::setConsoleLine);
    connect(m_consoleDock, &QDockWidget::visibilityChanged, this, [this](bool on) {
        if (on)
            m_consoleDock->raise();
    });
}

void MainWindow::restoreLayout()
{
    const bool narrow = width() < kNarrow;
    for (QDockWidget* dock :
        {m_runsDock, m_queueDock, m_inspectorDock, m_mapDock, m_consoleDock, m_eventsDock, m_timelineDock}) {
        dock->setFloating(false);
        removeDockWidget(dock);
    }
    addDockWidget(Qt::LeftDockWidgetArea, m_runsDock);
    addDockWidget(Qt::LeftDockWidgetArea, m_queueDock);
    addDockWidget(Qt::RightDockWidgetArea, m_inspectorDock);
    addDockWidget(Qt::RightDockWidgetArea, m_mapDock);
    addDockWidget(Qt::BottomDockWidgetArea, m_timelineDock);
    addDockWidget(Qt::BottomDockWidgetArea, m_consoleDock);
    splitDockWidget(m_consoleDock, m_timelineDock, Qt::Vertical);
    tabifyDockWidget(m_consoleDock, m_eventsDock);
    for (QDockWidget* dock : {m_runsDock, m_queueDock, m_inspectorDock, m_mapDock, m_timelineDock})
        dock->show();
    m_consoleDock->hide();
    m_eventsDock->hide();
    const int left = narrow ? kLeftDockNarrow : kLeftDock;
    resizeDocks({m_runsDock, m_inspectorDock}, {left, narrow ? kRightDockNarrow : kRightDock}, Qt::Horizontal);
    resizeDocks({m_inspectorDock, m_mapDock}, {510, 192}, Qt::Vertical);
    resizeDocks({m_runsDock, m_queueDock}, {540, 150}, Qt::Vertical);
    resizeDocks({m_consoleDock}, {kBottomDock}, Qt::Vertical);
    m_timelineView->setTransportWidth(left);
    m_timelineView->setFixedHeight(m_timelineView->sizeHint().height());
    m_folded = false;
}

void MainWindow::loadSettings()
{
    QSettings& store = m_settings.store();
    const QByteArray layout = store.value(QStringLiteral("window/layout")).toByteArray();
    const QSize size = store.value(QStringLiteral("window/size")).toSize();
    if (size.isValid() && screen()
        && screen()->availableGeometry().size().expandedTo(size) == screen()->availableGeometry().size())
        resize(size);
    if (!layout.isEmpty())
        restoreState(layout, kLayoutVersion);
    ChartOptions options;
    options.axis = static_cast<XAxis>(std::clamp(store.value(QStringLiteral("charts/axis")).toInt(), 0, 2));
    options.smoothing = std::clamp(store.value(QStringLiteral("charts/smoothing")).toInt(), 0, 1'000'000);
    options.logarithmic = store.value(QStringLiteral("charts/log")).toBool();
    m_selection.setChartOptions(options);
    m_setup->setMeasuredSpeed(store.value(QStringLiteral("measured/flops_per_second")).toDouble());
    const QString theme = store.value(QStringLiteral("theme")).toString();
    (theme == QStringLiteral("light")         ? m_actions->themeLight
            : theme == QStringLiteral("dark") ? m_actions->themeDark
                                              : m_actions->themeSystem)
        ->setChecked(true);
}

void MainWindow::saveSettings()
{
    QSettings& store = m_settings.store();
    store.setValue(QStringLiteral("window/layout"), saveState(kLayoutVersion));
    store.setValue(QStringLiteral("window/size"), size());
    store.setValue(QStringLiteral("charts/axis"), static_cast<int>(m_selection.chartOptions().axis));
    store.setValue(QStringLiteral("charts/smoothing"), m_selection.chartOptions().smoothing);
    store.setValue(QStringLiteral("charts/log"), m_selection.chartOptions().logarithmic);
    store.setValue(QStringLiteral("run"), m_selection.run());
    store.sync();
}

void MainWindow::foldDocks()
{
    // Below 1280 px the right docks fold to tabs of one another, below 1100 the left one too; nothing is lost.
    const bool fold = width() < 1280;
    if (fold == m_folded || !m_inspectorDock->isVisible() || m_inspectorDock->isFloating() || m_mapDock->isFloating())
        return;
    m_folded = fold;
    if (fold) {
        tabifyDockWidget(m_inspectorDock, m_mapDock);
        m_inspectorDock->raise();
    } else {
        addDockWidget(Qt::RightDockWidgetArea, m_inspectorDock);
        splitDockWidget(m_inspectorDock, m_mapDock, Qt::Vertical);
        resizeDocks({m_inspectorDock, m_mapDock}, {510, 192}, Qt::Vertical);
    }
}

void MainWindow::resizeEvent(QResizeEvent* event)
{
    QMainWindow::resizeEvent(event);
    foldDocks();
}

}  // namespace moescope
