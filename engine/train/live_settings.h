// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The settings that may change while a run trains: the fields marked resumable, all of them whole numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/config/run_config.h"

namespace moescope {

struct LiveSetting {
    std::string_view key;  ///< "training.steps"
    std::int64_t minimum;
    std::int64_t& (*of)(RunConfig&);
};

/// A number that all ranks agree on, so that a change travels as two of them.
int numLiveSettings();
const LiveSetting& liveSetting(int index);

struct LiveChange {
    int index = 0;
    std::int64_t value = 0;
};

/// Checks a command `set key=value` at `step`. Kind User: another key (names those that may change), no whole number,
/// out of range, or an end of the run that has passed.
Result<LiveChange> checkLiveChange(std::string_view key, std::string_view value, std::int64_t step);

}  // namespace moescope
