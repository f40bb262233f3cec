// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// What a view says while its data is not there yet: when it comes, or why it never will.
#pragma once

#include <QString>

#include "app/run_view.h"

namespace moescope {

QString waitingForSteps(const RunViewPtr& view);  ///< "Loading data and model, the first step follows"
QString waitingForLoad(const RunViewPtr& view);
QString waitingForProbe(const RunViewPtr& view);  ///< "First probe at step 250, in 3 min"

double loadingShare(const RunView& view);   ///< 0 … 1 of the log's bytes
QString loadingCount(const RunView& view);  ///< "1.2 of 4.0 MB"

}  // namespace moescope
