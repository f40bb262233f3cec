// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// A view's frame: title line with name, subtitle, badge, menu and export; below it error row, loading bar, content or
// one sentence.
#pragma once

#include <QFrame>

#include "widgets/theme.h"

class QLabel;
class QMenu;
class QPushButton;
class QToolButton;

namespace moescope {

class Figure;
class ElidedLabel;
class LoadingBar;

/// Panels touch: a panel draws a 1-px line at its right and its bottom, nothing else.
class Panel : public QFrame {
    Q_OBJECT
public:
    explicit Panel(const QString& name, QWidget* parent = nullptr);
    /// Takes the content. When it is a Figure, the menu offers "Copy as picture", "Copy data", "Copy as Markdown" and
    /// the export button is shown.
    void setContent(QWidget* content);
    QWidget* content() const { return m_content; }
    const Figure* figure() const { return m_figure; }

    void setName(const QString& name);
    void setSubtitle(const QString& text);                          ///< with the unit; may be elided
    void setBadge(const QString& text, State state = State::None);  ///< the truth about the data
    QMenu* menu();                         ///< the … menu; add view options in front of the copy actions
    void addTitleWidget(QWidget* widget);  ///< between badge and menu
    void setExportable(bool on);

    /// Content.
    void showContent();
    /// No run: two sentences and up to two buttons. The frame stays.
    void showEmpty(const QString& first, const QString& second, const QStringList& buttons = {});
    /// No data for this view yet: the content stays (axes), one line in the middle says when it comes.
    void showWaiting(const QString& when);
    /// After 200 ms a 2-px bar under the title with a count ("1.2 of 4.0 M points"); share < 0 hides it. The old
    /// picture stays.
    void setLoading(double share, const QString& count = {});
    /// A row at the top with cause, file and remedy; empty hides it. The rest keeps working.
    void setError(const QString& text);

Q_SIGNALS:
    void exportRequested();
    void emptyButtonClicked(int index);

protected:
    void resizeEvent(QResizeEvent*) override;
    void changeEvent(QEvent*) override;
    void paintEvent(QPaintEvent*) override;

private:
    void buildTitle();
    void placeOverlay();
    void refreshPalette();

    QWidget* m_titleBar = nullptr;
    QLabel* m_name = nullptr;
    ElidedLabel* m_subtitle = nullptr;
    QLabel* m_badge = nullptr;
    State m_badgeState = State::None;
    QToolButton* m_menuButton = nullptr;
    QToolButton* m_exportButton = nullptr;
    QMenu* m_menu = nullptr;
    LoadingBar* m_loading = nullptr;
    QLabel* m_error = nullptr;
    QWidget* m_content = nullptr;
    QWidget* m_empty = nullptr;
    QLabel* m_waiting = nullptr;
    const Figure* m_figure = nullptr;
};

}  // namespace moescope
