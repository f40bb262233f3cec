// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// What a training thread threw, as an error with its kind and a remedy.
#pragma once

#include <exception>
#include <string>

#include "engine/base/result.h"

namespace moescope {

/// PeerLost and LibTorch's out-of-memory have kinds of their own, everything else is ours (Bug).
Error errorOf(const std::exception& problem);

/// The word for exit.cause: "peer_lost", "out_of_resources", "data", "diverged", "configuration", "bug".
std::string causeOf(const Error& error);

}  // namespace moescope
