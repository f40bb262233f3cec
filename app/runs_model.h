// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The runs that are there: one row per run folder, oldest number first at the bottom, newest on top.
#pragma once

#include <vector>

#include <QAbstractListModel>
#include <QSet>

#include "app/run_view.h"
#include "widgets/theme.h"

namespace moescope {

class Settings;

/// What the list knows of a run without following its log.
struct RunRow {
    QString folder, id, name, parent;
    double created = 0;
    RunStatus status;
    RunFacts facts;
    bool locked = false;
    std::vector<float> validation;  ///< bits per byte, for the sparkline
    float lastValue = 0;            ///< NaN when diverged or not there yet
    bool hasValue = false;
    QString error;  ///< a folder given on the command line that is no run: why
};

/// State of a row as a shape.
State rowState(const RunRow& row);

class RunsModel : public QAbstractListModel {
    Q_OBJECT

public:
    enum Role {
        FolderRole = Qt::UserRole + 1,
        NumberRole,  ///< int from 1: name in lists, colour
        NameRole,
        SecondLineRole,    ///< seed, or the cause of a failure
        FailedRole,        ///< the second line is a cause
        ProgressTextRole,  ///< "61 %", "4,400"; empty when finished or failed
        ProgressRole,      ///< 0 … 1; negative = no line
        StateRole,
        ValidationRole,  ///< QVector<float>
        ValueTextRole,
        ShownRole,
    };

    explicit RunsModel(Settings& settings, QObject* parent = nullptr);

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;  ///< Qt::CheckStateRole
    Qt::ItemFlags flags(const QModelIndex& index) const override;

    void resetData(std::vector<RunRow> rows);  ///< keeps what is shown; only changed rows are told
    void takeView(const RunViewPtr& view);     ///< fresher than the scan
    int rowOf(const QString& folder) const;    ///< -1 when unknown
    const RunRow& row(int index) const { return m_rows[static_cast<std::size_t>(index)]; }
    QString title(const QString& folder) const;  ///< "14 smoe"
    int number(const QString& folder) const;
    QStringList shown() const;
    void setShown(const QString& folder, bool on);

Q_SIGNALS:
    void shownChanged();

private:
    QString progressText(const RunRow& row) const;
    QString secondLine(const RunRow& row) const;

    Settings& m_settings;
    std::vector<RunRow> m_rows;
    std::vector<int> m_numbers;  ///< by row
    QSet<QString> m_shown;
};

}  // namespace moescope
