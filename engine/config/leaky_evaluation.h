// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Routings whose evaluation sees the future: what they would print as bits per byte is no likelihood.
#pragma once

#include <string>

#include "engine/config/run_config.h"

namespace moescope {

/// True when a token's experts depend on later tokens in evaluation too, under these settings.
bool leaksInEvaluation(const RoutingConfig& routing, const Catalog& catalog);

/// False for a leaking routing whose numbers the user has not accepted.
bool isEvaluated(const RunConfig& config, const Catalog& catalog);

/// Why there is no number, as part of a sentence.
std::string whyNotEvaluated();

}  // namespace moescope
