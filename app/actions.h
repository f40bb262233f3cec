// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Everything that can be done, once: menu, toolbar and key are the same QAction, grey with its reason.
#pragma once

#include <QAction>
#include <QList>
#include <QObject>

class QMainWindow;
class QMenu;

namespace moescope {

class Actions : public QObject {
    Q_OBJECT

public:
    explicit Actions(QMainWindow* window);

    // File
    QAction *newRun, *openFolder, *exportView, *exportPage, *quit;
    // Edit
    QAction *copyView, *find;
    // View
    QAction *table, *restoreLayout, *fullScreen, *logarithmic, *zoomAll;
    QAction *themeSystem, *themeLight, *themeDark;
    QAction *axisStep, *axisTokens, *axisTime;
    QList<QAction*> smoothing;  ///< data(): steps
    // Run
    QAction *start, *addToQueue, *hold, *pause, *stop, *checkpoint, *resume, *revealFolder;
    // Analyse
    QAction *live, *goToStep, *setB, *difference;
    QAction *recordBack, *recordOn, *tenBack, *tenOn, *recordBackB, *recordOnB, *first, *last, *play;
    // Window
    QList<QAction*> tabs;
    QAction* nextPane;
    // Help
    QAction *keys, *about;

    /// Grey with its reason in the tooltip, or as it was made.
    static void setReason(QAction* action, const QString& why);

    void fillMenus(QMainWindow* window, const QStringList& tabNames, QMenu* docks);

private:
    QAction* make(const QString& text, const char* objectName, const QKeySequence& key, const QString& iconName,
        const QString& tip);
    QMainWindow* m_window;
};

}  // namespace moescope
