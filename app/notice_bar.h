// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// A row over the tabs that says what went wrong or asks a question, without blocking anything.
#pragma once

#include <QFrame>

#include "widgets/theme.h"

class QBoxLayout;
class QLabel;
class QPlainTextEdit;

namespace moescope {

class StateGlyph;

class NoticeBar : public QFrame {
    Q_OBJECT

public:
    explicit NoticeBar(QWidget* parent = nullptr);

    /// One sentence; `details` (the end of a log) stand below it. Replaces news, joins what is wrong until it is
    /// closed.
    void say(State state, const QString& text, const QString& details = {});
    /// A question with its answers as buttons; `answered` gives the index. The last answer is also Escape.
    void ask(const QString& text, const QStringList& answers);
    QString text() const;

Q_SIGNALS:
    void answered(int index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void clearButtons();
    void addButton(const QString& text, const QString& name, int index);

    State m_state = State::None;
    QStringList m_messages;
    StateGlyph* m_glyph;
    QLabel* m_text;
    QBoxLayout* m_buttons;
    QPlainTextEdit* m_details;
    int m_lastAnswer = -1;
};

}  // namespace moescope
