// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Similarity: are experts still different? A small matrix per layer, the big one with its tree, A - B, the pair over
// time.
#pragma once

#include <map>

#include "app/map_data.h"
#include "app/pages/page.h"

class QBoxLayout;
class QCheckBox;
class QLabel;
class QScrollArea;

namespace moescope {

class LineChart;
class MatrixView;
class SegmentBar;

class SimilarityPage : public Page {
    Q_OBJECT

public:
    explicit SimilarityPage(Selection& selection, QWidget* parent = nullptr);
    std::vector<Panel*> panels() const override;
    void adjust(FrameRequest& request) const override;
    double cut() const;  ///< of the tree: 1 - average similarity

private:
    void refresh() override;
    void refreshSmall(const Frame& frame);
    void refreshBig(const Frame& frame);
    void refreshDifference(const Frame& frame);
    void refreshPair(const Frame& frame);
    ExpertOrder orderOf(const Frame& frame, int layer);
    QWidget* makeOptions();
    QWidget* makeSmall();
    QWidget* makeDifference();
    void hover(int first, int second);
    QString pairText(int first, int second) const;

    SegmentBar *m_kind, *m_ordering;
    QCheckBox* m_keep;
    QScrollArea* m_smallArea;
    QBoxLayout* m_smallRow;
    std::vector<MatrixView*> m_small;
    MatrixView *m_big, *m_difference;
    QLabel* m_summary;
    LineChart* m_pair;
    Panel *m_smallPanel, *m_bigPanel, *m_differencePanel, *m_pairPanel;
    std::map<std::pair<QString, int>, ExpertOrder> m_orders;  ///< frozen, by run and layer
};

}  // namespace moescope
