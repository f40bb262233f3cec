// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/runs_model.h"

#include <algorithm>
#include <cmath>

#include <QDateTime>

#include "app/run_state.h"
#include "app/settings.h"
#include "widgets/number_text.h"

namespace moescope {
namespace {

bool sameFolders(const std::vector<RunRow>& a, const std::vector<RunRow>& b)
{
    return std::equal(
        a.begin(), a.end(), b.begin(), b.end(), [](const RunRow& x, const RunRow& y) { return x.folder == y.folder; });
}

/// A followed log is ahead of the scan: its curve and its step stay.
void keepFresher(RunRow& scanned, const RunRow& known)
{
    if (!scanned.hasValue && known.hasValue) {
        scanned.validation = known.validation;
        scanned.lastValue = known.lastValue;
        scanned.hasValue = true;
    }
    if (scanned.status.pid == known.status.pid && scanned.locked)
        scanned.status.step = std::max(scanned.status.step, known.status.step);
}

}  // namespace

State rowState(const RunRow& row)
{
    if (!row.error.isEmpty())
        return State::Failed;
    return stateOf(row.status, row.locked);
}

RunsModel::RunsModel(Settings& settings, QObject* parent)
    : QAbstractListModel(parent)
    , m_settings(settings)
{
}

int RunsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

QString RunsModel::progressText(const RunRow& row) const
{
    const State state = rowState(row);
    if (state == State::Finished || state == State::Failed || row.status.step <= 0)
        return {};
    if (state == State::Stopped || row.facts.numSteps <= 0)
        return numberText::count(row.status.step);
    return tr("%1 %").arg(100 * row.status.step / row.facts.numSteps);
}

QString RunsModel::secondLine(const RunRow& row) const
{
    if (!row.error.isEmpty())
        return row.error;
    if (const QString cause = causeText(row.status, row.locked); !cause.isEmpty())
        return cause;
    const QString recipe = QString::fromStdString(row.facts.recipe);
    const QString seed = tr("seed %1").arg(row.facts.seed);
    return recipe.isEmpty() || recipe == row.name ? seed : seed + QStringLiteral(" · ") + recipe;
}

QVariant RunsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const RunRow& run = row(index.row());
    const int number = m_numbers[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        return QStringLiteral("%1 %2").arg(number).arg(run.name);
    case Qt::CheckStateRole:
        return m_shown.contains(run.folder) ? Qt::Checked : Qt::Unchecked;
    case Qt::ToolTipRole:
        return QStringLiteral("%1\n%2\n%3")
            .arg(run.folder, stateWord(run.status, run.locked),
                QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(run.created * 1000))
                    .toUTC()
                    .toString(QStringLiteral("yyyy-MM-dd HH:mm:ss 'UTC'")));
    case Qt::AccessibleDescriptionRole:
        return stateWord(run.status, run.locked) + QStringLiteral(", ") + secondLine(run);
    case FolderRole:
        return run.folder;
    case NumberRole:
        return number;
    case NameRole:
        return run.name;
    case SecondLineRole:
        return secondLine(run);
    case FailedRole:
        return rowState(run) == State::Failed;
    case ProgressTextRole:
        return progressText(run);
    case ProgressRole: {
        const State state = rowState(run);
        const bool line = (state == State::Training || state == State::Paused) && run.facts.numSteps > 0;
        return line
            ? std::clamp(static_cast<double>(run.status.step) / static_cast<double>(run.facts.numSteps), 0.0, 1.0)
            : -1.0;
    }
    case StateRole:
        return static_cast<int>(rowState(run));
    case ValidationRole:
        return QVariant::fromValue(QVector<float>(run.validation.begin(), run.validation.end()));
    case ValueTextRole:
        return run.hasValue ? numberText::fixed(static_cast<double>(run.lastValue), 3) : QString();
    case ShownRole:
        return m_shown.contains(run.folder);
    default:
        return {};
    }
}

bool RunsModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::CheckStateRole || !checkIndex(index, CheckIndexOption::IndexIsValid))
        return false;
    setShown(row(index.row()).folder, value.toInt() == Qt::Checked);
    return true;
}

Qt::ItemFlags RunsModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    return Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable | Qt::ItemNeverHasChildren;
}

void RunsModel::resetData(std::vector<RunRow> rows)
{
    std::vector<RunRow> oldestFirst = rows;
    std::stable_sort(
        oldestFirst.begin(), oldestFirst.end(), [](const RunRow& a, const RunRow& b) { return a.created < b.created; });
    for (const RunRow& run : oldestFirst)
        m_settings.runNumber(run.id.isEmpty() ? run.folder : run.id);
    std::vector<int> numbers;
    for (RunRow& run : rows) {
        numbers.push_back(m_settings.runNumber(run.id.isEmpty() ? run.folder : run.id));
        if (const int at = rowOf(run.folder); at >= 0)
            keepFresher(run, m_rows[static_cast<std::size_t>(at)]);
    }
    if (sameFolders(m_rows, rows)) {
        m_rows = std::move(rows);
        m_numbers = std::move(numbers);
        if (!m_rows.empty())
            Q_EMIT dataChanged(index(0), index(static_cast<int>(m_rows.size()) - 1));
        return;
    }
    beginResetModel();
    m_rows = std::move(rows);
    m_numbers = std::move(numbers);
    endResetModel();
}

void RunsModel::takeView(const RunViewPtr& view)
{
    const int at = rowOf(view->folder);
    if (at < 0 || !view->error.isEmpty())
        return;
    RunRow& run = m_rows[static_cast<std::size_t>(at)];
    run.status = view->status;
    run.status.step = std::max(run.status.step, view->snapshot->lastStep);
    run.locked = view->locked;
    if (const Series* validation = view->snapshot->scalar("eval/bits_per_byte"); validation && !validation->empty()) {
        run.validation.clear();
        const std::size_t stride = (validation->size() + 39) / 40;
        for (std::size_t i = validation->size() - 1; i < validation->size(); i -= stride)
            run.validation.insert(run.validation.begin(), validation->value(i));
        run.lastValue = validation->value(validation->size() - 1);
        run.hasValue = true;
    }
    Q_EMIT dataChanged(index(at), index(at));
}

int RunsModel::rowOf(const QString& folder) const
{
    for (std::size_t i = 0; i < m_rows.size(); ++i)
        if (m_rows[i].folder == folder)
            return static_cast<int>(i);
    return -1;
}

QString RunsModel::title(const QString& folder) const
{
    const int at = rowOf(folder);
    return at < 0 ? folder.section(QLatin1Char('/'), -1) : index(at).data(Qt::DisplayRole).toString();
}

int RunsModel::number(const QString& folder) const
{
    const int at = rowOf(folder);
    return at < 0 ? 1 : m_numbers[static_cast<std::size_t>(at)];
}

QStringList RunsModel::shown() const
{
    QStringList folders;
    for (const RunRow& run : m_rows)
        if (m_shown.contains(run.folder))
            folders << run.folder;
    return folders;
}

void RunsModel::setShown(const QString& folder, bool on)
{
    if (m_shown.contains(folder) == on)
        return;
    if (on)
        m_shown.insert(folder);
    else
        m_shown.remove(folder);
    if (const int at = rowOf(folder); at >= 0)
        Q_EMIT dataChanged(index(at), index(at), {Qt::CheckStateRole, ShownRole});
    Q_EMIT shownChanged();
}

}  // namespace moescope
