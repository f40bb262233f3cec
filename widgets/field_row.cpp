// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/field_row.h"

#include <QCheckBox>
#include <QComboBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

#include "widgets/crisp.h"
#include "widgets/icon.h"
#include "widgets/state_glyph.h"
#include "widgets/value_box.h"

namespace moescope {

namespace {

constexpr int kControlWidth = 138, kNumberWidth = 92;

QVariant listFrom(const QString& text)
{
    QVariantList list;
    const QStringList words = text.split(QLatin1Char(','), Qt::SkipEmptyParts);
    for (const QString& word : words) {
        bool ok = false;
        const qlonglong number = word.trimmed().toLongLong(&ok);
        if (!ok)
            return text;
        list << number;
    }
    return list;
}

QString helpText(const FormField& field)
{
    QString text = field.help;
    if (field.minimum || field.maximum) {
        const QString low = field.minimum ? settingText(*field.minimum) : QStringLiteral("–");
        const QString high = field.maximum ? settingText(*field.maximum) : QStringLiteral("–");
        text += QStringLiteral("\n") + FieldRow::tr("Range %1 … %2 %3").arg(low, high, field.unit).trimmed();
    }
    return text + QStringLiteral("\n") + FieldRow::tr("Default %1").arg(settingText(field.fallback));
}

}  // namespace

FieldRow::FieldRow(const FormField& field, int labelWidth, QWidget* parent)
    : QWidget(parent)
    , m_field(field)
    , m_reference(field.fallback)
{
    m_label = new QLabel(field.label, this);
    m_label->setTextFormat(Qt::PlainText);
    m_label->setFixedWidth(labelWidth);
    makeControl();
    m_control->setObjectName(field.key);
    m_control->setAccessibleName(field.label);
    m_control->setToolTip(field.readOnly && !field.readOnlyReason.isEmpty() ? field.readOnlyReason : helpText(field));
    m_control->setEnabled(!field.readOnly);
    m_control->installEventFilter(this);
    m_label->setBuddy(m_control);
    m_unit = new QLabel(field.unit, this);
    m_unit->setTextFormat(Qt::PlainText);
    m_reset = new QToolButton(this);
    m_reset->setAutoRaise(true);
    m_reset->setIcon(icon(QStringLiteral("reset")));
    m_reset->setObjectName(field.key + QStringLiteral(".reset"));
    m_reset->setFocusPolicy(Qt::TabFocus);
    connect(m_reset, &QToolButton::clicked, this, [this] {
        setValue(m_reference);
        Q_EMIT edited(value());
    });
    m_below = new QLabel(this);
    m_below->setObjectName(field.key + QStringLiteral(".message"));
    m_below->setTextFormat(Qt::PlainText);
    m_below->setWordWrap(true);
    auto* line = new QHBoxLayout;
    line->setSpacing(metrics::gap());
    line->addWidget(m_label);
    line->addWidget(m_control);
    line->addWidget(m_unit, 1);
    line->addWidget(m_reset);
    auto* below = new QHBoxLayout;
    below->addSpacing(labelWidth + metrics::gap() + 16);
    below->addWidget(m_below, 1);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(metrics::edge(), 4, metrics::gap(), 4);
    column->setSpacing(2);
    column->addLayout(line);
    column->addLayout(below);
    m_reset->setFixedSize(metrics::control() - 2, metrics::control() - 2);
    setValue(field.value.isValid() ? field.value : field.fallback);
    refresh();
}

void FieldRow::makeControl()
{
    const auto changed = [this] {
        refresh();
        Q_EMIT edited(value());
    };
    switch (m_field.type) {
    case FormType::Switch: {
        auto* box = new QCheckBox(this);
        connect(box, &QCheckBox::clicked, this, changed);
        m_control = box;
        return;
    }
    case FormType::Integer:
    case FormType::Number: {
        auto* box = new ValueBox(m_field.type == FormType::Integer, m_field.minimum, m_field.maximum, this);
        box->setFixedWidth(kNumberWidth);
        connect(box, &ValueBox::edited, this, changed);
        m_control = box;
        return;
    }
    case FormType::Choice: {
        auto* box = new QComboBox(this);
        box->addItems(m_field.choices);
        box->setFixedWidth(kControlWidth);
        box->setFocusPolicy(Qt::StrongFocus);
        connect(box, &QComboBox::activated, this, changed);
        m_control = box;
        return;
    }
    case FormType::Text:
    case FormType::Path:
    case FormType::IntegerList:
        break;
    }
    auto* edit = new QLineEdit(this);
    edit->setMinimumWidth(kControlWidth);
    connect(edit, &QLineEdit::textEdited, this, changed);
    if (m_field.type == FormType::Path) {
        QAction* browse = edit->addAction(icon(QStringLiteral("folder")), QLineEdit::TrailingPosition);
        browse->setToolTip(tr("Choose …"));
        browse->setObjectName(m_field.key + QStringLiteral(".browse"));
        connect(browse, &QAction::triggered, this, &FieldRow::browseRequested);
    }
    m_control = edit;
}

void FieldRow::setValue(const QVariant& value)
{
    if (auto* box = qobject_cast<QCheckBox*>(m_control)) {
        box->setChecked(value.toBool());
    } else if (auto* number = qobject_cast<ValueBox*>(m_control)) {
        number->setValue(value);
    } else if (auto* choice = qobject_cast<QComboBox*>(m_control)) {
        if (choice->findText(value.toString()) < 0)
            choice->addItem(value.toString());
        choice->setCurrentText(value.toString());
    } else if (auto* edit = qobject_cast<QLineEdit*>(m_control); edit && this->value() != value) {
        edit->setText(settingText(value));
    }
    if (m_reset)
        refresh();
}

QVariant FieldRow::value() const
{
    if (const auto* box = qobject_cast<const QCheckBox*>(m_control))
        return box->isChecked();
    if (const auto* number = qobject_cast<const ValueBox*>(m_control))
        return number->value();
    if (const auto* choice = qobject_cast<const QComboBox*>(m_control))
        return choice->currentText();
    const QString text = static_cast<const QLineEdit*>(m_control)->text();
    return m_field.type == FormType::IntegerList ? listFrom(text) : QVariant(text);
}

void FieldRow::setReference(const QVariant& reference)
{
    m_reference = reference;
    refresh();
}

bool FieldRow::isChanged() const { return settingText(value()) != settingText(m_reference); }

void FieldRow::setError(const QString& text)
{
    m_error = text;
    refresh();
}

void FieldRow::setNote(const QString& text)
{
    m_note = text;
    refresh();
}

bool FieldRow::matches(const QString& filter) const
{
    for (const QString& text : {m_field.key, m_field.label, m_field.help}) {
        if (text.contains(filter, Qt::CaseInsensitive))
            return true;
    }
    return false;
}

bool FieldRow::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::FocusIn)
        Q_EMIT focused();
    // A list under the mouse must not change while the form is scrolled.
    if (event->type() == QEvent::Wheel && qobject_cast<QComboBox*>(watched) && !m_control->hasFocus()) {
        event->ignore();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

void FieldRow::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_reset)
        refresh();
}

