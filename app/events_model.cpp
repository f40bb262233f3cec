// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/events_model.h"

#include <QDateTime>

#include <nlohmann/json.hpp>

#include "app/visible_text.h"
#include "widgets/number_text.h"

namespace moescope {
namespace {

using Json = nlohmann::json;

QString textOf(const Json& value)
{
    const std::string text =
        value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
    return visibleLine(text);
}

State stateOf(const QString& kind, const QString& text)
{
    if (kind == QStringLiteral("alarm"))
        return State::Alarm;
    if (kind == QStringLiteral("warning"))
        return State::Watch;
    if (kind == QStringLiteral("state") && text.contains(QStringLiteral("failed")))
        return State::Failed;
    return State::None;
}

}  // namespace

EventRow eventRow(const RunEvent& event)
{
    EventRow row{event.step, event.wallTime, visibleLine(event.kind, 40), {}, State::None};
    const Json json = Json::parse(event.json, nullptr, false);
    if (json.is_object()) {
        QStringList parts;
        for (const char* key : {"state", "text", "message", "name", "verb", "answer", "reason", "cause"})
            if (json.contains(key) && !json[key].is_null())
                parts << textOf(json[key]);
        row.text = parts.join(QStringLiteral(" · "));
    }
    if (row.text.isEmpty())
        row.text = visibleLine(event.json);
    row.state = stateOf(row.kind, row.text);
    return row;
}

void EventsModel::resetData(const std::vector<RunEvent>& events)
{
    std::size_t same = 0;
    while (same < m_json.size() && same < events.size() && m_json[same] == events[same].json
        && m_rows[same].step == events[same].step)
        ++same;
    if (same < m_rows.size()) {
        beginResetModel();
        m_rows.clear();
        m_json.clear();
        for (const RunEvent& event : events) {
            m_rows.push_back(eventRow(event));
            m_json.push_back(event.json);
        }
        endResetModel();
        return;
    }
    if (same == events.size())
        return;
    beginInsertRows({}, static_cast<int>(same), static_cast<int>(events.size()) - 1);
    for (std::size_t i = same; i < events.size(); ++i) {
        m_rows.push_back(eventRow(events[i]));
        m_json.push_back(events[i].json);
    }
    endInsertRows();
}

int EventsModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int EventsModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : NumColumns; }

QVariant EventsModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const EventRow& row = m_rows[static_cast<std::size_t>(index.row())];
    const QDateTime time = QDateTime::fromMSecsSinceEpoch(static_cast<qint64>(row.wallTime * 1000));
    if (role == StepRole)
        return static_cast<qlonglong>(row.step);
    if (role == StateRole)
        return static_cast<int>(row.state);
    if (role == Qt::TextAlignmentRole)
        return QVariant(index.column() == Step ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole)
        return index.column() == Time ? time.toUTC().toString(QStringLiteral("yyyy-MM-dd HH:mm:ss 'UTC'")) : row.text;
    if (role == Qt::ForegroundRole && row.state != State::None && index.column() >= Kind)
        return currentTheme().color(row.state);
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Step:
        return numberText::count(row.step);
    case Time:
        return time.toString(QStringLiteral("HH:mm:ss"));
    case Kind:
        return row.kind;
    default:
        return row.text;
    }
}

QVariant EventsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal)
        return {};
    if (role == Qt::TextAlignmentRole)
        return QVariant(section == Step ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Step:
        return tr("Step");
    case Time:
        return tr("Time");
    case Kind:
        return tr("Kind");
    default:
        return tr("What");
    }
}

}  // namespace moescope
