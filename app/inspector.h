// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What is selected, in exact values at A and B, with one sentence of meaning.
#pragma once

#include <vector>

#include <QScrollArea>

#include "app/inspector_content.h"

class QPushButton;

namespace moescope {

/// Paints the content; Ctrl+C copies it as text.
class InspectorView : public QWidget {
    Q_OBJECT

public:
    explicit InspectorView(QWidget* parent = nullptr);
    void setContent(InspectorContent content);
    const InspectorContent& content() const { return m_content; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    /// Paints into `painter`, or only measures when it is null. Returns the height.
    int layOut(QPainter* painter, int width) const;

    InspectorContent m_content;
};

class Inspector : public QWidget {
    Q_OBJECT

public:
    explicit Inspector(QWidget* parent = nullptr);
    void setContent(InspectorContent content);
    const InspectorContent& content() const { return m_view->content(); }

Q_SIGNALS:
    void expertsRequested();
    void similarityRequested();

private:
    InspectorView* m_view;
    QPushButton *m_experts, *m_similarity, *m_copy;
};

}  // namespace moescope
