// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The metrics of the shown runs as a tree of two levels: group ("loss") and metric ("language_model"), each with a
// check mark.
#pragma once

#include <vector>

#include <QAbstractItemModel>
#include <QStringList>

namespace moescope {

class MetricsModel : public QAbstractItemModel {
    Q_OBJECT

public:
    enum Role { MetricRole = Qt::UserRole + 1 };  ///< whole name: "loss/language_model"; empty for a group

    explicit MetricsModel(QObject* parent = nullptr);

    /// Takes new names; check marks of known ones stay.
    void appendData(const QStringList& metrics);
    void resetData();
    QStringList checked() const;  ///< in the order of the tree
    void setChecked(const QString& metric, bool on);
    int numMetrics() const;

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& child) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex&) const override { return 1; }
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

Q_SIGNALS:
    void checkedChanged();

private:
    struct Metric {
        QString name;  ///< whole
        bool checked = false;
    };
    struct Group {
        QString name;
        std::vector<Metric> metrics;
    };
    std::vector<Group> m_groups;
};

}  // namespace moescope
