// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What happened in the selected run, as rows: step, time, what. Newest last.
#pragma once

#include <vector>

#include <QAbstractTableModel>

#include "app/run_view.h"
#include "widgets/theme.h"

namespace moescope {

/// An event as a person reads it. Its JSON may be anything: what is not understood is shown as it is.
struct EventRow {
    std::int64_t step = 0;
    double wallTime = 0;
    QString kind, text;
    State state = State::None;
};
EventRow eventRow(const RunEvent& event);

class EventsModel : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Step, Time, Kind, Text, NumColumns };
    enum Role { StepRole = Qt::UserRole + 1, StateRole };

    using QAbstractTableModel::QAbstractTableModel;
    void resetData(const std::vector<RunEvent>& events);  ///< appends when the beginning is the same
    const std::vector<EventRow>& rows() const { return m_rows; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<EventRow> m_rows;
    std::vector<std::string> m_json;  ///< to see what is new
};

}  // namespace moescope
