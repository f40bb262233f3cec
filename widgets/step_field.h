// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// A field for one step: typed with or without commas, moved with the arrows, emits when the user is done or steps.
#pragma once

#include <optional>

#include <QAbstractSpinBox>

namespace moescope {

class StepField : public QAbstractSpinBox {
    Q_OBJECT
public:
    explicit StepField(QWidget* parent = nullptr);
    void setStep(std::optional<std::int64_t> step);  ///< emits nothing; not while the user types
    void setMaximum(std::int64_t maximum) { m_maximum = maximum; }
    void stepBy(int steps) override;
    QValidator::State validate(QString& text, int& position) const override;
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void stepEntered(qint64 step);

protected:
    StepEnabled stepEnabled() const override;

private:
    std::optional<std::int64_t> typed() const;
    void commit();
    std::optional<std::int64_t> m_step;
    std::int64_t m_maximum = 0;
    bool m_typing = false;
};

}  // namespace moescope
