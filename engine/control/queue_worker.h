// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Works on a queue: one training process after the other, until none waits.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "engine/control/run_queue.h"

namespace moescope {

/// Runs `PROGRAM train CONFIG --run RUN` for every waiting entry and waits for its end; configuration and output lie in
/// the queue's folder under starts/. A failed run does not stop the queue. Trainings are sessions of their own: when
/// this process is killed they go on, and the next worker waits for them first. Returns how many runs ended; when
/// somebody else works on the queue, 0 and a word to `say`. Blocks until none waits.
Result<int> workQueue(
    const RunQueue& queue, const std::filesystem::path& program, const std::function<void(const std::string&)>& say);

}  // namespace moescope
