// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/config/value_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "engine/base/nearest.h"
#include "engine/base/utf8.h"

namespace moescope {

namespace {

constexpr std::size_t kMaxTextBytes = 4096;  ///< PATH_MAX
constexpr std::size_t kMaxListItems = 1000;
constexpr double kMostExactInteger = 9007199254740992.0;  ///< 2^53

std::string numberText(double number)
{
    if (std::trunc(number) == number && std::abs(number) < 1e15)
        return std::to_string(static_cast<std::int64_t>(number));
    std::array<char, 32> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    return {buffer.data(), end};
}

tl::unexpected<Complaint> complain(std::string reason, const Field& field)
{
    return tl::make_unexpected(Complaint{std::move(reason), "give " + allowedText(field)});
}

std::string shown(const JsonNode& node)
{
    switch (node.kind) {
    case JsonKind::Text:
        return '"' + printable(node.text.substr(0, 60)) + '"';
    case JsonKind::Integer:
    case JsonKind::Number:
        return node.text.substr(0, 40);
    case JsonKind::Switch:
        return node.flag ? "true" : "false";
    default:
        return std::string(jsonKindName(node.kind));
    }
}

tl::unexpected<Complaint> wrongKind(const Field& field, const JsonNode& node)
{
    if (node.kind == JsonKind::Null)
        return tl::make_unexpected(
            Complaint{"null is no value", "leave the key out for the default, or give " + allowedText(field)});
    return complain(shown(node) + " is of the wrong kind", field);
}

/// 1e6 and 100.0 are integers too.
bool isWhole(const JsonNode& node)
{
    return node.kind == JsonKind::Integer
        || (node.kind == JsonKind::Number && std::abs(node.number) <= kMostExactInteger
            && std::trunc(node.number) == node.number);
}

std::int64_t wholeOf(const JsonNode& node)
{
    return node.kind == JsonKind::Integer ? node.integer : static_cast<std::int64_t>(node.number);
}

tl::expected<Value, Complaint> readNumberValue(const Field& field, const JsonNode& node)
{
    if (node.kind != JsonKind::Integer && node.kind != JsonKind::Number)
        return wrongKind(field, node);
    if (field.type == FieldType::Integer && !isWhole(node))
        return complain(shown(node) + " is no integer", field);
    if (node.number < field.minimum)
        return complain(shown(node) + " is below the smallest value " + numberText(field.minimum), field);
    if (node.number > field.maximum)
        return complain(shown(node) + " is above the largest value " + numberText(field.maximum), field);
    if (field.type == FieldType::Integer)
        return Value(wholeOf(node));
    return Value(node.number);
}

tl::expected<Value, Complaint> readTextValue(const Field& field, const std::string& text)
{
    if (text.size() > kMaxTextBytes)
        return complain("the text has " + std::to_string(text.size()) + " bytes, the limit is 4096", field);
    if (text.find('\0') != std::string::npos)
        return complain("the text holds a zero byte", field);
    if (field.type == FieldType::Text && printable(text) != text)
        return complain("the text holds characters that cannot be shown: " + printable(text.substr(0, 60)), field);
    if (field.type == FieldType::Choice && std::ranges::find(field.choices, text) == field.choices.end()) {
        const std::string near = nearestWord(text, field.choices);
        const std::string remedy = near.empty() ? "give " + allowedText(field)
                                                : "did you mean " + near + "? Known: " + listText(field.choices);
        return tl::make_unexpected(Complaint{'"' + printable(text.substr(0, 60)) + "\" is no choice", remedy});
    }
    return Value(text);
}

tl::expected<Value, Complaint> readListValue(const Field& field, const JsonNode& node)
{
    if (node.kind != JsonKind::Array)
        return wrongKind(field, node);
    if (node.items.size() > kMaxListItems)
        return complain("the list has " + std::to_string(node.items.size()) + " entries, the limit is 1000", field);
    std::vector<std::int64_t> list;
    for (const JsonNode& item : node.items) {
        if (!isWhole(item))
            return complain(shown(item) + " in the list is no integer", field);
        list.push_back(wholeOf(item));
    }
    return Value(list);
}

/// `10,20` of the command line as [10, 20].
JsonNode typedList(const JsonNode& node)
{
    if (node.kind == JsonKind::Array)
        return node;
    const JsonReading reading = readJsonText('[' + node.text + ']');
    return reading.complete && reading.problems.empty() ? reading.root : node;
}

}  // namespace

tl::expected<Value, Complaint> readValue(const Field& field, const JsonNode& node, bool typed)
{
    switch (field.type) {
    case FieldType::Switch:
        if (node.kind != JsonKind::Switch)
            return wrongKind(field, node);
        return Value(node.flag);
    case FieldType::Integer:
    case FieldType::Number:
        return readNumberValue(field, node);
    case FieldType::Choice:
    case FieldType::Text:
    case FieldType::Path:
        if (node.kind == JsonKind::Text || (typed && !node.text.empty()))
            return readTextValue(field, node.text);
        return wrongKind(field, node);
    case FieldType::IntegerList:
        break;
    }
    return readListValue(field, typed ? typedList(node) : node);
}

std::string valueText(const Value& value)
{
    if (const auto* flag = std::get_if<bool>(&value))
        return *flag ? "true" : "false";
    if (const auto* integer = std::get_if<std::int64_t>(&value))
        return std::to_string(*integer);
    if (const auto* number = std::get_if<double>(&value))
        return numberText(*number);
    if (const auto* text = std::get_if<std::string>(&value))
        return *text;
    std::string list = "[";
    for (const std::int64_t item : std::get<std::vector<std::int64_t>>(value))
        list += (list.size() > 1 ? ", " : "") + std::to_string(item);
    return list + "]";
}

std::string allowedText(const Field& field)
{
    std::string text;
    switch (field.type) {
    case FieldType::Switch:
        return "true or false";
    case FieldType::Choice:
        return "one of " + listText(field.choices);
    case FieldType::Text:
        return "a text of at most 4096 bytes";
    case FieldType::Path:
        return "a path of at most 4096 bytes";
    case FieldType::IntegerList:
        return "a list of at most 1000 integers, such as [10, 20]";
    case FieldType::Integer:
        text = "an integer";
        break;
    case FieldType::Number:
        text = "a number";
        break;
    }
    const bool below = std::isfinite(field.maximum);
    if (std::isfinite(field.minimum))
        text += (below ? " from " : " of at least ") + numberText(field.minimum);
    if (below)
        text += (std::isfinite(field.minimum) ? " to " : " of at most ") + numberText(field.maximum);
    return field.unit.empty() ? text : text + " (" + field.unit + ")";
}

std::string listText(const std::vector<std::string>& words, std::string_view last)
{
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0)
            text += i + 1 == words.size() ? ' ' + std::string(last) + ' ' : ", ";
        text += words[i];
    }
    return text;
}

}  // namespace moescope
