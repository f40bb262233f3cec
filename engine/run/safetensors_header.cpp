// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The header of a safetensors file. A SAX reader, because a document tree would take memory for whatever somebody
// wrote, and would silently keep the last of two entries of one name.
#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_set>

#include <nlohmann/json.hpp>

#include "engine/base/units.h"
#include "engine/base/utf8.h"
#include "engine/run/safetensors_layout.h"

namespace moescope {
namespace {

constexpr std::string_view kMetadataKey = "__metadata__";

std::string inQuotes(std::string_view text) { return "'" + printable(text.substr(0, 200)) + "'"; }

/// nlohmann's SAX interface. Every callback returns false at the first thing that is wrong; `reason` then says what.
class HeaderSax {
public:
    explicit HeaderSax(SafetensorsHeader& header)
        : m_header(header)
    {
    }
    std::string reason;

    bool start_object(std::size_t)
    {
        if (m_level == Level::File && !m_begun)
            return m_begun = true;
        if (m_level == Level::Name) {
            m_level = m_name == kMetadataKey ? Level::Metadata : Level::Entry;
            m_seen = 0;
            return true;
        }
        return refuse("an object in a place where none belongs");
    }

    bool key(std::string& key)
    {
        if (m_level == Level::File)
            return name(key);
        if (m_level == Level::Metadata) {
            m_key = key;
            m_hasKey = true;
            return !m_header.metadata.contains(key) || refuse("metadata has " + inQuotes(key) + " twice");
        }
        const std::array<std::string_view, 3> known = {"dtype", "shape", "data_offsets"};
        const auto found = std::ranges::find(known, key);
        if (found == known.end())
            return refuse("tensor " + inQuotes(m_name) + " has the unknown member " + inQuotes(key));
        const unsigned bit = 1u << (found - known.begin());
        if ((m_seen & bit) != 0)
            return refuse("tensor " + inQuotes(m_name) + " has " + inQuotes(key) + " twice");
        m_seen |= bit;
        m_key = key;
        return true;
    }

    bool end_object()
    {
        if (m_level == Level::File)
            return true;
        const bool isEntry = m_level == Level::Entry;
        m_level = Level::File;
        return !isEntry || finishEntry();
    }

    bool start_array(std::size_t)
    {
        if (m_level != Level::Entry || m_key == "dtype")
            return refuse("a list in a place where none belongs");
        m_level = Level::List;
        m_numbers.clear();
        return true;
    }

    bool end_array()
    {
        m_level = Level::Entry;
        if (m_key == "shape") {
            m_entry.shape.assign(m_numbers.begin(), m_numbers.end());
            return true;
        }
        if (m_numbers.size() != 2)
            return refuse("tensor " + inQuotes(m_name) + ": data_offsets needs two numbers");
        m_entry.begin = static_cast<std::uint64_t>(m_numbers[0]);
        m_entry.end = static_cast<std::uint64_t>(m_numbers[1]);
        return true;
    }

    bool string(std::string& text)
    {
        if (m_level == Level::Metadata && m_hasKey) {
            m_hasKey = false;
            m_header.metadata.emplace(m_key, std::move(text));
            return true;
        }
        if (m_level != Level::Entry || m_key != "dtype")
            return refuse("a text in a place where none belongs");
        const auto type = dtypeOf(text);
        if (!type)
            return refuse(
                "tensor " + inQuotes(m_name) + " has the element type " + inQuotes(text) + ", which is not read here");
        m_entry.type = *type;
        return true;
    }

    bool number_unsigned(std::uint64_t number)
    {
        if (m_level != Level::List)
            return refuse("a number in a place where none belongs");
        if (number > kMaxTensorBytes)
            return refuse("tensor " + inQuotes(m_name) + ": " + m_key + " holds a number past the limit of 2^48");
        if (m_numbers.size() == kMaxTensorRank)
            return refuse("tensor " + inQuotes(m_name) + ": " + m_key + " has more than 8 numbers");
        m_numbers.push_back(static_cast<std::int64_t>(number));
        return true;
    }

    bool number_integer(std::int64_t) { return refuse("tensor " + inQuotes(m_name) + ": a negative number"); }
    bool number_float(double, const std::string&)
    {
        return refuse("tensor " + inQuotes(m_name) + ": a number that is no integer or too large");
    }
    bool null() { return refuse("null in a place where none belongs"); }
    bool boolean(bool) { return refuse("true or false in a place where none belongs"); }
    bool binary(nlohmann::json::binary_t&) { return refuse("binary data in a place where none belongs"); }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&)
    {
        return refuse("no valid JSON in UTF-8 at byte " + formatCount(static_cast<std::int64_t>(position + 7)));
    }

private:
    enum class Level { File, Name, Metadata, Entry, List };

