// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What the user does: actions, keys, closing.
#include <QAbstractButton>
#include <QApplication>
#include <QCloseEvent>
#include <QComboBox>
#include <QDesktopServices>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListView>
#include <QMimeData>
#include <QPlainTextEdit>
#include <QSpinBox>
#include <QUrl>

#include "app/actions.h"
#include "app/export.h"
#include "app/key_list.h"
#include "app/main_window.h"
#include "app/notice_bar.h"
#include "app/pages/setup_page.h"
#include "app/pages/similarity_page.h"
#include "app/runs_dock.h"
#include "app/timeline_link.h"
#include "widgets/accessible_grid.h"
#include "widgets/figure_export.h"
#include "widgets/panel.h"

namespace moescope {
namespace {

/// A widget that wants letters and arrows for itself.
bool typesText(const QWidget* widget)
{
    return qobject_cast<const QLineEdit*>(widget) || qobject_cast<const QPlainTextEdit*>(widget)
        || qobject_cast<const QAbstractSpinBox*>(widget) || qobject_cast<const QComboBox*>(widget);
}

}  // namespace

void MainWindow::connectActions()
{
    const Actions& a = *m_actions;
    connect(a.start, &QAction::triggered, this, &MainWindow::startRun);
    connect(a.resume, &QAction::triggered, this, &MainWindow::resumeRun);
    connect(a.hold, &QAction::triggered, this, [this] {
        const RunViewPtr view = selectedView();
        post(view && view->status.state == RunState::Holding ? Verb::Continue : Verb::Hold);
    });
    connect(a.pause, &QAction::triggered, this, [this] { post(Verb::Pause); });
    connect(a.stop, &QAction::triggered, this, [this] { post(Verb::Stop); });
    connect(a.checkpoint, &QAction::triggered, this, [this] { post(Verb::Checkpoint); });
    connect(a.newRun, &QAction::triggered, this, [this] {
        if (const RunViewPtr view = selectedView(); view && !view->configJson.empty()) {
            m_setup->loadText(QString::fromStdString(view->configJson), m_runs.title(view->folder));
            showTab(SetupTab);
        }
    });
    connect(a.openFolder, &QAction::triggered, this, &MainWindow::openFolder);
    connect(a.revealFolder, &QAction::triggered, this,
        [this] { QDesktopServices::openUrl(QUrl::fromLocalFile(m_selection.run())); });
    connect(a.exportView, &QAction::triggered, this, [this] {
        if (Panel* panel = activePanel())
            exportPanels({panel});
    });
    connect(a.exportPage, &QAction::triggered, this, [this] { exportPanels(currentPage()->panels()); });
    connect(a.copyView, &QAction::triggered, this, [this] {
        if (const Panel* panel = activePanel(); panel && panel->figure())
            copyFigure(*panel->figure());
    });
    connect(a.find, &QAction::triggered, this, [this] { m_runsList->filter()->setFocus(Qt::ShortcutFocusReason); });
    connect(a.quit, &QAction::triggered, this, &QWidget::close);
    connect(m_question, &NoticeBar::answered, this, &MainWindow::closeAnswered);
}

void MainWindow::connectViewActions()
{
    const Actions& a = *m_actions;
    connect(a.table, &QAction::triggered, this, [this] {
        QWidget* focus = QApplication::focusWidget();
        if (!dynamic_cast<AccessibleGrid*>(focus)) {
            focus = nullptr;
            for (QWidget* child : currentPage()->findChildren<QWidget*>())
                if (!focus && child->isVisible() && dynamic_cast<AccessibleGrid*>(child))
                    focus = child;
        }
        if (focus)
            openGridTable(focus);
    });
    connect(a.restoreLayout, &QAction::triggered, this, &MainWindow::restoreLayout);
    connect(a.fullScreen, &QAction::triggered, this, [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); });
    connect(a.logarithmic, &QAction::toggled, this, [this](bool on) {
        ChartOptions options = m_selection.chartOptions();
        options.logarithmic = on;
        m_selection.setChartOptions(options);
    });
    const QList<QAction*> axes{a.axisStep, a.axisTokens, a.axisTime};
    for (int i = 0; i < axes.size(); ++i)
        connect(axes[i], &QAction::triggered, this, [this, i] {
            ChartOptions options = m_selection.chartOptions();
            options.axis = static_cast<XAxis>(i);
            m_selection.setChartOptions(options);
        });
    for (QAction* action : a.smoothing)
        connect(action, &QAction::triggered, this, [this, action] {
            ChartOptions options = m_selection.chartOptions();
            options.smoothing = action->data().toInt();
            m_selection.setChartOptions(options);
        });
    connect(&m_selection, &Selection::chartOptionsChanged, this, [this, axes] {
        const ChartOptions options = m_selection.chartOptions();
        m_actions->logarithmic->setChecked(options.logarithmic);
        axes[static_cast<int>(options.axis)]->setChecked(true);
        for (QAction* action : m_actions->smoothing)
            action->setChecked(action->data().toInt() == options.smoothing);
    });
    connect(a.zoomAll, &QAction::triggered, this, [this] { m_selection.setRange(0, 0); });
    const auto theme = [this](const char* name, const Theme& wanted) {
        m_settings.store().setValue(QStringLiteral("theme"), QLatin1String(name));
        applyTheme(*qApp, wanted);
    };
    connect(a.themeLight, &QAction::triggered, this, [theme] { theme("light", Theme::light()); });
    connect(a.themeDark, &QAction::triggered, this, [theme] { theme("dark", Theme::dark()); });
    connect(a.themeSystem, &QAction::triggered, this, [theme] { theme("system", Theme::system()); });
    connect(a.live, &QAction::triggered, this, [this](bool on) { m_selection.setLive(on); });
    connect(a.goToStep, &QAction::triggered, this, &MainWindow::askForStep);
    connect(a.setB, &QAction::triggered, this, [this] { m_selection.setStepB(m_selection.stepA()); });
    connect(a.difference, &QAction::triggered, this, [this] {
        if (m_selection.stepB() == 0)
            m_selection.setStepB(std::max<std::int64_t>(1, m_selection.stepA() * 2 / 3));
        showTab(SimilarityTab);
    });
    connect(a.recordBack, &QAction::triggered, this, [this] { m_timeline->moveRecords(-1); });
    connect(a.recordOn, &QAction::triggered, this, [this] { m_timeline->moveRecords(1); });
    connect(a.tenBack, &QAction::triggered, this, [this] { m_timeline->moveRecords(-10); });
    connect(a.tenOn, &QAction::triggered, this, [this] { m_timeline->moveRecords(10); });
    connect(a.recordBackB, &QAction::triggered, this, [this] { m_timeline->moveRecords(-1, true); });
    connect(a.recordOnB, &QAction::triggered, this, [this] { m_timeline->moveRecords(1, true); });
    connect(a.first, &QAction::triggered, this, [this] { m_timeline->goToFirst(); });
    connect(a.last, &QAction::triggered, this, [this] { m_timeline->goToLast(); });
    connect(a.play, &QAction::triggered, this, [this] { m_timeline->setPlaying(!m_timeline->isPlaying()); });
    for (int i = 0; i < a.tabs.size(); ++i)
        connect(a.tabs[i], &QAction::triggered, this, [this, i] { m_tabs->setCurrentIndex(i); });
    connect(a.nextPane, &QAction::triggered, this, [this] {
        const QList<QWidget*> panes{
            m_runsList->list(), m_tabs, static_cast<QWidget*>(m_inspectorDock->widget()), m_timelineView};
        int at = 0;
        for (int i = 0; i < panes.size(); ++i)
            if (QApplication::focusWidget()
                && (panes[i] == QApplication::focusWidget() || panes[i]->isAncestorOf(QApplication::focusWidget())))
                at = i + 1;
        QWidget* next = panes[at % panes.size()];
        QWidget* target = next == m_tabs ? currentPage() : next;
        if (target->focusPolicy() == Qt::NoFocus)
            for (QWidget* child : target->findChildren<QWidget*>())
                if (child->isVisible() && child->focusPolicy() & Qt::TabFocus) {
                    target = child;
                    break;
                }
        target->setFocus(Qt::ShortcutFocusReason);
    });
    connect(a.keys, &QAction::triggered, this, &MainWindow::showKeys);
    connect(a.about, &QAction::triggered, this, [this] {
        m_notice->say(State::None,
            tr("Moescope %1. The window is free software under the GPL, version 3 or later; the engine under the "
               "Apache License 2.0.")
                .arg(QApplication::applicationVersion()));
    });
    qApp->installEventFilter(this);
}

