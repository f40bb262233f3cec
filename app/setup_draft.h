// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The configuration that is being written: one JSON document, seen as text and as form, checked at every change.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <QString>
#include <QStringList>
#include <QVariant>

#include "engine/config/catalog.h"
#include "engine/config/estimate.h"
#include "engine/config/read_config.h"
#include "widgets/field_form.h"

namespace moescope {

/// No widget, no file: text in, fields and errors out. The document keeps only what was set, so that defaults which
/// follow other fields go on following.
class SetupDraft {
public:
    explicit SetupDraft(Catalog catalog);
    ~SetupDraft();
    SetupDraft(SetupDraft&&) noexcept;

    const Catalog& catalog() const { return m_catalog; }

    /// Starts over from a preset or a run's configuration; changes are measured against it.
    void load(const QString& json, const QString& originName);
    void setText(const QString& text);                         ///< by the user; may be no JSON at all
    void setField(const QString& key, const QVariant& value);  ///< by the form
    /// One more loss or hook, under its part's name; and away with one, also when the recipe brings it.
    void addPart(Slot slot, const QString& part);
    void removePart(Slot slot, const QString& name);
    /// A recipe that was saved just now: known from here on, and what the draft's routing is.
    void adoptRecipe(const RecipeInfo& recipe);

    const QString& text() const { return m_text; }
    const QString& originName() const { return m_originName; }
    QString resolvedText() const;  ///< every default spelled out; of the last valid state
    QString originText() const;    ///< the same of the origin

    const ConfigReading& reading() const { return m_reading; }
    bool ok() const { return m_reading.ok(); }
    QString notice() const { return m_notice; }  ///< of the last change: routing keys that went with their recipe

    /// All rows in the order of the form: sections, and the parts of the routing recipe.
    std::vector<FormField> fields() const;
    /// The field behind a dotted key; empty when there is none.
    std::optional<Field> field(const QString& key) const;
    QVariant value(const QString& key) const;
    QVariant originValue(const QString& key) const;
    const Estimate& estimate() const { return m_estimate; }  ///< of the last valid state
    const RunConfig& config() const { return m_config; }     ///< of the last valid state
    /// Parts and settings as they were composed, also where a rule refuses them.
    const RoutingConfig& routing() const;

private:
    struct Documents;
    void check();
    void changed();
    void addRouting(std::vector<FormField>& rows) const;
    FormField row(const Field& field, const QString& key, const QString& group) const;

    Catalog m_catalog;
    QString m_text, m_originName, m_notice;
    ConfigReading m_reading;
    RunConfig m_config;
    Estimate m_estimate;
    std::unique_ptr<Documents> m_documents;
};

}  // namespace moescope
