// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/json_text.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "engine/base/utf8.h"

namespace moescope {

namespace {

class JsonTextReader {
public:
    explicit JsonTextReader(std::string_view text)
        : m_text(text)
    {
    }

    JsonReading read()
    {
        if (m_text.size() > kMaxJsonBytes) {
            stop({1, 1}, "the text has " + std::to_string(m_text.size()) + " bytes, the limit is 1 MiB",
                "a configuration is a few kilobytes; is this the right file?");
            return std::move(m_reading);
        }
        if (const std::size_t bad = firstInvalidUtf8(m_text); bad != std::string_view::npos) {
            stop(placeOf(bad), "invalid UTF-8", "save the file as UTF-8");
            return std::move(m_reading);
        }
        if (m_text.starts_with("\xEF\xBB\xBF")) {
            note({1, 1}, "the text starts with a byte order mark", "save the file as UTF-8 without it");
            m_at = 3;
        }
        if (skipBlanks() && readValue(m_reading.root, 1) && skipBlanks()) {
            if (m_at < m_text.size())
                stop(here(), "text after the end of the JSON value", "remove it, or move it into the braces");
            else
                m_reading.complete = true;
        }
        return std::move(m_reading);
    }

private:
    bool note(TextPlace place, std::string reason, std::string remedy)
    {
        m_reading.problems.push_back({place, std::move(reason), std::move(remedy)});
        return true;
    }

    bool stop(TextPlace place, std::string reason, std::string remedy)
    {
        note(place, std::move(reason), std::move(remedy));
        return false;
    }

    bool atEnd() const { return m_at >= m_text.size(); }
    char peek() const { return atEnd() ? '\0' : m_text[m_at]; }

    /// Places are asked for in rising order, so the text is walked once.
    TextPlace placeOf(std::size_t offset)
    {
        for (; m_counted < offset; ++m_counted) {
            const char c = m_text[m_counted];
            if (c == '\n') {
                ++m_place.line;
                m_place.column = 1;
            } else if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U && !(m_counted == 0 && c == '\xEF')) {
                ++m_place.column;
            }
        }
        return m_place;
    }
    TextPlace here() { return placeOf(std::min(m_at, m_text.size())); }

    bool skipBlanks()
    {
        while (!atEnd()) {
            if (std::string_view(" \t\r\n").find(peek()) != std::string_view::npos) {
                ++m_at;
            } else if (m_text.substr(m_at).starts_with("//")) {
                m_at = std::min(m_text.find('\n', m_at), m_text.size());
            } else if (m_text.substr(m_at).starts_with("/*")) {
                const std::size_t end = m_text.find("*/", m_at + 2);
                if (end == std::string_view::npos)
                    return stop(here(), "a comment that does not end", "close it with */");
                m_at = end + 2;
            } else {
                break;
            }
        }
        return true;
    }

    bool readValue(JsonNode& node, int depth)
    {
        node.place = here();
        if (++m_numValues > kMaxJsonValues)
            return stop(node.place, "more than 100,000 values", "a configuration is small; is this the right file?");
        if (atEnd())
            return stop(node.place, "the text ends where a value should be", "complete it");
        switch (peek()) {
        case '{':
            return readContainer(node, JsonKind::Object, depth);
        case '[':
            return readContainer(node, JsonKind::Array, depth);
        case '"':
            node.kind = JsonKind::Text;
            return readString(node.text);
        default:
            return readWord(node);
        }
    }

    bool readContainer(JsonNode& node, JsonKind kind, int depth)
    {
        node.kind = kind;
        if (depth > kMaxJsonDepth)
            return stop(node.place, "more than 64 levels of nesting", "no setting lies that deep");
        const bool object = kind == JsonKind::Object;
        const char close = object ? '}' : ']';
        std::set<std::string, std::less<>> keys;
        ++m_at;
        for (bool first = true;; first = false) {
            if (!skipBlanks())
                return false;
            if (peek() == close && !atEnd() && first) {
                ++m_at;
                return true;
            }
            if (!(object ? readMember(node, keys, depth) : readItem(node, depth)) || !skipBlanks())
                return false;
            if (peek() == close && !atEnd()) {
                ++m_at;
                return true;
            }
            if (peek() != ',' || atEnd())
                return stop(here(), atEnd() ? "the text ends inside of braces or brackets" : "a comma is missing",
                    std::string("put a comma between entries, and ") + close + " after the last one");
            ++m_at;
        }
    }

    bool readItem(JsonNode& node, int depth)
    {
        node.items.emplace_back();
        return readValue(node.items.back(), depth + 1);
    }

    bool readMember(JsonNode& node, std::set<std::string, std::less<>>& keys, int depth)
    {
        JsonMember member;
        member.place = here();
        if (peek() != '"' || atEnd())
            return stop(member.place, atEnd() ? "the text ends inside of braces" : "a key in quotes is missing",
                peek() == '}' ? "remove the comma before }" : "write \"key\": value");
        if (!readString(member.key) || !skipBlanks())
            return false;
        if (peek() != ':' || atEnd())
            return stop(here(), "a colon is missing after the key \"" + member.key + "\"", "write \"key\": value");
        ++m_at;
        if (!skipBlanks())
            return false;
        const bool known = !keys.insert(member.key).second;
        if (known)
            note(member.place, "the key \"" + member.key + "\" stands here twice", "remove one of the two");
        const bool fine = readValue(member.value, depth + 1);
        if (!known)
            node.members.push_back(std::move(member));
        return fine;
    }

