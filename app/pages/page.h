// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// A tab: gets the selected run and the newest frame, draws only while it is seen, says what can be exported.
#pragma once

#include <vector>

#include <QWidget>

#include "app/chart_specs.h"
#include "app/frame.h"
#include "app/selection.h"
#include "widgets/panel.h"

namespace moescope {

class LineChart;

/// What all pages draw from. Null pointers mean: nothing yet.
struct PageData {
    RunViewPtr view;
    FramePtr frame;
    NamedRun run;
    std::vector<NamedRun> shown;  ///< all runs with a check mark that are read, the selected one among them
};

class Page : public QWidget {
    Q_OBJECT

public:
    explicit Page(Selection& selection, QWidget* parent = nullptr);

    void setData(const PageData& data);
    const PageData& data() const { return m_data; }

    /// Panels whose figures are exported, the most important one first.
    virtual std::vector<Panel*> panels() const = 0;
    /// What the page wants from the next frame.
    virtual void adjust(FrameRequest& request) const { static_cast<void>(request); }

Q_SIGNALS:
    void frameWanted();  ///< the page changed what it wants
    void exportWanted(moescope::Panel* panel);
    void demoWanted();
    void openWanted();

protected:
    virtual void refresh() = 0;  ///< from data(); only called while the page is seen
    void showEvent(QShowEvent* event) override;
    /// Cursors, range and clicks of a chart are those of the selection from now on.
    void link(LineChart* chart);
    /// A panel that is exported from its own button.
    Panel* makePanel(const QString& name, const char* objectName, QWidget* content);

    Selection& m_selection;

private:
    void redraw();
    void placeCursors();
    void placeRanges();
    std::int64_t stepAt(double x) const;

    PageData m_data;
    std::vector<LineChart*> m_charts;
    bool m_stale = true;
};

}  // namespace moescope
