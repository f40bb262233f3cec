// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Values and fields as JSON, for the description and the resolved configuration.
#pragma once

#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "engine/config/field.h"

namespace moescope {

nlohmann::ordered_json jsonOfValue(const Value& value);

/// Integers stay integers, 2.0 stays a number. Throws nlohmann::json::exception on anything that is no Value.
Value valueOfJson(const nlohmann::ordered_json& json);

/// "integer", "choice", …
std::string_view fieldTypeName(FieldType type);

/// All of the field; infinite bounds and empty texts are left out.
nlohmann::ordered_json jsonOfField(const Field& field);

/// Throws nlohmann::json::exception when a key is missing or of the wrong kind.
Field fieldOfJson(const nlohmann::ordered_json& json);

}  // namespace moescope