    bool readWord(JsonNode& node)
    {
        const std::size_t begin = m_at;
        while (!atEnd() && std::string_view(" \t\r\n,:]}[{\"/").find(peek()) == std::string_view::npos)
            ++m_at;
        const std::string word(m_text.substr(begin, m_at - begin));
        if (word == "true" || word == "false") {
            node.kind = JsonKind::Switch;
            node.flag = word == "true";
            return true;
        }
        if (word == "null")
            return true;
        if (isNumber(word))
            return readNumber(node, word);
        if (node.wrong = isNotFinite(word); node.wrong)
            return note(node.place, word + " is no number in JSON, and no setting takes it", "write a finite number");
        return stop(node.place, word.empty() ? std::string("a value is missing") : "\"" + word + "\" is no JSON value",
            "texts need double quotes; numbers look like 12, 0.5 or 3e-4; switches are true and false");
    }

    static bool isNotFinite(std::string_view word)
    {
        if (word.starts_with('-') || word.starts_with('+'))
            word.remove_prefix(1);
        std::string lower(word);
        std::ranges::transform(lower, lower.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
        return lower == "nan" || lower == "inf" || lower == "infinity";
    }

    static bool isNumber(std::string_view word)
    {
        std::size_t i = 0;
        const auto digits = [&] {
            const std::size_t from = i;
            while (i < word.size() && word[i] >= '0' && word[i] <= '9')
                ++i;
            return i - from;
        };
        if (word.starts_with('-'))
            ++i;
        const std::size_t whole = i;
        const std::size_t numWhole = digits();
        if (numWhole == 0 || (numWhole > 1 && word[whole] == '0'))
            return false;
        if (i < word.size() && word[i] == '.' && (++i, digits() == 0))
            return false;
        if (i < word.size() && (word[i] == 'e' || word[i] == 'E')) {
            ++i;
            if (i < word.size() && (word[i] == '+' || word[i] == '-'))
                ++i;
            if (digits() == 0)
                return false;
        }
        return i == word.size();
    }

    bool readNumber(JsonNode& node, const std::string& word)
    {
        node.kind = JsonKind::Number;
        node.text = word;
        const char* end = word.data() + word.size();
        if (word.find_first_of(".eE") == std::string::npos
            && std::from_chars(word.data(), end, node.integer).ec == std::errc()) {
            node.kind = JsonKind::Integer;
            node.number = static_cast<double>(node.integer);
            return true;
        }
        if (std::from_chars(word.data(), end, node.number).ec != std::errc()) {
            node.wrong = true;
            return note(node.place, word.substr(0, 40) + " does not fit into a 64-bit floating-point number",
                "write a number of ordinary size");
        }
        return true;
    }

    bool readString(std::string& out)
    {
        const std::size_t begin = m_at++;
        while (!atEnd() && peek() != '"') {
            const auto c = static_cast<unsigned char>(peek());
            if (c < 0x20)
                return stop(here(),
                    c == '\n' ? "a text that does not end on its line" : "a control character in a text",
                    "close the text with a double quote; line ends are written \\n");
            if (c == '\\') {
                if (!readEscape(out))
                    return false;
            } else {
                out += peek();
                ++m_at;
            }
        }
        if (atEnd())
            return stop(placeOf(begin), "a text that does not end", "close it with a double quote");
        ++m_at;
        return true;
    }

    bool readEscape(std::string& out)
    {
        static constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
        const std::size_t begin = m_at++;
        if (const std::size_t which = kLetters.find(peek()); which != std::string_view::npos && !atEnd()) {
            out += kMeanings[which];
            ++m_at;
            return true;
        }
        const auto wrong = [&] {
            return stop(placeOf(begin), "an escape that JSON does not know", "write a backslash as \\\\");
        };
        auto code = readUnit();
        if (!code)
            return wrong();
        if (*code >= 0xD800 && *code < 0xE000) {
            if (*code >= 0xDC00 || !m_text.substr(m_at).starts_with("\\"))
                return wrong();
            ++m_at;
            const auto low = readUnit();
            if (!low || *low < 0xDC00 || *low > 0xDFFF)
                return wrong();
            *code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
        }
        appendUtf8(out, *code);
        return true;
    }

    /// `u` and four hexadecimal digits
    std::optional<std::uint32_t> readUnit()
    {
        std::uint32_t unit = 0;
        if (m_at + 5 > m_text.size() || m_text[m_at] != 'u')
            return std::nullopt;
        const char* first = m_text.data() + m_at + 1;
        const auto [end, error] = std::from_chars(first, first + 4, unit, 16);
        if (error != std::errc() || end != first + 4)
            return std::nullopt;
        m_at += 5;
        return unit;
    }

    std::string_view m_text;
    std::size_t m_at = 0, m_counted = 0, m_numValues = 0;
    TextPlace m_place{1, 1};
    JsonReading m_reading;
};

}  // namespace

std::string_view jsonKindName(JsonKind kind)
{
    switch (kind) {
    case JsonKind::Null:
        return "null";
    case JsonKind::Switch:
        return "true or false";
    case JsonKind::Integer:
        return "an integer";
    case JsonKind::Number:
        return "a number";
    case JsonKind::Text:
        return "a text";
    case JsonKind::Array:
        return "a list";
    case JsonKind::Object:
        break;
    }
    return "an object";
}

const JsonNode* JsonNode::find(std::string_view key) const
{
    for (const JsonMember& member : members)
        if (member.key == key)
            return &member.value;
    return nullptr;
}

JsonReading readJsonText(std::string_view text) { return JsonTextReader(text).read(); }

}  // namespace moescope
