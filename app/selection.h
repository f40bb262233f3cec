// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What the user looks at: one run, two steps, a layer, an expert, a range. Every view listens to this one object.
#pragma once

#include <cstdint>

#include <QObject>
#include <QString>

#include "engine/run/series.h"

namespace moescope {

/// How every chart draws, unless the user says otherwise in the toolbar.
struct ChartOptions {
    XAxis axis = XAxis::Step;
    int smoothing = 0;  ///< steps of the trailing mean; 0 = off
    bool logarithmic = false;

    friend bool operator==(const ChartOptions&, const ChartOptions&) = default;
};

/// Lives in the GUI thread. Setters emit only on a change. While live, step A follows the newest record.
class Selection : public QObject {
    Q_OBJECT

public:
    explicit Selection(QObject* parent = nullptr)
        : QObject(parent)
    {
    }

    QString run() const { return m_run; }  ///< folder; empty = none
    std::int64_t stepA() const { return m_stepA; }
    std::int64_t stepB() const { return m_stepB; }  ///< 0 = not set
    std::int64_t lastStep() const { return m_lastStep; }
    int layer() const { return m_layer; }
    int expert() const { return m_expert; }
    int secondExpert() const { return m_secondExpert; }  ///< of a pair; -1 = none
    std::int64_t window() const { return m_window; }     ///< steps that loads are summed over, ending at A
    bool live() const { return m_live; }
    ChartOptions chartOptions() const { return m_options; }
    std::int64_t rangeFrom() const { return m_rangeFrom; }
    std::int64_t rangeTo() const { return m_rangeTo; }
    bool hasRange() const { return m_rangeTo > m_rangeFrom; }  ///< else the charts show all data so far

    void setRun(const QString& folder);
    void setStepA(std::int64_t step);  ///< clamped to the log; ends Live unless it is the newest step
    void setStepB(std::int64_t step);
    void setLastStep(std::int64_t step);  ///< the log grew
    void setLayer(int layer);
    void setExpert(int expert);
    void setPair(int first, int second);
    void setWindow(std::int64_t steps);
    void setLive(bool live);
    void setRange(std::int64_t from, std::int64_t to);  ///< steps that all charts show; (0, 0) = all
    void setChartOptions(const ChartOptions& options);

Q_SIGNALS:
    void runChanged();
    void stepsChanged();  ///< A, B or the newest one
    void placeChanged();  ///< layer, expert or pair
    void windowChanged();
    void liveChanged();
    void chartOptionsChanged();
    void rangeChanged();

private:
    QString m_run;
    std::int64_t m_stepA = 0, m_stepB = 0, m_lastStep = 0, m_window = 100, m_rangeFrom = 0, m_rangeTo = 0;
    int m_layer = 0, m_expert = 0, m_secondExpert = -1;
    bool m_live = true;
    ChartOptions m_options;
};

}  // namespace moescope
