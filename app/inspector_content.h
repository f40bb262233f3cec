// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// The inspector's text as a value, made from what is selected.
#pragma once

#include <vector>

#include <QString>
#include <QStringList>

#include "app/frame.h"
#include "engine/config/field.h"
#include "widgets/theme.h"

namespace moescope {

struct InspectorLine {
    enum class Kind { Number, Section, Text, Meaning };
    Kind kind = Kind::Number;
    QString name, atA, atB;
    State state = State::None;  ///< of the value at A, or of the meaning's bar
};

struct InspectorContent {
    QString title, subtitle;
    State state = State::None;
    bool twoColumns = false;  ///< "at A" and "at B"
    bool monospaceSubtitle = false;
    bool places = false;  ///< offer to open the Experts and Similarity tabs
    std::vector<InspectorLine> lines;

    QString text() const;  ///< tab-separated, for the clipboard and screen readers
};

/// A layer's health: the evidence of the overview.
InspectorContent layerContent(const Frame& frame);
/// One expert: load, rank, nearest experts.
InspectorContent expertContent(const Frame& frame);
/// A pair of experts, or the layer's groups when no pair is selected.
InspectorContent pairContent(const Frame& frame, double cut);
/// Metrics of a run at A and B.
InspectorContent metricsContent(
    const RunView& view, const QString& title, const QStringList& metrics, std::int64_t stepA, std::int64_t stepB);
/// A run: what it is, how far, where it lies.
InspectorContent runContent(const RunView& view);
/// What would start: name, recipe, changes.
InspectorContent setupContent(const QString& name, const QString& recipe, const QString& origin, const QString& reason);
/// A setting: value, default, range, help.
InspectorContent fieldContent(const Field& field, const QString& key, const QString& value);

}  // namespace moescope
