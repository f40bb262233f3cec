// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// A form made from a list of fields: groups at the left, one row per field, changed bar, reset, error under the field.
#pragma once

#include <optional>
#include <vector>

#include <QHash>
#include <QVariant>
#include <QWidget>

class QListWidget;
class QScrollArea;

namespace moescope {

enum class FormType { Switch, Integer, Number, Choice, Text, Path, IntegerList };

struct FormField {
    QString key;    ///< dotted: "model.hidden_size"; object name of its control
    QString group;  ///< "Model"
    QString label;  ///< "Hidden size"
    FormType type = FormType::Integer;
    QString unit;  ///< "features"
    std::optional<double> minimum, maximum;
    QVariant fallback;  ///< the default: bool, qint64, double, QString, QVariantList of qint64
    QVariant value;
    QStringList choices;
    QString help;
    bool advanced = false;
    bool readOnly = false;
    QString readOnlyReason;
};

class FieldRow;

/// What the user types is kept as typed, also when it is wrong; the owner validates and answers with setError.
class FieldForm : public QWidget {
    Q_OBJECT
public:
    explicit FieldForm(QWidget* parent = nullptr);
    /// Rebuilds the form where keys, types or choices changed; keeps focus and scroll place where it can.
    void setFields(std::vector<FormField> fields);
    const std::vector<FormField>& fields() const { return m_fields; }
    void setValue(const QString& key, const QVariant& value);  ///< emits nothing
    QVariant value(const QString& key) const;
    /// What "changed" is measured against and ↺ goes back to; without it the default.
    void setReference(const QString& key, const QVariant& value);
    bool isChanged(const QString& key) const;
    int numChanged() const;
    /// Red border and the sentence under the field; empty clears.
    void setError(const QString& key, const QString& text);
    /// Amber triangle and a sentence: "evaluated without it".
    void setNote(const QString& key, const QString& text);
    void clearErrors();
    int numErrors() const;
    void setFilter(const QString& text);
    void setAdvancedVisible(bool on);
    void setGroup(const QString& group);
    void focusField(const QString& key);  ///< shows its group, scrolls to it
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void valueChanged(const QString& key, const QVariant& value);  ///< by the user, at every keystroke
    void fieldFocused(const QString& key);
    void browseRequested(const QString& key);  ///< of a Path

private:
    FieldRow* row(const QString& key) const;
    void rebuild();
    void updateGroups();
    void applyFilter();

    std::vector<FormField> m_fields;
    QHash<QString, FieldRow*> m_rows;
    QHash<QString, QVariant> m_references;
    QListWidget* m_groups = nullptr;
    QScrollArea* m_scroll = nullptr;
    QString m_filter, m_group;
    bool m_advanced = false;
};

}  // namespace moescope
