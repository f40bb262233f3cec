// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/runs_dock.h"

#include <cmath>
#include <limits>

#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QStackedWidget>
#include <QVBoxLayout>

#include "app/runs_delegate.h"
#include "app/runs_model.h"
#include "app/selection.h"
#include "widgets/icon.h"
#include "widgets/theme.h"

namespace moescope {
namespace {

QPushButton* button(const QString& text, const char* name)
{
    auto* made = new QPushButton(text);
    made->setObjectName(QLatin1String(name));
    return made;
}

}  // namespace

RunsDock::RunsDock(RunsModel& model, Selection& selection, QWidget* parent)
    : QWidget(parent)
    , m_model(model)
    , m_selection(selection)
    , m_filter(new QLineEdit)
    , m_list(new QListView)
    , m_stack(new QStackedWidget)
    , m_delegate(new RunsDelegate(m_list))
{
    m_filtered.setSourceModel(&model);
    m_filtered.setFilterCaseSensitivity(Qt::CaseInsensitive);

    m_filter->setObjectName(QStringLiteral("runsFilter"));
    m_filter->setPlaceholderText(tr("Filter runs"));
    m_filter->setAccessibleName(tr("Filter runs by name"));
    m_filter->setClearButtonEnabled(true);
    m_filter->addAction(icon(QStringLiteral("search")), QLineEdit::LeadingPosition);
    m_list->setObjectName(QStringLiteral("runsList"));
    m_list->setAccessibleName(tr("Runs"));
    m_list->setModel(&m_filtered);
    m_list->setItemDelegate(m_delegate);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(true);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);

    auto* greeting = new QWidget;
    greeting->setObjectName(QStringLiteral("runsEmpty"));
    auto* lines = new QVBoxLayout(greeting);
    lines->setContentsMargins(metrics::edge(), metrics::edge(), metrics::edge(), metrics::edge());
    lines->setSpacing(metrics::gap());
    auto* text =
        new QLabel(tr("No runs yet. The demo trains a small model on the text of this machine in a few minutes."));
    text->setWordWrap(true);
    lines->addWidget(text);
    auto* demo = button(tr("Start the demo"), "startDemo");
    auto* open = button(tr("Open a folder …"), "openFolder");
    lines->addWidget(demo);
    lines->addWidget(open);
    lines->addStretch(1);
    connect(demo, &QPushButton::clicked, this, &RunsDock::demoRequested);
    connect(open, &QPushButton::clicked, this, &RunsDock::openRequested);
    m_stack->addWidget(m_list);
    m_stack->addWidget(greeting);

    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto* top = new QVBoxLayout;
    top->setContentsMargins(8, 4, 8, 4);
    top->addWidget(m_filter);
    column->addLayout(top);
    column->addWidget(m_stack, 1);

    connect(m_filter, &QLineEdit::textChanged, &m_filtered, &QSortFilterProxyModel::setFilterFixedString);
    connect(m_filter, &QLineEdit::textChanged, this, &RunsDock::refresh);
    connect(m_list->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex& current) {
        if (current.isValid())
            m_selection.setRun(current.data(RunsModel::FolderRole).toString());
    });
    connect(&selection, &Selection::runChanged, this, &RunsDock::selectFromModel);
    connect(&model, &QAbstractItemModel::modelReset, this, &RunsDock::selectFromModel);
    connect(&model, &QAbstractItemModel::modelReset, this, &RunsDock::refresh);
    connect(&model, &QAbstractItemModel::dataChanged, this, &RunsDock::refresh);
    refresh();
}

void RunsDock::selectFromModel()
{
    const int row = m_model.rowOf(m_selection.run());
    const QModelIndex at = row < 0 ? QModelIndex() : m_filtered.mapFromSource(m_model.index(row));
    if (at.isValid() && at != m_list->currentIndex())
        m_list->setCurrentIndex(at);
}

void RunsDock::refresh()
{
    const int all = m_model.rowCount();
    m_stack->setCurrentIndex(all == 0 ? 1 : 0);
    m_filter->setEnabled(all > 0);
    Q_EMIT countChanged(all == 0 ? QString() : tr("%1 of %2").arg(m_filtered.rowCount()).arg(all));
    double low = std::numeric_limits<double>::infinity(), high = -low;
    for (int i = 0; i < all; ++i)
        for (const float value : m_model.row(i).validation)
            if (std::isfinite(value)) {
                low = std::min(low, static_cast<double>(value));
                high = std::max(high, static_cast<double>(value));
            }
    if (low <= high)
        m_delegate->setRange(low, std::max(high, low + 1e-6));
}

}  // namespace moescope
