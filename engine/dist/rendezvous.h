// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Where the ranks of a group meet: a c10d store that belongs to this start of this run.
#pragma once

#include <chrono>

#include <torch/csrc/distributed/c10d/Store.hpp>

#include "engine/base/result.h"
#include "engine/dist/launch_env.h"

namespace moescope {

/// Opens the store of `environment` and waits until every rank has shown the same run id. Blocks at most `timeout` for
/// each rank. Errors as connectGroup.
Result<c10::intrusive_ptr<c10d::Store>> meet(const LaunchEnv& environment, std::chrono::milliseconds timeout);

}  // namespace moescope