Panel* MainWindow::activePanel() const
{
    const QWidget* at = QApplication::focusWidget();
    while (at && !qobject_cast<const Panel*>(at))
        at = at->parentWidget();
    const std::vector<Panel*> panels = currentPage()->panels();
    for (Panel* panel : panels)
        if (panel == at)
            return panel;
    return panels.empty() ? nullptr : panels.front();
}

void MainWindow::exportPanels(const std::vector<Panel*>& panels)
{
    std::vector<const Figure*> figures;
    for (const Panel* panel : panels)
        if (panel->figure())
            figures.push_back(panel->figure());
    if (figures.empty()) {
        m_notice->say(State::Watch, tr("This page has no figure to export."));
        return;
    }
    const RunViewPtr view = selectedView();
    const QString folder = view
        ? QString::fromStdString((std::filesystem::path(view->folder.toStdString()) / "charts").string())
        : QString();
    askExport(this, figures, folder, view, [this](const QString& file, const QString& error) {
        if (error.isEmpty())
            m_notice->say(State::Ok, tr("Written: %1").arg(file));
        else
            m_notice->say(State::Failed, error);
    });
}

void MainWindow::askForStep()
{
    auto* dialog = new QInputDialog(this);
    dialog->setObjectName(QStringLiteral("stepDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setInputMode(QInputDialog::IntInput);
    dialog->setWindowTitle(tr("Go to step"));
    dialog->setLabelText(tr("Step for cursor A:"));
    dialog->setIntRange(
        1, static_cast<int>(std::min<std::int64_t>(std::max<std::int64_t>(1, m_selection.lastStep()), INT_MAX)));
    dialog->setIntValue(static_cast<int>(std::min<std::int64_t>(m_selection.stepA(), INT_MAX)));
    connect(dialog, &QInputDialog::intValueSelected, this, [this](int step) { m_selection.setStepA(step); });
    dialog->open();
}

void MainWindow::showKeys()
{
    auto* list = new KeyList(*m_actions, this);
    list->show();
}

bool MainWindow::eventFilter(QObject* watched, QEvent* event)
{
    // Before the focused widget sees it; a widget of another window (a dialog, a table) keeps its keys.
    const auto* widget = qobject_cast<QWidget*>(watched);
    if (event->type() == QEvent::KeyPress && widget && widget->window() == this
        && (widget == QApplication::focusWidget() || widget == this) && !QApplication::activePopupWidget()
        && handleViewKey(static_cast<QKeyEvent*>(event)))
        return true;
    return QMainWindow::eventFilter(watched, event);
}

bool MainWindow::handleViewKey(QKeyEvent* event)
{
    // Single letters and arrows act when nothing that takes text or moves a cell has the focus.
    QWidget* focus = QApplication::focusWidget();
    if (typesText(focus) || (event->modifiers() & ~(Qt::ShiftModifier | Qt::KeypadModifier)))
        return false;
    const Actions& a = *m_actions;
    const bool shift = event->modifiers() & Qt::ShiftModifier;
    const int key = event->key();
    if (key >= Qt::Key_1 && key < Qt::Key_1 + a.tabs.size()) {
        m_tabs->setCurrentIndex(key - Qt::Key_1);
        return true;
    }
    const bool movesItself = qobject_cast<QAbstractItemView*>(focus) || dynamic_cast<AccessibleGrid*>(focus);
    const bool pressesItself = qobject_cast<QAbstractButton*>(focus) != nullptr;
    QAction* action = nullptr;
    switch (key) {
    case Qt::Key_Space:
        action = pressesItself || qobject_cast<QAbstractItemView*>(focus) ? nullptr : a.live;
        break;
    case Qt::Key_Left:
        action = movesItself ? nullptr : shift ? a.tenBack : a.recordBack;
        break;
    case Qt::Key_Right:
        action = movesItself ? nullptr : shift ? a.tenOn : a.recordOn;
        break;
    case Qt::Key_G:
        action = a.goToStep;
        break;
    case Qt::Key_D:
        action = a.difference;
        break;
    case Qt::Key_P:
        action = a.play;
        break;
    case Qt::Key_Slash:
        action = a.find;
        break;
    default:
        break;
    }
    // Letters search in lists; there they belong to the list.
    if (!action || (qobject_cast<QAbstractItemView*>(focus) && key != Qt::Key_Slash))
        return false;
    action->trigger();
    return true;
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls() && event->mimeData()->urls().first().isLocalFile())
        event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event)
{
    // Showing only: what is dropped never starts anything.
    for (const QUrl& url : event->mimeData()->urls()) {
        const QFileInfo file(url.toLocalFile());
        if (file.isDir()) {
            m_scanner->addRoot(file.absoluteFilePath());
            m_wantedRun = file.absoluteFilePath();
        } else if (file.isFile()) {
            m_setup->loadFile(file.absoluteFilePath());
            showTab(SetupTab);
        }
    }
    event->acceptProposedAction();
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    const RunViewPtr view = selectedView();
    const bool ask = !m_closing && view && view->active();
    if (!ask) {
        saveSettings();
        event->accept();
        return;
    }
    event->ignore();
    m_question->ask(tr("%1 is training. It goes on without the window.").arg(m_runs.title(view->folder)),
        {tr("Keep running"), tr("Stop after a checkpoint"), tr("Cancel")});
}

void MainWindow::closeAnswered(int answer)
{
    if (answer == 2)
        return;
    m_closing = true;
    if (answer == 0) {
        close();
        return;
    }
    // The command is a file: the window may go as soon as it is written.
    connect(&m_engine, &EngineLink::commandPosted, this, [this] { close(); });
    connect(&m_engine, &EngineLink::commandFailed, this, [this] { m_closing = false; });
    post(Verb::Stop);
}

}  // namespace moescope
