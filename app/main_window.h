// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The main window: makes pages and docks, and routes runs, frames and commands between them. It knows no chart and no
// metric.
#pragma once

#include <filesystem>

#include <QDockWidget>
#include <QMainWindow>
#include <QTabWidget>

#include "app/engine_link.h"
#include "app/pages/page.h"
#include "app/queue_link.h"
#include "app/run_scanner.h"
#include "app/run_watcher.h"
#include "app/runs_model.h"
#include "app/selection.h"
#include "app/settings.h"

namespace moescope {

class Actions;
class ConsoleDock;
class CurvesPage;
class DockTitle;
class EventsDock;
class ExpertsPage;
class Inspector;
class Timeline;
class MapDock;
class NoticeBar;
class OverviewPage;
class RunControls;
class QueueDock;
class RunsDock;
class SetupPage;
class SimilarityPage;
class StatusLine;
class TimelineLink;

struct WindowOptions {
    QStringList folders;           ///< runs, or folders of runs, besides the default place
    QString settingsFile;          ///< empty = the user's
    std::filesystem::path engine;  ///< empty = beside the program
};

class MainWindow : public QMainWindow {
    Q_OBJECT

public:
    explicit MainWindow(const WindowOptions& options = {});
    ~MainWindow() override;

    Selection& selection() { return m_selection; }
    RunsModel& runs() { return m_runs; }
    RunWatcher& watcher() { return m_watcher; }
    EngineLink& engine() { return m_engine; }
    SetupPage* setupPage() { return m_setup; }
    FramePtr frame() const { return m_frame; }  ///< what the pages show

    enum Tab { SetupTab, OverviewTab, CurvesTab, ExpertsTab, SimilarityTab };
    void showTab(Tab tab) { m_tabs->setCurrentIndex(tab); }
    void restoreLayout();

protected:
    void closeEvent(QCloseEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void makePages();
    void makeDocks();
    void connectRuns();
    void connectEngine();
    void connectActions();
    void connectViewActions();
    void loadSettings();
    void saveSettings();

    NamedRun named(const RunViewPtr& view) const;
    RunViewPtr selectedView() const { return m_watcher.view(m_selection.run()); }
    PageData pageData() const;
    Page* currentPage() const;

    void takeView(const RunViewPtr& view);
    void takeFrame(const FramePtr& frame);
    void runsScanned();
    void selectRun();
    void watchShown();
    void requestFrame();
    void showInspector();
    void showRunState();
    void measureSpeed(const RunView& view);

    void connectQueue();
    void queueRun();
    void workOnQueue();
    void startRun();
    void startDemo();
    void resumeRun();
    void post(Verb verb);
    void openFolder();
    void exportPanels(const std::vector<Panel*>& panels);
    Panel* activePanel() const;
    void askForStep();
    void showKeys();
    void closeAnswered(int answer);
    bool handleViewKey(QKeyEvent* event);
    void foldDocks();

    Settings m_settings;
    Selection m_selection;
    EngineLink m_engine;
    QueueLink m_queue;
    RunsModel m_runs;
    RunWatcher m_watcher;
    std::unique_ptr<RunScanner> m_scanner;
    Actions* m_actions;

    NoticeBar *m_notice, *m_question;
    QTabWidget* m_tabs;
    SetupPage* m_setup;
    OverviewPage* m_overview;
    CurvesPage* m_curves;
    ExpertsPage* m_experts;
    SimilarityPage* m_similarity;
    std::vector<Page*> m_pages;
    RunControls* m_controls;
    StatusLine* m_status;
    RunsDock* m_runsList;
    QueueDock* m_queueList;
    Inspector* m_inspector;
    MapDock* m_map;
    ConsoleDock* m_console;
    EventsDock* m_events;
    Timeline* m_timelineView;
    TimelineLink* m_timeline;
    QDockWidget *m_runsDock, *m_queueDock, *m_inspectorDock, *m_mapDock, *m_consoleDock, *m_eventsDock, *m_timelineDock;

    FramePtr m_frame;
    QTimer m_clock;
    QString m_wantedRun;  ///< started by us, not listed yet
    bool m_firstScan = true, m_closing = false, m_folded = false;
};

}  // namespace moescope
