// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The toolbar: run control, state with progress, chart options, Live.
#pragma once

#include <QToolBar>
#include <QToolButton>

#include "app/chart_specs.h"

class QComboBox;

namespace moescope {

class Actions;
class Selection;

/// State shape and word, "run 14 · step 6,180 of 10,000 · 42 min left", a 5-px progress line below.
class RunStateView : public QWidget {
    Q_OBJECT

public:
    explicit RunStateView(QWidget* parent = nullptr);
    void setRun(const NamedRun& run, double secondsSilent);
    QString text() const;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QString m_word, m_details;
    State m_state = State::None;
    double m_progress = -1;
};

/// Live: a chip with a dot while the view follows, grey "Ended" when there is nothing to follow.
class LiveButton : public QToolButton {
    Q_OBJECT

public:
    explicit LiveButton(QAction* live, QWidget* parent = nullptr);
    void setEnded(bool ended);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    bool m_ended = false;
};

class RunControls : public QToolBar {
    Q_OBJECT

public:
    RunControls(Actions& actions, Selection& selection, QWidget* parent = nullptr);
    RunStateView& state() { return *m_state; }
    void setEnded(bool ended);  ///< Live reads "Ended"

private:
    void addOptions(Actions& actions, Selection& selection);

    RunStateView* m_state;
    LiveButton* m_live;
    QToolButton* m_log;
    QComboBox *m_axis, *m_smoothing;
};

/// Enables each verb, or says why it cannot act. `setupReason` is why Start cannot.
void updateVerbs(Actions& actions, const RunViewPtr& view, const QString& setupReason, const QString& engineMissing);

}  // namespace moescope
