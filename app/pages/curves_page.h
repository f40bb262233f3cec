// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Curves: how does any number move? A tree of metrics with a filter, a grid of charts with one x for all.
#pragma once

#include <map>

#include <QSortFilterProxyModel>

#include "app/metrics_model.h"
#include "app/pages/page.h"

class QGridLayout;
class QLabel;
class QLineEdit;
class QScrollArea;
class QTreeView;

namespace moescope {

class LineChart;

class CurvesPage : public Page {
    Q_OBJECT

public:
    explicit CurvesPage(Selection& selection, QWidget* parent = nullptr);
    std::vector<Panel*> panels() const override;
    MetricsModel& metrics() { return m_metrics; }

private:
    struct Card {
        Panel* panel = nullptr;
        LineChart* chart = nullptr;
    };
    void refresh() override;
    void refreshTree();
    void rebuildGrid();
    void placeGrid();
    Card makeCard(const QString& metric);
    QWidget* makeTree();
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

    MetricsModel m_metrics;
    QSortFilterProxyModel m_filtered;
    QLineEdit* m_filter;
    QLabel* m_count;
    QTreeView* m_tree;
    QScrollArea* m_area;
    QWidget* m_inside;
    QGridLayout* m_grid;
    std::map<QString, Card> m_cards;
    QStringList m_order;
    QString m_folder;
};

}  // namespace moescope