    bool refuse(std::string text)
    {
        if (reason.empty())
            reason = std::move(text);
        return false;
    }

    bool name(const std::string& key)
    {
        if (!m_names.insert(key).second)
            return refuse(inQuotes(key) + " stands twice");
        if (m_names.size() > kMaxTensors)
            return refuse("more than 100,000 tensors");
        m_name = key;
        m_entry = {};
        m_level = Level::Name;
        return true;
    }

    bool finishEntry()
    {
        if (m_seen != 7)
            return refuse("tensor " + inQuotes(m_name) + " needs dtype, shape and data_offsets");
        const auto bytes = tensorBytes(m_entry.type, m_entry.shape);
        if (!bytes)
            return refuse("tensor " + inQuotes(m_name) + ": its shape is past the limit of 2^48 bytes");
        if (m_entry.end < m_entry.begin)
            return refuse("tensor " + inQuotes(m_name) + " ends before it begins");
        if (m_entry.end - m_entry.begin != *bytes)
            return refuse("tensor " + inQuotes(m_name) + " has "
                + formatCount(static_cast<std::int64_t>(m_entry.end - m_entry.begin)) + " bytes, its shape needs "
                + formatCount(static_cast<std::int64_t>(*bytes)));
        m_entry.name = m_name;
        m_header.tensors.push_back(std::move(m_entry));
        return true;
    }

    SafetensorsHeader& m_header;
    Level m_level = Level::File;
    bool m_begun = false, m_hasKey = false;
    unsigned m_seen = 0;  ///< a bit for each member of the entry
    std::string m_name, m_key;
    TensorEntry m_entry;
    std::vector<std::int64_t> m_numbers;
    std::unordered_set<std::string> m_names;
};

/// What somebody may have renamed to .safetensors.
const char* foreignFormat(std::span<const std::byte> head)
{
    const auto is = [&](std::string_view magic) {
        return head.size() >= magic.size() && std::memcmp(head.data(), magic.data(), magic.size()) == 0;
    };
    if (is("PK\x03\x04"))
        return "this is a zip archive, as torch.save writes it";
    if (is("\x80\x02") || is("\x80\x03") || is("\x80\x04") || is("\x80\x05"))
        return "this is a Python pickle";
    if (is("GGUF"))
        return "this is a GGUF file";
    return nullptr;
}

tl::unexpected<Error> wrong(const std::string& reason)
{
    return fail(ErrorKind::Data, "safetensors header: " + reason + ".");
}

Result<void> checkCoverage(const SafetensorsHeader& header, std::uint64_t dataBytes)
{
    std::uint64_t end = 0;
    for (const TensorEntry& entry : header.tensors) {
        if (entry.begin < end)
            return wrong("tensor " + inQuotes(entry.name) + " overlaps the one before");
        if (entry.begin > end)
            return wrong("no tensor covers the " + formatCount(static_cast<std::int64_t>(entry.begin - end))
                + " bytes before " + inQuotes(entry.name));
        end = entry.end;
        if (end > dataBytes)
            return wrong("tensor " + inQuotes(entry.name) + " ends behind the end of the file");
    }
    if (end != dataBytes)
        return wrong(
            formatCount(static_cast<std::int64_t>(dataBytes - end)) + " bytes behind the last tensor belong to none");
    return {};
}

}  // namespace

Result<SafetensorsHeader> parseSafetensorsHeader(std::span<const std::byte> head, std::uint64_t fileSize)
{
    if (const char* foreign = foreignFormat(head))
        return wrong(std::string(foreign)
            + ", which can run code when it is loaded and is not read here. Convert it to safetensors in an isolated "
              "place");
    if (fileSize < 8 || head.size() < 8)
        return wrong("the file has fewer than 8 bytes");
    std::uint64_t length = 0;
    std::memcpy(&length, head.data(), sizeof length);
    if (length > kMaxHeaderBytes)
        return wrong("its length is past the limit of 25,000,000 bytes");
    if (length > fileSize - 8 || length > head.size() - 8)
        return wrong("it is longer than the file");
    const auto* text = reinterpret_cast<const char*>(head.data()) + 8;
    if (length == 0 || text[0] != '{')
        return wrong("it does not begin with {");
    // nlohmann's lexer takes a zero byte for the end of the text.
    if (std::memchr(text, '\0', length) != nullptr)
        return wrong("it holds a zero byte");
    SafetensorsHeader header;
    header.dataOffset = 8 + length;
    HeaderSax sax(header);
    if (!nlohmann::json::sax_parse(text, text + length, &sax))
        return wrong(sax.reason);
    std::ranges::sort(header.tensors, {}, [](const TensorEntry& e) { return std::tuple(e.begin, e.end, e.name); });
    if (auto covered = checkCoverage(header, fileSize - header.dataOffset); !covered)
        return forward(covered);
    return header;
}

}  // namespace moescope
