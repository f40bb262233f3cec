// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/metrics_model.h"

#include <algorithm>

namespace moescope {
namespace {

/// What a person looks at first.
const QStringList& opened()
{
    static const QStringList names{QStringLiteral("loss/language_model"), QStringLiteral("eval/bits_per_byte"),
        QStringLiteral("train/gradient_norm"), QStringLiteral("load/max_violation"), QStringLiteral("loss/balance"),
        QStringLiteral("speed/tokens_per_second")};
    return names;
}

/// Groups are told apart from metrics by this id; a metric has the row of its group.
constexpr quintptr kGroup = quintptr(-1);

}  // namespace

MetricsModel::MetricsModel(QObject* parent)
    : QAbstractItemModel(parent)
{
}

void MetricsModel::appendData(const QStringList& metrics)
{
    bool opens = false;
    for (const QString& name : metrics) {
        const QString groupName = name.section(QLatin1Char('/'), 0, 0);
        auto group =
            std::find_if(m_groups.begin(), m_groups.end(), [&](const Group& g) { return g.name == groupName; });
        if (group == m_groups.end()) {
            const int row = static_cast<int>(m_groups.size());
            beginInsertRows({}, row, row);
            m_groups.push_back({groupName, {}});
            endInsertRows();
            group = m_groups.end() - 1;
        }
        const auto place = std::lower_bound(group->metrics.begin(), group->metrics.end(), name,
            [](const Metric& m, const QString& n) { return m.name < n; });
        if (place != group->metrics.end() && place->name == name)
            continue;
        const int row = static_cast<int>(place - group->metrics.begin());
        beginInsertRows(index(static_cast<int>(group - m_groups.begin()), 0), row, row);
        group->metrics.insert(place, {name, opened().contains(name)});
        endInsertRows();
        opens = opens || opened().contains(name);
    }
    if (opens)
        Q_EMIT checkedChanged();
}

void MetricsModel::resetData()
{
    beginResetModel();
    m_groups.clear();
    endResetModel();
    Q_EMIT checkedChanged();
}

QStringList MetricsModel::checked() const
{
    QStringList names;
    for (const QString& name : opened())
        for (const Group& group : m_groups)
            for (const Metric& metric : group.metrics)
                if (metric.checked && metric.name == name)
                    names << name;
    for (const Group& group : m_groups)
        for (const Metric& metric : group.metrics)
            if (metric.checked && !names.contains(metric.name))
                names << metric.name;
    return names;
}

void MetricsModel::setChecked(const QString& metric, bool on)
{
    for (std::size_t g = 0; g < m_groups.size(); ++g)
        for (std::size_t m = 0; m < m_groups[g].metrics.size(); ++m)
            if (m_groups[g].metrics[m].name == metric)
                setData(index(static_cast<int>(m), 0, index(static_cast<int>(g), 0)), on ? Qt::Checked : Qt::Unchecked,
                    Qt::CheckStateRole);
}

int MetricsModel::numMetrics() const
{
    std::size_t number = 0;
    for (const Group& group : m_groups)
        number += group.metrics.size();
    return static_cast<int>(number);
}

QModelIndex MetricsModel::index(int row, int column, const QModelIndex& parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, parent.isValid() ? quintptr(parent.row()) : kGroup);
}

QModelIndex MetricsModel::parent(const QModelIndex& child) const
{
    if (!child.isValid() || child.internalId() == kGroup)
        return {};
    return createIndex(static_cast<int>(child.internalId()), 0, kGroup);
}

int MetricsModel::rowCount(const QModelIndex& parent) const
{
    if (!parent.isValid())
        return static_cast<int>(m_groups.size());
    if (parent.internalId() != kGroup || parent.column() > 0)
        return 0;
    return static_cast<int>(m_groups[static_cast<std::size_t>(parent.row())].metrics.size());
}

QVariant MetricsModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    if (index.internalId() == kGroup)
        return role == Qt::DisplayRole ? QVariant(m_groups[static_cast<std::size_t>(index.row())].name) : QVariant();
    const Metric& metric = m_groups[index.internalId()].metrics[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return metric.name.section(QLatin1Char('/'), 1);
    case Qt::ToolTipRole:
    case MetricRole:
        return metric.name;
    case Qt::CheckStateRole:
        return metric.checked ? Qt::Checked : Qt::Unchecked;
    default:
        return {};
    }
}

bool MetricsModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (!index.isValid() || index.internalId() == kGroup || role != Qt::CheckStateRole)
        return false;
    Metric& metric = m_groups[index.internalId()].metrics[static_cast<std::size_t>(index.row())];
    const bool on = value.toInt() == Qt::Checked;
    if (metric.checked == on)
        return true;
    metric.checked = on;
    Q_EMIT dataChanged(index, index, {Qt::CheckStateRole});
    Q_EMIT checkedChanged();
    return true;
}

Qt::ItemFlags MetricsModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    return index.internalId() == kGroup ? Qt::ItemIsEnabled
                                        : Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable;
}

}  // namespace moescope