void FieldRow::refresh()
{
    const Theme& t = currentTheme();
    const bool changed = isChanged();
    m_reset->setVisible(changed && !m_field.readOnly);
    m_reset->setToolTip(tr("Back to %1").arg(settingText(m_reference)));
    m_reset->setAccessibleName(tr("Reset %1 to %2").arg(m_field.label, settingText(m_reference)));
    const QString message = m_error.isEmpty() ? m_note : m_error;
    m_below->setVisible(!message.isEmpty());
    m_below->setText(message);
    m_below->setFont(t.small);
    m_unit->setFont(t.small);
    const auto ink = [](QLabel* label, const QColor& color) {
        QPalette palette = label->palette();
        palette.setColor(QPalette::WindowText, color);
        if (label->palette() != palette)
            label->setPalette(palette);
    };
    ink(m_below, m_error.isEmpty() ? t.watchText : t.alarm);
    ink(m_unit, t.text2);
    m_control->setAccessibleDescription(message.isEmpty() ? m_field.help : message);
    update();
}

void FieldRow::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const Theme& t = currentTheme();
    if (isChanged())
        painter.fillRect(QRect(4, 4, 2, m_control->height()), t.accent);
    if (!m_error.isEmpty())
        crisp::frame(painter, QRectF(m_control->geometry()).adjusted(-1, -1, 1, 1), t.alarm, 2);
    if (m_below->isVisible())
        paintState(painter, QRectF(m_below->x() - 17, m_below->y(), 13, metrics::tick() + 2),
            m_error.isEmpty() ? State::Watch : State::Alarm, t);
}

}  // namespace moescope
