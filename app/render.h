// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// `moescope --render VIEW RUN -o FILE`: a view of a run as a file, without a window, painted by what paints the window.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include <QSize>
#include <QString>
#include <QStringList>

#include "engine/base/result.h"
#include "widgets/figure.h"

namespace moescope {

struct RenderRequest {
    QString view, run, file;
    std::int64_t step = 0;  ///< 0 = last record
    int layer = 0;
    bool dark = false;
    QSize size;  ///< logical pixels; empty = the view's own
};

/// Ids for `--render`, one a line in `--render list`.
QStringList renderViews();

/// Errors: User for an unknown view, step, layer or ending; Data for a folder that cannot be read; Resources when the
/// file cannot be written.
Result<void> renderView(const RenderRequest& request);

}  // namespace moescope
