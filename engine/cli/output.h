// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Where words go: results to standard output, everything for people to standard error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/config/read_config.h"

namespace moescope {

/// Results, written at once. False when standard output does not take them (a full disk).
bool printResult(std::string_view text);

/// One line for people.
void say(std::string_view line);

/// Says the error and returns its exit code.
int report(const Error& error);

/// All errors and notices, one a line.
void sayIssues(const ConfigReading& reading);

/// `[{"file", "line", "column", "key", "reason", "remedy"}, …]` as part of a larger text.
std::string issuesJson(const std::vector<Issue>& issues);

/// Text as a JSON string with quotes; what is no UTF-8 is replaced.
std::string jsonText(std::string_view text);

/// Pads with blanks to `width` columns (characters, not bytes).
std::string padded(std::string_view text, std::size_t width);

}  // namespace moescope
