// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What the run will need: memory bar with its parts, parameters, arithmetic, time, disk; and the checks below.
#pragma once

#include <vector>

#include <QWidget>

#include "engine/config/estimate.h"
#include "widgets/theme.h"

namespace moescope {

struct CheckLine {
    State state = State::Ok;
    QString text;
    QString key;  ///< field to show on a click; empty = none
};

class EstimateView : public QWidget {
    Q_OBJECT

public:
    explicit EstimateView(QWidget* parent = nullptr);
    /// `secondsPerRun` negative: nothing was measured on this machine yet. `memoryThere` in bytes, 0 = unknown.
    void setEstimate(const Estimate& estimate, double tokensPerSecond, double memoryThere);
    void setChecks(std::vector<CheckLine> checks);
    const std::vector<CheckLine>& checks() const { return m_checks; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override { return {240, heightForWidth(240)}; }

Q_SIGNALS:
    void fieldClicked(const QString& key);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;

private:
    int layOut(QPainter* painter, int width);

    Estimate m_estimate;
    double m_tokensPerSecond = 0, m_memoryThere = 0;
    std::vector<CheckLine> m_checks;
    std::vector<QRect> m_checkRects;
};

}  // namespace moescope
