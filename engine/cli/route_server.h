// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Routing decisions for one long-lived process: a JSON object a line in, a JSON object a line out.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

#include "engine/config/catalog.h"

namespace moescope {

/// A request may have so many bytes; longer ones are answered with an error and skipped.
inline constexpr std::size_t kMaxRequestBytes = std::size_t{16} << 20;

/// Answers one request, without a newline. Never throws: whatever is wrong is in the answer's `error`. Request and
/// answer: docs/route.md.
std::string answerRequest(std::string_view request, const Catalog& catalog);

/// Answers line after line on standard output until `input` ends. One thread, since requests are small. Returns the
/// exit code: 0, or 4 when standard output takes no more.
int serveDecisions(std::istream& input, const Catalog& catalog);

}  // namespace moescope
