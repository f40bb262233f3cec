// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Left column of the timeline: transport buttons, speed, the two step fields, and which probe is shown.
#pragma once

#include <optional>

#include <QWidget>

class QComboBox;
class QLabel;
class QToolButton;

namespace moescope {

class ElidedLabel;
class StepField;

class TransportColumn : public QWidget {
    Q_OBJECT
public:
    explicit TransportColumn(QWidget* parent = nullptr);
    void setSteps(std::optional<std::int64_t> a, std::optional<std::int64_t> b);
    void setLastStep(std::int64_t last);
    void setProbeText(const QString& text);
    void setPlaying(bool on);
    double speed() const;
    bool looping() const;

Q_SIGNALS:
    void cursorMoved(qint64 step);
    void secondCursorMoved(qint64 step);
    void recordsRequested(int number);
    void goToFirst();
    void goToLast();
    void playRequested(bool on);

protected:
    void paintEvent(QPaintEvent*) override;

private:
    QToolButton* button(const QString& iconName, const QString& name, const QString& objectName);
    QWidget* stepRow();

    StepField* m_a;
    StepField* m_b;
    QToolButton* m_play = nullptr;
    QToolButton* m_loop = nullptr;
    QComboBox* m_speed;
    ElidedLabel* m_probe;
};

}  // namespace moescope
