// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// How the worker threads of OpenMP wait for each other. Its library reads that from the environment once, before main.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace moescope {

/// Seconds of processor time per second that other processes take from this machine, over about 50 ms (/proc/stat).
/// Nothing where it cannot be read.
std::optional<double> otherLoad();

/// The variable that suits this moment, with its value. On free cores threads spin for about a tenth of a millisecond
/// before they sleep: longer than the pauses between two operators, and they do not keep a processor from others for
/// long. Where others need the cores they sleep at once. Measured with the demo preset on two cores: free 19.7 k
/// tokens/s (endless spinning 20.3 k, sleeping at once 14.5 k), beside one busy process 6.8 k against 3.1 k and 8.8 k.
/// Nothing when a person has chosen (OMP_WAIT_POLICY, GOMP_SPINCOUNT) or when there is one thread only.
std::optional<std::pair<std::string, std::string>> chooseWaiting();

/// Starts this program anew with that variable, in the same process. Returns when there is nothing to choose, or when
/// it cannot: then the default holds. Call it first in main: threads, files and memory are gone afterwards.
void restartWithWaiting(char** argv);

}  // namespace moescope
