// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/value_box.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <QLineEdit>
#include <QLocale>
#include <QWheelEvent>

#include "widgets/theme.h"

namespace moescope {

namespace {

QString realText(double value)
{
    const double magnitude = std::abs(value);
    if (magnitude != 0 && (magnitude < 1e-6 || magnitude >= 1e15))
        return QString::number(value, 'g', QLocale::FloatingPointShortest);
    return QString::number(value, 'f', QLocale::FloatingPointShortest);
}

/// A step that suits the size of the number: 0.1 → 0.01, 0.0003 → 0.0001, 20 → 1.
double stepOf(double value)
{
    if (value == 0)
        return 0.1;
    return std::pow(10.0, std::floor(std::log10(std::abs(value)) + 1e-9) - (std::abs(value) >= 1 ? 1 : 0));
}

}  // namespace

QString settingText(const QVariant& value)
{
    if (value.typeId() == QMetaType::Double)
        return realText(value.toDouble());
    if (value.typeId() == QMetaType::QVariantList) {
        QStringList words;
        const QVariantList list = value.toList();
        for (const QVariant& item : list)
            words << settingText(item);
        return words.join(QStringLiteral(", "));
    }
    return value.toString();
}

ValueBox::ValueBox(bool whole, std::optional<double> minimum, std::optional<double> maximum, QWidget* parent)
    : QAbstractSpinBox(parent)
    , m_whole(whole)
    , m_minimum(minimum)
    , m_maximum(maximum)
{
    setAlignment(Qt::AlignRight);
    setFocusPolicy(Qt::StrongFocus);
    connect(lineEdit(), &QLineEdit::textEdited, this, &ValueBox::edited);
}

void ValueBox::setValue(const QVariant& value)
{
    const QString text = settingText(value);
    if (lineEdit()->text() != text)
        lineEdit()->setText(text);
}

QVariant ValueBox::value() const
{
    const QString text = lineEdit()->text().trimmed();
    bool ok = false;
    if (m_whole) {
        const qlonglong whole = text.toLongLong(&ok);
        return ok ? QVariant(whole) : QVariant(text);
    }
    const double real = QLocale::c().toDouble(text, &ok);
    return ok && std::isfinite(real) ? QVariant(real) : QVariant(text);
}

void ValueBox::stepBy(int steps)
{
    const QVariant now = value();
    if (now.typeId() == QMetaType::QString)
        return;
    if (m_whole) {
        const qlonglong low =
            m_minimum && *m_minimum > -9e18 ? qlonglong(*m_minimum) : std::numeric_limits<qlonglong>::min() / 2;
        const qlonglong high =
            m_maximum && *m_maximum < 9e18 ? qlonglong(*m_maximum) : std::numeric_limits<qlonglong>::max() / 2;
        setValue(std::clamp(now.toLongLong() + steps, low, std::max(low, high)));
    } else {
        const double step = stepOf(now.toDouble());
        const double next = std::round(now.toDouble() / step + steps) * step;
        const int decimals = std::max(0, int(-std::floor(std::log10(step) + 1e-9)));
        const double rounded = QString::number(next, 'f', decimals).toDouble();
        setValue(std::clamp(rounded, m_minimum.value_or(-INFINITY), m_maximum.value_or(INFINITY)));
    }
    Q_EMIT edited();
}

QValidator::State ValueBox::validate(QString&, int&) const { return QValidator::Acceptable; }

QAbstractSpinBox::StepEnabled ValueBox::stepEnabled() const { return StepUpEnabled | StepDownEnabled; }

void ValueBox::wheelEvent(QWheelEvent* event)
{
    if (hasFocus())
        QAbstractSpinBox::wheelEvent(event);
    else
        event->ignore();
}

QSize ValueBox::sizeHint() const
{
    return {fontMetrics().horizontalAdvance(QStringLiteral("0")) * 8 + 30, metrics::control()};
}

QSize ValueBox::minimumSizeHint() const { return sizeHint(); }

}  // namespace moescope
