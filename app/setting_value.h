// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Settings between the engine's values and what a form shows.
#pragma once

#include <optional>

#include <QString>
#include <QVariant>

#include "engine/config/field.h"
#include "widgets/field_form.h"

namespace moescope {

QString settingText(const Value& value);  ///< "0.1", "yes", "100, 200"
QString boundText(double bound);          ///< "65,536"; "…" without one
QVariant settingVariant(const Value& value);

/// A form's row for a field. `key` is dotted, `group` the title of its section.
FormField formField(const Field& field, const QString& key, const QString& group, const Value& value);

}  // namespace moescope
