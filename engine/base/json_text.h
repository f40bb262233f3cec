// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// JSON as a person wrote it: a strict reader that keeps the line and column of every key and value, and says all that
// is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moescope {

struct TextPlace {
    int line = 0, column = 0;  ///< from 1, columns in characters; 0 = no place

    friend bool operator==(const TextPlace&, const TextPlace&) = default;
};

enum class JsonKind { Null, Switch, Integer, Number, Text, Array, Object };
std::string_view jsonKindName(JsonKind kind);  ///< "an integer", "an object", …

struct JsonMember;

struct JsonNode {
    JsonKind kind = JsonKind::Null;
    TextPlace place;
    bool wrong = false;  ///< a problem at this place says why; the value means nothing
    bool flag = false;
    std::int64_t integer = 0;  ///< of Integer: whole numbers that fit
    double number = 0;         ///< of Integer and Number; finite
    std::string text;          ///< of Text; of the numbers: as written
    std::vector<JsonNode> items;
    std::vector<JsonMember> members;  ///< in the order of the file; a repeated key is a problem and stands here once

    const JsonNode* find(std::string_view key) const;  ///< null when this is no object or has no such key
};

struct JsonMember {
    std::string key;
    TextPlace place;  ///< of the key
    JsonNode value;
};

struct JsonProblem {
    TextPlace place;
    std::string reason, remedy;
};

struct JsonReading {
    JsonNode root;  ///< what could be read
    std::vector<JsonProblem> problems;
    bool complete = false;  ///< false: reading ended at the last problem
};

inline constexpr std::size_t kMaxJsonBytes = std::size_t{1} << 20;
inline constexpr int kMaxJsonDepth = 64;
inline constexpr std::size_t kMaxJsonValues = 100'000;

/// Reads one JSON text in UTF-8; // and /* */ comments are allowed. Never throws but for memory, of which it takes at
/// most about 50 MB. Refuses before it reads: more than kMaxJsonBytes. Goes on after: byte order mark, repeated keys,
/// NaN and Infinity, numbers out of range. Ends at: wrong syntax, invalid UTF-8, more than kMaxJsonDepth levels, more
/// than kMaxJsonValues values.
JsonReading readJsonText(std::string_view text);

}  // namespace moescope
