// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
// A run's state as the shape and colour that stand for it.
#pragma once

#include "engine/run/run_folder.h"
#include "widgets/theme.h"

namespace moescope {

/// A process that died without a word counts as failed: its state.json still speaks, its lock is gone.
State stateOf(const RunStatus& status, bool locked);

}  // namespace moescope
