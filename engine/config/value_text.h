// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One value of one field: from what a person wrote, checked; and back to text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "engine/base/json_text.h"
#include "engine/config/field.h"

namespace moescope {

struct Complaint {
    std::string reason, remedy;
};

/// Checks kind, range and choices. From the command line (`typed`) texts need no quotes and lists may be written 10,20.
tl::expected<Value, Complaint> readValue(const Field& field, const JsonNode& node, bool typed);

/// "0.02", "true", "top-k", "[10, 20]": numbers in the shortest form that reads back as the same number.
std::string valueText(const Value& value);

/// What the field takes: "an integer from 1 to 65536 (features)", "one of fp32, bf16".
std::string allowedText(const Field& field);

/// "a, b or c"
std::string listText(const std::vector<std::string>& words, std::string_view last = "or");

}  // namespace moescope
