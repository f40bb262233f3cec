// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The small JSON files of a run folder: read strictly, each error with its file and place.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/json_text.h"
#include "engine/base/result.h"

namespace moescope {

/// Reads a file that holds one JSON object. Kind Data: "PATH:3:7: …".
Result<JsonNode> readJsonFile(const std::filesystem::path& path);

/// Fails when `format_version` is missing, no integer, or above `known`: "…written by a newer version…".
Result<void> checkFormatVersion(const JsonNode& object, const std::filesystem::path& path, int known);

/// Takes members out of an object. A member that is missing or of another type is an error; the first one is kept.
class JsonFields {
public:
    JsonFields(const JsonNode& object, const std::filesystem::path& path)
        : m_object(object)
        , m_path(path)
    {
    }

    std::string text(std::string_view key);
    std::int64_t integer(std::string_view key);
    double number(std::string_view key);  ///< integers too
    const JsonNode* array(std::string_view key);
    const JsonNode* object(std::string_view key);

    bool has(std::string_view key) const { return m_object.find(key) != nullptr; }
    void refuse(const JsonNode& node, std::string_view key, std::string_view wanted);
    const std::optional<Error>& error() const { return m_error; }

private:
    const JsonNode* find(std::string_view key, std::string_view wanted, JsonKind kind, JsonKind other);

    const JsonNode& m_object;
    const std::filesystem::path& m_path;
    std::optional<Error> m_error;
};

}  // namespace moescope
