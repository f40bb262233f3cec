// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// A number field that keeps what the user types, also when it is wrong; arrows and wheel step it.
#pragma once

#include <optional>

#include <QAbstractSpinBox>
#include <QVariant>

namespace moescope {

/// Whole numbers of 64 bits, or real numbers; no range is enforced while typing.
class ValueBox : public QAbstractSpinBox {
    Q_OBJECT
public:
    ValueBox(bool whole, std::optional<double> minimum, std::optional<double> maximum, QWidget* parent = nullptr);
    void setValue(const QVariant& value);  ///< emits nothing
    QVariant value() const;                ///< qint64 or double; QString when it is no number
    void stepBy(int steps) override;
    QValidator::State validate(QString& text, int& position) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void edited();

protected:
    StepEnabled stepEnabled() const override;
    void wheelEvent(QWheelEvent*) override;

private:
    bool m_whole;
    std::optional<double> m_minimum, m_maximum;
};

/// Shortest text that reads back equal, without an exponent between 1e-6 and 1e15: "0.1", "0.0003", "2048".
QString settingText(const QVariant& value);

}  // namespace moescope
