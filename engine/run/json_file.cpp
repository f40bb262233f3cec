// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/json_file.h"

#include "engine/base/file_system.h"

namespace moescope {
namespace {

Error errorAt(const std::filesystem::path& path, TextPlace place, const std::string& what)
{
    return {ErrorKind::Data,
        shownPath(path) + ":" + std::to_string(place.line) + ":" + std::to_string(place.column) + ": " + what};
}

}  // namespace

Result<JsonNode> readJsonFile(const std::filesystem::path& path)
{
    const auto text = readFile(path, kMaxJsonBytes);
    if (!text)
        return forward(text);
    JsonReading reading = readJsonText(*text);
    if (!reading.problems.empty()) {
        const JsonProblem& problem = reading.problems.front();
        return tl::make_unexpected(errorAt(path, problem.place, problem.reason));
    }
    if (reading.root.kind != JsonKind::Object)
        return tl::make_unexpected(errorAt(path, reading.root.place, "is no JSON object"));
    return std::move(reading.root);
}

Result<void> checkFormatVersion(const JsonNode& object, const std::filesystem::path& path, int known)
{
    const JsonNode* version = object.find("format_version");
    if (version == nullptr || version->kind != JsonKind::Integer || version->integer < 1)
        return fail(ErrorKind::Data, shownPath(path) + ": has no format_version; this is no file of Moescope.");
    if (version->integer > known)
        return fail(ErrorKind::Data,
            shownPath(path) + ": written by a newer version of Moescope (format " + std::to_string(version->integer)
                + ", this program knows up to " + std::to_string(known) + "). Update this program.");
    return {};
}

const JsonNode* JsonFields::find(std::string_view key, std::string_view wanted, JsonKind kind, JsonKind other)
{
    const JsonNode* node = m_object.find(key);
    if (node != nullptr && (node->kind == kind || node->kind == other))
        return node;
    refuse(node != nullptr ? *node : m_object, key, wanted);
    return nullptr;
}

void JsonFields::refuse(const JsonNode& node, std::string_view key, std::string_view wanted)
{
    if (!m_error)
        m_error = errorAt(m_path, node.place, "'" + std::string(key) + "' must be " + std::string(wanted));
}

std::string JsonFields::text(std::string_view key)
{
    const JsonNode* node = find(key, "a text", JsonKind::Text, JsonKind::Text);
    return node != nullptr ? node->text : std::string();
}

std::int64_t JsonFields::integer(std::string_view key)
{
    const JsonNode* node = find(key, "an integer", JsonKind::Integer, JsonKind::Integer);
    return node != nullptr ? node->integer : 0;
}

double JsonFields::number(std::string_view key)
{
    const JsonNode* node = find(key, "a number", JsonKind::Number, JsonKind::Integer);
    return node != nullptr ? node->number : 0;
}

const JsonNode* JsonFields::array(std::string_view key)
{
    return find(key, "a list", JsonKind::Array, JsonKind::Array);
}

const JsonNode* JsonFields::object(std::string_view key)
{
    return find(key, "an object", JsonKind::Object, JsonKind::Object);
}

}  // namespace moescope
