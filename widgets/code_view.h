// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// JSON text with line numbers: editable, with the place of an error; or as a difference with − and + lines.
#pragma once

#include <QPlainTextEdit>

#include "widgets/line_diff.h"

namespace moescope {

class CodeView : public QPlainTextEdit {
    Q_OBJECT
public:
    explicit CodeView(QWidget* parent = nullptr);
    void setText(const QString& text);  ///< keeps cursor and scroll place; emits no edited()
    QString text() const { return toPlainText(); }
    /// Read-only view of the difference; setText returns to the text.
    void setDiff(const QStringList& before, const QStringList& after, bool onlyChanged);
    /// Marks a line (from 1) with a sentence as its tooltip; 0 clears.
    void setErrorLine(int line, const QString& text = {});
    void paintMargin(QPaintEvent* event);  ///< for the margin widget
    int marginWidth() const;

Q_SIGNALS:
    void edited(const QString& text);  ///< by the user

protected:
    void resizeEvent(QResizeEvent*) override;
    void changeEvent(QEvent*) override;

private:
    void refreshMarks();
    void placeMargin();
    QWidget* m_margin = nullptr;
    std::vector<DiffLine> m_diff;
    int m_errorLine = 0;
    QString m_errorText;
    bool m_setting = false;
};

}  // namespace moescope
