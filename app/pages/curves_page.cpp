// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/curves_page.h"

#include <algorithm>

#include <QBoxLayout>
#include <QGridLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>
#include <QScrollArea>
#include <QTreeView>

#include "app/waiting_text.h"
#include "widgets/icon.h"
#include "widgets/line_chart.h"
#include "widgets/panel.h"

namespace moescope {
namespace {

constexpr int kMinimumWidth = 280;
constexpr int kMinimumHeight = 174;  ///< 150 for the chart, 24 for its title

/// "loss | load" matches either; anything else is taken literally.
QRegularExpression filterExpression(const QString& text)
{
    QStringList parts;
    for (const QString& part : text.split(QLatin1Char('|'), Qt::SkipEmptyParts))
        parts << QRegularExpression::escape(part.trimmed());
    return QRegularExpression(parts.join(QLatin1Char('|')), QRegularExpression::CaseInsensitiveOption);
}

/// "6,180 of 6,180 · 3 above 2.7" as "all 6,180 · 3 above 2.7": small charts have small titles.
QString shortBadge(const QString& badge)
{
    static const QRegularExpression all(QStringLiteral("^(\\S+) of \\1(?=$| )"));
    return QString(badge).replace(all, QStringLiteral("all \\1"));
}

}  // namespace

CurvesPage::CurvesPage(Selection& selection, QWidget* parent)
    : Page(selection, parent)
    , m_area(new QScrollArea)
    , m_inside(new QWidget)
    , m_grid(new QGridLayout(m_inside))
{
    m_grid->setContentsMargins(0, 0, 0, 0);
    m_grid->setSpacing(0);
    m_inside->setAutoFillBackground(true);
    m_inside->setBackgroundRole(QPalette::Base);
    m_area->setObjectName(QStringLiteral("curvesArea"));
    m_area->setAccessibleName(tr("Charts"));
    m_area->setFrameShape(QFrame::NoFrame);
    m_area->setWidgetResizable(true);
    m_area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_area->setWidget(m_inside);

    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(makeTree());
    row->addWidget(m_area, 1);

    connect(&m_metrics, &MetricsModel::checkedChanged, this, &CurvesPage::rebuildGrid);
    connect(&selection, &Selection::placeChanged, this, [this] {
        if (isVisible())
            refresh();
    });
}

QWidget* CurvesPage::makeTree()
{
    m_filtered.setSourceModel(&m_metrics);
    m_filtered.setRecursiveFilteringEnabled(true);
    m_filtered.setFilterRole(MetricsModel::MetricRole);
    m_filter = new QLineEdit;
    m_filter->setObjectName(QStringLiteral("metricFilter"));
    m_filter->setPlaceholderText(tr("Filter: loss | load"));
    m_filter->setAccessibleName(tr("Filter metrics"));
    m_filter->setClearButtonEnabled(true);
    m_filter->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_count = new QLabel;
    m_count->setObjectName(QStringLiteral("metricCount"));
    m_count->setFont(currentTheme().small);
    m_tree = new QTreeView;
    m_tree->setObjectName(QStringLiteral("metricTree"));
    m_tree->setAccessibleName(tr("Metrics"));
    m_tree->setModel(&m_filtered);
    m_tree->setHeaderHidden(true);
    m_tree->setFrameShape(QFrame::NoFrame);
    m_tree->setIndentation(12);
    m_tree->setRootIsDecorated(true);
    m_tree->setUniformRowHeights(true);

    auto* side = new QFrame;
    side->setObjectName(QStringLiteral("metricSide"));
    side->setFrameShape(QFrame::NoFrame);
    side->setAutoFillBackground(true);
    side->setBackgroundRole(QPalette::Base);
    auto* column = new QVBoxLayout(side);
    column->setContentsMargins(8, 6, 8, 6);
    column->setSpacing(4);
    column->addWidget(m_filter);
    column->addWidget(m_count);
    column->addWidget(m_tree, 1);
    side->setFixedWidth(std::max(170, QFontMetrics(currentTheme().body).averageCharWidth() * 26));

    connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
        m_filtered.setFilterRegularExpression(filterExpression(text));
        m_tree->expandAll();
        refreshTree();
    });
    return side;
}

