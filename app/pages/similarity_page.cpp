// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/similarity_page.h"

#include <algorithm>
#include <cmath>

#include <QBoxLayout>
#include <QCheckBox>
#include <QLabel>
#include <QScrollArea>

#include "app/counted.h"
#include "app/limits.h"
#include "app/segment_bar.h"
#include "app/similarity_text.h"
#include "app/waiting_text.h"
#include "widgets/line_chart.h"
#include "widgets/matrix_view.h"
#include "widgets/number_text.h"
#include "widgets/panel.h"

namespace moescope {
namespace {

constexpr int kSmallest = 110, kLargest = 152;  ///< width of a small matrix with its margins

}  // namespace

SimilarityPage::SimilarityPage(Selection& selection, QWidget* parent)
    : Page(selection, parent)
    , m_big(new MatrixView)
    , m_difference(new MatrixView)
    , m_pair(new LineChart)
{
    auto* page = new QVBoxLayout(this);
    page->setContentsMargins(0, 0, 0, 0);
    page->setSpacing(0);
    page->addWidget(makeOptions());
    m_smallPanel = makePanel(tr("All layers"), "similaritySmallPanel", makeSmall());
    m_smallPanel->setExportable(false);
    page->addWidget(m_smallPanel, 0);

    m_big->setObjectName(QStringLiteral("similarityMatrix"));
    m_big->setTitle(tr("Expert × expert similarity"));
    m_big->setMap(MapKind::Similarity, ValueScale::similarity(tr("0 = null")));
    m_big->setCut(limits::kTreeCut);
    m_big->setDescriber([this](int first, int second) { return pairText(first, second); });
    m_bigPanel = makePanel(tr("Layer 0"), "similarityBigPanel", m_big);
    m_differencePanel = makePanel(tr("Difference A − B"), "similarityDifferencePanel", makeDifference());
    m_pair->setObjectName(QStringLiteral("pairChart"));
    m_pair->setTitle(tr("Similarity of a pair over time"));
    m_pairPanel = makePanel(tr("Pair over time"), "similarityPairPanel", m_pair);
    link(m_pair);

    auto* right = new QVBoxLayout;
    right->setSpacing(0);
    right->addWidget(m_differencePanel, 5);
    right->addWidget(m_pairPanel, 4);
    auto* columns = new QHBoxLayout;
    columns->setSpacing(0);
    columns->addWidget(m_bigPanel, 17);
    columns->addLayout(right, 15);
    page->addLayout(columns, 1);

    connect(
        m_big, &MatrixView::pairSelected, this, [this](int first, int second) { m_selection.setPair(first, second); });
    connect(m_difference, &MatrixView::pairSelected, this,
        [this](int first, int second) { m_selection.setPair(first, second); });
    connect(m_big, &MatrixView::cutChanged, this, &Page::frameWanted);
    connect(m_big, &MatrixView::hovered, this, &SimilarityPage::hover);
    connect(m_difference, &MatrixView::hovered, this, &SimilarityPage::hover);
}

QWidget* SimilarityPage::makeOptions()
{
    auto* row = new OptionRow;
    m_kind = new SegmentBar({}, {tr("Output cosine"), tr("CKA excess")}, "similarityKind");
    m_ordering = new SegmentBar(tr("Order"), {tr("Clustered"), tr("By id")}, "similarityOrder");
    m_keep = new QCheckBox(tr("Keep order"));
    m_keep->setObjectName(QStringLiteral("keepOrder"));
    m_keep->setChecked(true);
    m_keep->setToolTip(tr("On: the order of the first probe that was shown stays, so that cells can be followed. Off: "
                          "every probe is ordered anew."));
    row->add(m_kind);
    row->add(m_ordering);
    row->add(m_keep);
    row->addStretch();
    connect(m_kind, &SegmentBar::chosen, this, &Page::frameWanted);
    connect(m_ordering, &SegmentBar::chosen, this, [this] { refresh(); });
    connect(m_keep, &QCheckBox::toggled, this, [this] { refresh(); });
    return row;
}

QWidget* SimilarityPage::makeSmall()
{
    auto* inside = new QWidget;
    m_smallRow = new QHBoxLayout(inside);
    m_smallRow->setContentsMargins(4, 0, 4, 0);
    m_smallRow->setSpacing(0);
    m_smallArea = new QScrollArea;
    m_smallArea->setObjectName(QStringLiteral("similarityLayers"));
    m_smallArea->setAccessibleName(tr("One matrix per layer"));
    m_smallArea->setFrameShape(QFrame::NoFrame);
    m_smallArea->setWidgetResizable(true);
    m_smallArea->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_smallArea->setWidget(inside);
    m_smallArea->viewport()->setBackgroundRole(QPalette::Base);
    inside->setBackgroundRole(QPalette::Base);
    inside->setAutoFillBackground(true);
    return m_smallArea;
}

QWidget* SimilarityPage::makeDifference()
{
    m_difference->setObjectName(QStringLiteral("differenceMatrix"));
    m_difference->setTitle(tr("Difference of similarity, A − B"));
    m_difference->setMap(MapKind::Similarity, ValueScale::difference());
    m_difference->setHoverLineVisible(false);
    m_summary = new QLabel;
    m_summary->setObjectName(QStringLiteral("differenceSummary"));
    m_summary->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_summary->setTextFormat(Qt::RichText);
    m_summary->setTextInteractionFlags(Qt::TextSelectableByMouse);
    auto* both = new SideFigure(m_difference, m_summary);
    return both;
}

std::vector<Panel*> SimilarityPage::panels() const { return {m_bigPanel, m_differencePanel, m_pairPanel}; }

void SimilarityPage::adjust(FrameRequest& request) const
{
    request.similarity = m_kind->current() == 1 ? SimilarityKind::CkaExcess : SimilarityKind::Cosine;
}

double SimilarityPage::cut() const { return m_big->cut(); }

ExpertOrder SimilarityPage::orderOf(const Frame& frame, int layer)
{
    const auto at = static_cast<std::size_t>(layer);
    if (m_ordering->current() == 1 || at >= frame.clusterings.size())
        return {};
    const std::pair key{frame.request.view->folder, layer};
    const auto known = m_orders.find(key);
    if (m_keep->isChecked() && known != m_orders.end() && int(known->second.order.size()) == frame.numExperts)
        return known->second;
    return m_orders[key] = expertOrder(frame.clusterings[at]);
}

void SimilarityPage::refresh()
{
    const FramePtr& frame = data().frame;
    if (!frame || !frame->similarityA.present()) {
        for (Panel* panel : {m_smallPanel, m_bigPanel, m_differencePanel, m_pairPanel})
            panel->showWaiting(waitingForProbe(data().view));
        return;
    }
    for (Panel* panel : {m_smallPanel, m_bigPanel, m_differencePanel, m_pairPanel})
        panel->showContent();
    refreshSmall(*frame);
    if (frame->request.layer < frame->numLayers) {
        refreshBig(*frame);
        refreshDifference(*frame);
        refreshPair(*frame);
    }
    m_bigPanel->setError(frame->errors.empty() ? QString() : QString::fromStdString(frame->errors.front()));
}

void SimilarityPage::refreshSmall(const Frame& frame)
{
    while (m_small.size() < static_cast<std::size_t>(frame.numLayers)) {
        const int layer = static_cast<int>(m_small.size());
        auto* matrix = new MatrixView;
        matrix->setObjectName(QStringLiteral("smallMatrix%1").arg(layer));
        matrix->setTitle(tr("Similarity of layer %1").arg(layer));
        matrix->setSmall(true);
        matrix->setLegendVisible(false);
        matrix->setHoverLineVisible(false);
        connect(matrix, &MatrixView::clicked, this, [this, layer] { m_selection.setLayer(layer); });
        m_smallRow->addWidget(matrix);
        m_small.push_back(matrix);
    }
    for (std::size_t at = 0; at < m_small.size(); ++at) {
        const int layer = static_cast<int>(at);
        MatrixView* matrix = m_small[at];
        matrix->setVisible(layer < frame.numLayers);
        if (layer >= frame.numLayers)
            continue;
        const double share = diversityShare(frame, false, layer);
        matrix->setHeading(QStringLiteral("L%1").arg(layer), QStringLiteral("D/E ") + numberText::fixed(share, 2),
            limits::diversity(share));
        matrix->setData(similarityMatrix(frame, frame.similarityA, layer, {orderOf(frame, layer).order, {}}));
        matrix->setSelected(layer == frame.request.layer);
    }
    const QString kind =
        frame.request.similarity == SimilarityKind::Cosine ? tr("output cosine") : tr("CKA excess over the control");
    const int each =
        frame.numLayers > 0 ? std::clamp(m_smallArea->width() / frame.numLayers, kSmallest, kLargest) : kSmallest;
    if (!m_small.empty())
        m_smallArea->setFixedHeight(m_small.front()->heightForWidth(each) + 6);
    m_smallPanel->setSubtitle(
        tr("expert × expert, %1, probe %2, one range for all").arg(kind, numberText::count(frame.similarityA.step)));
}

void SimilarityPage::refreshBig(const Frame& frame)
{
    const int layer = frame.request.layer;
    const ExpertOrder order = orderOf(frame, layer);
    m_big->setData(similarityMatrix(frame, frame.similarityA, layer, order));
    m_big->setSelection(frame.request.first, frame.request.second >= 0 ? frame.request.second : frame.request.first);
    m_big->setPairs(mergedPairs(frame, layer), tr("pair above %1").arg(numberText::fixed(limits::kPairAlarm, 2)));
    m_bigPanel->setName(tr("Layer %1").arg(layer));
    m_bigPanel->setSubtitle(order.order.empty()
            ? tr("probe %1, by id").arg(numberText::count(frame.similarityA.step))
            : tr("probe %1, clustered order").arg(numberText::count(frame.similarityA.step)));
    m_bigPanel->setBadge(order.tree.empty() ? QString() : tr("average linkage on 1 − S"));
}

void SimilarityPage::refreshDifference(const Frame& frame)
{
    m_differencePanel->setSubtitle(tr("layer %1").arg(frame.request.layer));
    if (!frame.similarityB.present()) {
        m_differencePanel->showWaiting(m_selection.stepB() > 0
                ? tr("No probe at or before B")
                : tr("Shift+click sets B, in any chart or on the timeline"));
        m_differencePanel->setBadge({});
        return;
    }
    const MatrixData difference = differenceMatrix(frame, frame.request.layer, orderOf(frame, frame.request.layer));
    m_difference->setData(difference);
    m_difference->setSelection(
        frame.request.first, frame.request.second >= 0 ? frame.request.second : frame.request.first);
    m_differencePanel->setBadge(QStringLiteral("%1 − %2").arg(
        numberText::count(frame.similarityA.step), numberText::count(frame.similarityB.step)));
    m_summary->setText(differenceSummary(frame, difference));
}

void SimilarityPage::refreshPair(const Frame& frame)
{
    const FrameRequest& request = frame.request;
    const bool pair = request.second >= 0;
    m_pairPanel->setName(
        pair ? tr("Pair %1 – %2 over time").arg(request.first).arg(request.second) : tr("Mean over time"));
    m_pairPanel->setSubtitle(request.similarity == SimilarityKind::Cosine ? tr("output cosine") : tr("CKA excess"));
    m_pair->setSpec(pairSpec(frame, m_selection.chartOptions()));
    m_pairPanel->setBadge(
        counted(static_cast<std::int64_t>(frame.history.pairSteps.size()), tr("%1 probe"), tr("%1 probes")));
}

void SimilarityPage::hover(int first, int second)
{
    for (MatrixView* matrix : m_small)
        matrix->setHover(first, second);
    m_big->setHover(first, second);
    m_difference->setHover(first, second);
}

QString SimilarityPage::pairText(int first, int second) const
{
    return data().frame ? similarityPlaceText(*data().frame, data().frame->request.layer, first, second) : QString();
}

}  // namespace moescope
