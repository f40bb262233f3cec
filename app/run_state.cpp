// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/run_state.h"

namespace moescope {

State stateOf(const RunStatus& status, bool locked)
{
    const bool gone = !locked && status.pid > 0;
    switch (status.state) {
    case RunState::Created:
    case RunState::Loading:
        return gone ? State::Failed : State::Queued;
    case RunState::Training:
    case RunState::Stopping:
        return gone ? State::Failed : State::Training;
    case RunState::Holding:
        return gone ? State::Failed : State::Paused;
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
