// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// A few choices side by side, one of them on, with a label before them: "Value  [Assigned] Kept".
#pragma once

#include <QButtonGroup>
#include <QWidget>

class QBoxLayout;
class QComboBox;
class QLabel;

namespace moescope {

class SegmentBar : public QWidget {
    Q_OBJECT

public:
    /// Object names of the buttons: `objectName` + index.
    SegmentBar(const QString& label, const QStringList& choices, const char* objectName, QWidget* parent = nullptr);
    int current() const { return m_group.checkedId(); }
    void setCurrent(int index);  ///< emits nothing
    void setChoiceEnabled(int index, bool on, const QString& why = {});

Q_SIGNALS:
    void chosen(int index);

private:
    QButtonGroup m_group;
};

/// The option row on top of a page: groups from the left, 36 px, on window colour with a line below.
class OptionRow : public QWidget {
    Q_OBJECT

public:
    explicit OptionRow(QWidget* parent = nullptr);
    void add(QWidget* widget);
    QComboBox* addChoice(const QString& label, const QStringList& choices, const char* objectName);
    void addStretch();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QBoxLayout* m_row;
};

}  // namespace moescope
