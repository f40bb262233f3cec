// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_state.h"

#include "app/run_view.h"

namespace moescope {

State stateOf(const RunStatus& status, bool locked)
{
    if (diedSilently(status, locked))
        return State::Failed;
    switch (status.state) {
    case RunState::Created:
    case RunState::Loading:
        return State::Queued;
    case RunState::Training:
    case RunState::Stopping:
        return State::Training;
    case RunState::Holding:
    case RunState::Paused:
        return State::Paused;
    case RunState::Finished:
        return State::Finished;
    case RunState::Stopped:
        return State::Stopped;
    case RunState::Failed:
        return State::Failed;
    }
    return State::None;
}

}  // namespace moescope
