// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/step_field.h"

#include <algorithm>

#include <QLineEdit>

#include "widgets/number_text.h"
#include "widgets/theme.h"

namespace moescope {

StepField::StepField(QWidget* parent)
    : QAbstractSpinBox(parent)
{
    setAlignment(Qt::AlignRight);
    setKeyboardTracking(false);
    lineEdit()->setText(numberText::missing());
    // Not QLineEdit::isModified: Return clears it before editingFinished comes.
    connect(lineEdit(), &QLineEdit::textEdited, this, [this] { m_typing = true; });
    connect(this, &QAbstractSpinBox::editingFinished, this, &StepField::commit);
}

void StepField::setStep(std::optional<std::int64_t> step)
{
    m_step = step;
    if (!m_typing)
        lineEdit()->setText(step ? numberText::count(*step) : numberText::missing());
}

std::optional<std::int64_t> StepField::typed() const
{
    QString digits = lineEdit()->text();
    digits.remove(QLatin1Char(',')).remove(QLatin1Char(' '));
    bool ok = false;
    const qlonglong step = digits.toLongLong(&ok);
    return ok ? std::optional<std::int64_t>(std::clamp<std::int64_t>(step, 0, m_maximum)) : std::nullopt;
}

void StepField::commit()
{
    const bool changed = m_typing;
    const auto step = typed();
    m_typing = false;
    setStep(changed && step ? step : m_step);
    if (changed && step)
        Q_EMIT stepEntered(*step);
}

void StepField::stepBy(int steps)
{
    const std::int64_t next = std::clamp<std::int64_t>(typed().value_or(m_step.value_or(0)) + steps, 0, m_maximum);
    m_typing = false;
    setStep(next);
    Q_EMIT stepEntered(next);
}

QValidator::State StepField::validate(QString& text, int&) const
{
    const bool fine = std::all_of(text.begin(), text.end(),
        [](QChar c) { return c.isDigit() || c == QLatin1Char(',') || c == QLatin1Char(' '); });
    return fine || text == numberText::missing() ? QValidator::Acceptable : QValidator::Invalid;
}

QAbstractSpinBox::StepEnabled StepField::stepEnabled() const { return StepUpEnabled | StepDownEnabled; }

QSize StepField::sizeHint() const
{
    return {fontMetrics().horizontalAdvance(QStringLiteral("1,000,000")) + 30, metrics::control()};
}

QSize StepField::minimumSizeHint() const
{
    return {fontMetrics().horizontalAdvance(QStringLiteral("10,000")) + 28, metrics::control()};
}

}  // namespace moescope
