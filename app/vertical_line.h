// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// A thin line between two things in a row.
#pragma once

#include <QPainter>
#include <QWidget>

#include "widgets/theme.h"

namespace moescope {

class VerticalLine : public QWidget {
public:
    explicit VerticalLine(int margin, QWidget* parent = nullptr)
        : QWidget(parent)
        , m_margin(margin)
    {
        setFixedWidth(1);
        setAttribute(Qt::WA_TransparentForMouseEvents);
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter(this).fillRect(rect().adjusted(0, m_margin, 0, -m_margin), currentTheme().line);
    }

private:
    int m_margin;
};

}  // namespace moescope
