// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// One number that matters: label, the number at 18 px with its unit, one line below; a state shape at the right.
#pragma once

#include <QWidget>

#include "widgets/theme.h"

namespace moescope {

class KeyFigure : public QWidget {
    Q_OBJECT
public:
    explicit KeyFigure(const QString& label, QWidget* parent = nullptr);
    void setValue(const QString& number, const QString& unit, const QString& below = {});
    void setState(State state);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent*) override;

private:
    void refreshAccessible();
    QString m_label, m_number, m_unit, m_below;
    State m_state = State::None;
};

}  // namespace moescope
