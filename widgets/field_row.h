// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// One row of a form: changed bar, label, control, unit, reset; below it an error or a note.
#pragma once

#include <QWidget>

#include "widgets/field_form.h"

class QLabel;
class QToolButton;

namespace moescope {

class FieldRow : public QWidget {
    Q_OBJECT
public:
    FieldRow(const FormField& field, int labelWidth, QWidget* parent = nullptr);
    const FormField& field() const { return m_field; }
    void setValue(const QVariant& value);
    QVariant value() const;
    void setReference(const QVariant& reference);
    void setError(const QString& text);
    void setNote(const QString& text);
    bool isChanged() const;
    bool hasError() const { return !m_error.isEmpty(); }
    QWidget* control() const { return m_control; }
    bool matches(const QString& filter) const;

Q_SIGNALS:
    void edited(const QVariant& value);
    void focused();
    void browseRequested();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void paintEvent(QPaintEvent*) override;
    void changeEvent(QEvent*) override;

private:
    void makeControl();
    void refresh();
    FormField m_field;
    QVariant m_reference;
    QString m_error, m_note;
    QWidget* m_control = nullptr;
    QLabel* m_label = nullptr;
    QLabel* m_unit = nullptr;
    QLabel* m_below = nullptr;
    QToolButton* m_reset = nullptr;
};

}  // namespace moescope
