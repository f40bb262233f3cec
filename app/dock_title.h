// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Title of a dock: name, subtitle, float and close; 24 px as the panels' titles.
#pragma once

#include <QDockWidget>
#include <QLabel>

namespace moescope {

class ElidedLabel;

class DockTitle : public QWidget {
    Q_OBJECT

public:
    explicit DockTitle(QDockWidget* dock);
    void setSubtitle(const QString& text);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    ElidedLabel* m_subtitle;
};

/// A dock with that title, named for the layout file. `minimumWidth` keeps it readable.
QDockWidget* makeDock(const QString& title, const char* objectName, QWidget* content, int minimumWidth);

}  // namespace moescope
