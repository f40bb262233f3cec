// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Paints a row of the runs list: check box, swatch, name, progress and state; below: seed or cause, sparkline, last
// value.
#pragma once

#include <QStyledItemDelegate>

namespace moescope {

class RunsDelegate : public QStyledItemDelegate {
    Q_OBJECT

public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;

    /// One scale for all sparklines.
    void setRange(double low, double high);

protected:
    bool editorEvent(QEvent* event, QAbstractItemModel* model, const QStyleOptionViewItem& option,
        const QModelIndex& index) override;

private:
    double m_low = 0, m_high = 1;
};

}  // namespace moescope