void CurvesPage::refreshTree()
{
    int visible = 0;
    for (int group = 0; group < m_filtered.rowCount(); ++group)
        visible += m_filtered.rowCount(m_filtered.index(group, 0));
    m_count->setText(tr("%1 of %2 metrics").arg(visible).arg(m_metrics.numMetrics()));
}

std::vector<Panel*> CurvesPage::panels() const
{
    std::vector<Panel*> all;
    for (const QString& metric : m_order)
        all.push_back(m_cards.at(metric).panel);
    return all;
}

CurvesPage::Card CurvesPage::makeCard(const QString& metric)
{
    Card card;
    card.chart = new LineChart;
    card.chart->setObjectName(QStringLiteral("curve/") + metric);
    card.chart->setTitle(metric);
    card.panel = makePanel(metric, "curvePanel", card.chart);
    card.panel->setSubtitle(metricSubtitle(metric));
    card.panel->setExportable(false);
    card.panel->setMinimumSize(kMinimumWidth, kMinimumHeight);
    card.chart->installEventFilter(this);
    link(card.chart);
    connect(card.chart, &LineChart::badgeChanged, card.panel,
        [panel = card.panel](const QString& text) { panel->setBadge(shortBadge(text)); });
    return card;
}

void CurvesPage::rebuildGrid()
{
    m_order = m_metrics.checked();
    for (auto at = m_cards.begin(); at != m_cards.end();) {
        if (m_order.contains(at->first)) {
            ++at;
            continue;
        }
        at->second.panel->hide();
        at->second.panel->deleteLater();
        at = m_cards.erase(at);
    }
    for (const QString& metric : m_order) {
        if (!m_cards.contains(metric))
            m_cards[metric] = makeCard(metric);
    }
    placeGrid();
    if (isVisible())
        refresh();
}

void CurvesPage::placeGrid()
{
    while (QLayoutItem* item = m_grid->takeAt(0))
        delete item;
    const int columns = std::clamp(m_area->viewport()->width() / kMinimumWidth, 1, 2);
    const int rows = (static_cast<int>(m_order.size()) + columns - 1) / columns;
    const int height = rows > 0 ? std::max(kMinimumHeight, m_area->viewport()->height() / std::min(rows, 3)) : 0;
    for (int i = 0; i < m_order.size(); ++i) {
        Panel* panel = m_cards[m_order[i]].panel;
        panel->setFixedHeight(std::min(height, std::max(kMinimumHeight, m_area->viewport()->height() / 2)));
        m_grid->addWidget(panel, i / columns, i % columns);
        panel->show();
    }
    for (int column = 0; column < 2; ++column)
        m_grid->setColumnStretch(column, column < columns ? 1 : 0);
    m_grid->setRowStretch(rows, 1);
}

void CurvesPage::resizeEvent(QResizeEvent* event)
{
    Page::resizeEvent(event);
    placeGrid();
}

bool CurvesPage::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Delete)
        for (const auto& [metric, card] : m_cards)
            if (card.chart == watched) {
                m_metrics.setChecked(QString(metric), false);
                return true;
            }
    return Page::eventFilter(watched, event);
}

void CurvesPage::refresh()
{
    if (!data().view)
        return;
    QStringList names;
    for (const NamedRun& run : data().shown)
        names << metricNames(*run.view->snapshot);
    const int before = m_metrics.numMetrics();
    m_metrics.appendData(names);
    if (m_metrics.numMetrics() != before)
        m_tree->expandAll();
    refreshTree();
    for (const auto& [metric, card] : m_cards) {
        card.chart->setSpec(metricSpec(metric, data().shown, m_selection.chartOptions(), m_selection.layer()));
        card.panel->setBadge(shortBadge(card.chart->badge()));
        if (card.chart->spec().series.empty())
            card.panel->showWaiting(waitingForSteps(data().view));
        else
            card.panel->showContent();
    }
}

}  // namespace moescope
