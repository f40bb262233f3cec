// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// Asks for a file and writes figures into it: what the window and --render have in common.
#pragma once

#include <functional>
#include <vector>

#include "app/run_view.h"
#include "widgets/figure_export.h"

class QWidget;

namespace moescope {

/// Run, step and versions, for the file's metadata.
QMap<QString, QString> aboutRun(const RunView& view);

/// Opens a file dialog that blocks nothing; `done` gets the file and an error sentence, or an empty one.
void askExport(QWidget* parent, std::vector<const Figure*> figures, const QString& folder, const RunViewPtr& view,
    std::function<void(const QString& file, const QString& error)> done);

}  // namespace moescope
