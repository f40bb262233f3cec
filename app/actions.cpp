// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/actions.h"

#include <QActionGroup>
#include <QMainWindow>
#include <QMenu>
#include <QMenuBar>

#include "widgets/icon.h"
#include "widgets/number_text.h"

namespace moescope {
namespace {

constexpr int kSmoothing[] = {0, 10, 100, 1000};
constexpr auto kTip = "plainTip";

void checkable(QObject* owner, const QList<QAction*>& actions)
{
    auto* group = new QActionGroup(owner);
    for (QAction* action : actions) {
        action->setCheckable(true);
        group->addAction(action);
    }
    actions.first()->setChecked(true);
}

}  // namespace

QAction* Actions::make(
    const QString& text, const char* objectName, const QKeySequence& key, const QString& iconName, const QString& tip)
{
    auto* action = new QAction(text, this);
    action->setObjectName(QLatin1String(objectName));
    if (!key.isEmpty())
        action->setShortcut(key);
    if (!iconName.isEmpty())
        action->setIcon(icon(iconName));
    QString plain = tip.isEmpty() ? QString(text).remove(QLatin1Char('&')) : tip;
    if (!key.isEmpty())
        plain += QStringLiteral(" (%1)").arg(key.toString(QKeySequence::NativeText));
    action->setProperty(kTip, plain);
    action->setToolTip(plain);
    m_window->addAction(action);
    return action;
}

void Actions::setReason(QAction* action, const QString& why)
{
    const QString plain = action->property(kTip).toString();
    action->setEnabled(why.isEmpty());
    action->setToolTip(
        why.isEmpty() ? plain : QString(action->text()).remove(QLatin1Char('&')) + QStringLiteral(": ") + why);
}

Actions::Actions(QMainWindow* window)
    : QObject(window)
    , m_window(window)
{
    newRun = make(tr("&New run from this one"), "newRun", Qt::CTRL | Qt::Key_N, QStringLiteral("add"), {});
    openFolder = make(tr("&Open a folder …"), "openFolderAction", QKeySequence::Open, QStringLiteral("folder"), {});
    exportView = make(tr("&Export this view …"), "exportView", Qt::CTRL | Qt::Key_E, QStringLiteral("export"), {});
    exportPage = make(tr("Export the whole &page …"), "exportPage", Qt::CTRL | Qt::SHIFT | Qt::Key_E, {}, {});
    quit = make(tr("&Quit"), "quit", QKeySequence::Quit, {}, {});
    copyView = make(tr("&Copy this view"), "copyView", Qt::CTRL | Qt::SHIFT | Qt::Key_C, QStringLiteral("copy"),
        tr("Copy this view as picture and table"));
    find = make(tr("&Filter runs"), "findRuns", QKeySequence::Find, QStringLiteral("search"), {});

    table =
        make(tr("Numbers of this view as a &table"), "showTable", Qt::CTRL | Qt::Key_T, QStringLiteral("table"), {});
    restoreLayout = make(tr("&Restore layout"), "restoreLayout", {}, QStringLiteral("reset"),
        tr("All docks back to where they were at first"));
    fullScreen = make(tr("F&ull screen"), "fullScreen", Qt::Key_F11, {}, {});
    logarithmic =
        make(tr("&Log scale"), "logScale", Qt::CTRL | Qt::Key_L, {}, tr("Logarithmic value axis in all charts"));
    logarithmic->setCheckable(true);
    zoomAll = make(tr("Show &all steps"), "zoomAll", Qt::CTRL | Qt::Key_0, QStringLiteral("zoom-all"), {});
    themeSystem = make(tr("&System"), "themeSystem", {}, {}, tr("Follow the desktop"));
    themeLight = make(tr("&Light"), "themeLight", {}, {}, {});
    themeDark = make(tr("&Dark"), "themeDark", {}, {}, {});
    checkable(this, {themeSystem, themeLight, themeDark});
    axisStep = make(tr("x: &step"), "axisStep", {}, {}, {});
    axisTokens = make(tr("x: &tokens"), "axisTokens", {}, {}, {});
    axisTime = make(tr("x: t&ime"), "axisTime", {}, {}, {});
    checkable(this, {axisStep, axisTokens, axisTime});
    for (const int steps : kSmoothing) {
        auto* action = make(steps == 0 ? tr("Smooth: off") : tr("Smooth: %1 steps").arg(numberText::count(steps)),
            "smoothing", {}, {}, {});
        action->setObjectName(QStringLiteral("smoothing%1").arg(steps));
        action->setData(steps);
        smoothing << action;
    }
    checkable(this, smoothing);

    start = make(tr("&Start"), "startRun", Qt::CTRL | Qt::Key_Return, QStringLiteral("start"),
        tr("Start the run of the Set-up tab"));
    addToQueue = make(tr("Add to &queue"), "addToQueue", Qt::CTRL | Qt::SHIFT | Qt::Key_Return, QStringLiteral("queue"),
        tr("Train the run of the Set-up tab when those before it have ended"));
    hold = make(tr("&Hold"), "holdRun", {}, QStringLiteral("hold"), tr("Hold: stop stepping, keep the memory"));
    pause = make(
        tr("&Pause"), "pauseRun", {}, QStringLiteral("pause"), tr("Pause: write a checkpoint, then free the memory"));
    stop = make(tr("S&top"), "stopRun", {}, QStringLiteral("stop"), tr("Stop: write a checkpoint, then end"));
    checkpoint = make(tr("&Checkpoint"), "checkpointRun", Qt::CTRL | Qt::SHIFT | Qt::Key_S,
        QStringLiteral("checkpoint"), tr("Write a checkpoint now"));
    resume = make(tr("&Resume"), "resumeRun", Qt::CTRL | Qt::SHIFT | Qt::Key_R, QStringLiteral("play"),
        tr("Resume from the newest checkpoint"));
    revealFolder = make(tr("Show the run's &folder"), "revealFolder", {}, QStringLiteral("folder"), {});
    auto* pauseOrResume = make(tr("Pause or resume"), "pauseOrResume", Qt::CTRL | Qt::SHIFT | Qt::Key_P, {}, {});
    connect(pauseOrResume, &QAction::triggered, this, [this] { (resume->isEnabled() ? resume : pause)->trigger(); });

    live = make(tr("&Live"), "live", {}, {}, tr("Follow the newest record (Space)"));
    live->setCheckable(true);
    live->setChecked(true);
    goToStep = make(tr("&Go to step …"), "goToStep", Qt::CTRL | Qt::Key_G, {}, tr("Type a step (G)"));
    setB = make(tr("Set &B here"), "setB", Qt::CTRL | Qt::Key_B, {}, tr("Put the second cursor where A is"));
    difference = make(tr("&Difference A − B"), "difference", Qt::CTRL | Qt::Key_D, QStringLiteral("difference"),
        tr("Similarity of A minus that of B (D)"));
    recordBack = make(tr("A one record back"), "recordBack", {}, QStringLiteral("left"), tr("A one record back (←)"));
    recordOn = make(tr("A one record on"), "recordOn", {}, QStringLiteral("right"), tr("A one record on (→)"));
    tenBack = make(tr("A ten records back"), "tenBack", {}, {}, tr("A ten records back (Shift+←)"));
    tenOn = make(tr("A ten records on"), "tenOn", {}, {}, tr("A ten records on (Shift+→)"));
    recordBackB = make(tr("B one record back"), "recordBackB", Qt::ALT | Qt::Key_Left, {}, {});
    recordOnB = make(tr("B one record on"), "recordOnB", Qt::ALT | Qt::Key_Right, {}, {});
    first = make(tr("First record"), "firstRecord", {}, QStringLiteral("first"), tr("First record (Home)"));
    last = make(tr("Last record"), "lastRecord", {}, QStringLiteral("last"), tr("Last record (End)"));
    play = make(tr("&Play the timeline"), "playTimeline", Qt::CTRL | Qt::Key_P, QStringLiteral("play"),
        tr("Play or stop the timeline (P)"));

    nextPane = make(tr("Next &pane"), "nextPane", Qt::Key_F6, {}, {});
    keys = make(tr("&Keys"), "showKeys", Qt::Key_F1, QStringLiteral("info"), {});
    keys->setShortcuts({QKeySequence(Qt::Key_F1), QKeySequence(Qt::CTRL | Qt::Key_K)});
    about = make(tr("&About Moescope"), "about", {}, {}, {});
}

void Actions::fillMenus(QMainWindow* window, const QStringList& tabNames, QMenu* docks)
{
    QMenuBar* bar = window->menuBar();
    QMenu* file = bar->addMenu(tr("&File"));
    file->addActions({newRun, openFolder});
    file->addSeparator();
    file->addActions({exportView, exportPage});
    file->addSeparator();
    file->addAction(quit);
    QMenu* edit = bar->addMenu(tr("&Edit"));
    edit->addActions({copyView, find});
    QMenu* view = bar->addMenu(tr("&View"));
    view->addMenu(docks);
    view->addActions({restoreLayout, fullScreen});
    QMenu* theme = view->addMenu(tr("&Theme"));
    theme->addActions({themeSystem, themeLight, themeDark});
    view->addSeparator();
    view->addActions({axisStep, axisTokens, axisTime});
    view->addSeparator();
    view->addActions(smoothing);
    view->addSeparator();
    view->addActions({logarithmic, zoomAll, table});
    QMenu* run = bar->addMenu(tr("&Run"));
    run->addActions({start, addToQueue, resume});
    run->addSeparator();
    run->addActions({hold, pause, stop, checkpoint});
    run->addSeparator();
    run->addAction(revealFolder);
    QMenu* analyse = bar->addMenu(tr("&Analyse"));
    analyse->addActions({live, goToStep, setB, difference});
    analyse->addSeparator();
    analyse->addActions({recordBack, recordOn, tenBack, tenOn, recordBackB, recordOnB, first, last, play});
    QMenu* windowMenu = bar->addMenu(tr("&Window"));
    for (int i = 0; i < tabNames.size(); ++i) {
        auto* tab = make(tabNames[i], "tab", {}, {}, tr("%1 (%2)").arg(tabNames[i]).arg(i + 1));
        tab->setObjectName(QStringLiteral("tab%1").arg(i));
        tabs << tab;
    }
    windowMenu->addActions(tabs);
    windowMenu->addSeparator();
    windowMenu->addAction(nextPane);
    QMenu* help = bar->addMenu(tr("&Help"));
    help->addActions({keys, about});
}

}  // namespace moescope
