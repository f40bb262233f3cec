// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One row per setting. It makes the JSON schema, the form, the command-line override, the message and the reference
// page.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

namespace moescope {

/// A setting's value. Integers stay integers: 2^53 + 1 survives.
using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>>;

enum class FieldType { Switch, Integer, Number, Choice, Text, Path, IntegerList };

struct Field {
    std::string key;    ///< snake_case, without its owner: "hidden_size"
    std::string label;  ///< for the form: "Hidden size"
    FieldType type = FieldType::Integer;
    std::string unit;  ///< "features", "steps", "bytes"; empty for a plain number
    double minimum = -std::numeric_limits<double>::infinity();  ///< of a number, inclusive
    double maximum = std::numeric_limits<double>::infinity();
    Value fallback = std::int64_t{0};  ///< the default
    std::vector<std::string> choices;  ///< of a Choice
    std::string help;                  ///< one or two sentences, and when to leave it alone
    std::string
        follows;  ///< key that the default follows while this one is unset: "model.num_heads"; empty = a fixed default
    bool resumable = false;  ///< may change at `resume`
    bool advanced = false;   ///< folded away in the form

    friend bool operator==(const Field&, const Field&) = default;
};

}  // namespace moescope
