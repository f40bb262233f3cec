// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// A word-sized line: validation loss in the run list, one expert's load in the inspector.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include <QWidget>

#include "widgets/theme.h"

namespace moescope {

struct SparklineStyle {
    LineRole role;
    std::optional<double> low, high;         ///< the same scale in all rows; else from the values
    std::optional<double> reference;         ///< dashed line
    std::optional<double> cursorA, cursorB;  ///< places 0 … 1 along x
};

/// Values in equal steps of x; breaks at what is not finite.
void paintSparkline(QPainter& painter, const QRectF& rect, std::span<const float> values, const SparklineStyle& style,
    const Theme& theme);

class Sparkline : public QWidget {
    Q_OBJECT
public:
    explicit Sparkline(QWidget* parent = nullptr);
    void setValues(std::vector<float> values, SparklineStyle style);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent*) override;

private:
    std::vector<float> m_values;
    SparklineStyle m_style;
};

}  // namespace moescope
