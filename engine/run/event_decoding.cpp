// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/event_decoding.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include <protozero/pbf_reader.hpp>

#include "engine/base/json_text.h"
#include "engine/base/utf8.h"
#include "engine/run/event_format.h"
#include "engine/run/event_framing.h"

namespace moescope {
namespace {

using protozero::pbf_reader;
using protozero::pbf_wire_type;
using protozero::tag_and_type;
namespace format = event_format;

std::string_view viewOf(protozero::data_view view) { return {view.data(), view.size()}; }

constexpr pbf_wire_type kBytes = pbf_wire_type::length_delimited;
constexpr pbf_wire_type kVarint = pbf_wire_type::varint;

/// A tensor as it is on the wire, before its parts are held against each other.
struct WireTensor {
    std::int32_t dtype = 0;
    std::string_view content, text, floats;
    bool hasText = false;
    float singleFloat = 0;
    int numFloats = 0;
};

const char* decodeShape(pbf_reader message, RawValue& value)
{
    while (message.next()) {
        if (message.tag_and_type() != tag_and_type(format::shape::kDim, kBytes)) {
            message.skip();
            continue;
        }
        if (value.rank == kMaxRank)
            return "a tensor has more than 8 dimensions";
        std::int64_t size = 0;
        pbf_reader dim = message.get_message();
        while (dim.next()) {
            if (dim.tag_and_type() == tag_and_type(format::shape::kDimSize, kVarint))
                size = dim.get_int64();
            else
                dim.skip();
        }
        value.shape[value.rank++] = size;
    }
    return nullptr;
}

const char* readTensor(pbf_reader message, RawValue& value, WireTensor& tensor)
{
    while (message.next()) {
        switch (message.tag_and_type()) {
        case tag_and_type(format::tensor::kDtype, kVarint):
            tensor.dtype = message.get_enum();
            break;
        case tag_and_type(format::tensor::kShape, kBytes):
            value.rank = 0;
            if (const char* wrong = decodeShape(message.get_message(), value))
                return wrong;
            break;
        case tag_and_type(format::tensor::kContent, kBytes):
            tensor.content = viewOf(message.get_view());
            break;
        case tag_and_type(format::tensor::kFloatVal, kBytes):
            tensor.floats = viewOf(message.get_view());
            break;
        case tag_and_type(format::tensor::kFloatVal, pbf_wire_type::fixed32):
            tensor.singleFloat = message.get_float();
            ++tensor.numFloats;
            break;
        case tag_and_type(format::tensor::kStringVal, kBytes):
            tensor.text = viewOf(message.get_view());
            tensor.hasText = true;
            break;
        default:
            message.skip();
        }
    }
    return nullptr;
}

const char* decodeTensor(pbf_reader message, RawValue& value)
{
    WireTensor tensor;
    if (const char* wrong = readTensor(message, value, tensor))
        return wrong;
    if (tensor.dtype == format::tensor::kString) {
        const bool isEvent = tensor.hasText && value.tag == format::kEventTag;
        value.kind = isEvent ? RawValue::Kind::Event : RawValue::Kind::Other;
        value.content = tensor.text;
        return nullptr;
    }
    value.isCount = tensor.dtype == format::tensor::kInt64;
    if (!value.isCount && tensor.dtype != format::tensor::kFloat)
        return nullptr;
    // How tf.summary.scalar writes its one number.
    if (!value.isCount && value.rank == 0 && (tensor.numFloats == 1 || tensor.floats.size() == sizeof(float))) {
        value.kind = RawValue::Kind::Scalar;
        value.scalar = tensor.singleFloat;
        if (tensor.numFloats == 0)
            std::memcpy(&value.scalar, tensor.floats.data(), sizeof(float));
        return nullptr;
    }
    if (tensor.content.empty() && (tensor.numFloats > 0 || !tensor.floats.empty()))
        return nullptr;
    const std::size_t width = value.isCount ? sizeof(std::int64_t) : sizeof(float);
    const auto count = numElements(value.sizes(), static_cast<std::int64_t>(kMaxRecordBytes / width));
    if (!count || static_cast<std::size_t>(*count) * width != tensor.content.size())
        return "the size of a tensor does not fit its shape";
    value.kind = RawValue::Kind::Tensor;
    value.content = tensor.content;
    return nullptr;
}

std::string_view decodeMetadata(pbf_reader message)
{
    std::string_view name, content;
    while (message.next()) {
        if (message.tag_and_type() != tag_and_type(format::metadata::kPluginData, kBytes)) {
            message.skip();
            continue;
        }
        pbf_reader data = message.get_message();
        while (data.next()) {
            if (data.tag_and_type() == tag_and_type(format::plugin_data::kName, kBytes))
                name = viewOf(data.get_view());
            else if (data.tag_and_type() == tag_and_type(format::plugin_data::kContent, kBytes))
                content = viewOf(data.get_view());
            else
                data.skip();
        }
    }
    return name == format::kTensorPlugin ? content : std::string_view();
}

const char* decodeValue(pbf_reader message, RawValue& value)
{
    pbf_reader tensor;
    bool hasTensor = false;
    while (message.next()) {
        switch (message.tag_and_type()) {
        case tag_and_type(format::value::kTag, kBytes):
            value.tag = viewOf(message.get_view());
            break;
        case tag_and_type(format::value::kSimpleValue, pbf_wire_type::fixed32):
            value.scalar = message.get_float();
            value.kind = RawValue::Kind::Scalar;
            break;
        case tag_and_type(format::value::kTensor, kBytes):
            tensor = message.get_message();
            hasTensor = true;
            break;
        case tag_and_type(format::value::kMetadata, kBytes):
            value.meaning = decodeMetadata(message.get_message());
            break;
        default:
            message.skip();
        }
    }
    if (value.tag.size() > kMaxTagBytes)
        return "a tag is longer than 1,024 bytes";
    return hasTensor ? decodeTensor(tensor, value) : nullptr;
}

const char* decodeSummary(pbf_reader message, RawEvent& event)
{
    while (message.next()) {
        if (message.tag_and_type() != tag_and_type(format::summary::kValue, kBytes)) {
            message.skip();
            continue;
        }
        if (event.values.size() == kMaxValuesPerRecord)
            return "a record has more than 100,000 values";
        if (const char* wrong = decodeValue(message.get_message(), event.values.emplace_back()))
            return wrong;
    }
    return nullptr;
}

bool isSessionStart(pbf_reader message)
{
    bool start = false;
    while (message.next()) {
        if (message.tag_and_type() == tag_and_type(format::session_log::kStatus, kVarint))
            start = message.get_enum() == format::session_log::kStart;
        else
            message.skip();
    }
    return start;
}

const char* readEvent(pbf_reader message, RawEvent& event)
{
    while (message.next()) {
        switch (message.tag_and_type()) {
        case tag_and_type(format::event::kWallTime, pbf_wire_type::fixed64):
            event.wallTime = message.get_double();
            break;
        case tag_and_type(format::event::kStep, kVarint):
            event.step = message.get_int64();
            break;
        case tag_and_type(format::event::kFileVersion, kBytes):
            event.fileVersion = viewOf(message.get_view());
            break;
        case tag_and_type(format::event::kSummary, kBytes):
            if (const char* wrong = decodeSummary(message.get_message(), event))
                return wrong;
            break;
        case tag_and_type(format::event::kSessionLog, kBytes):
            event.sessionStart = isSessionStart(message.get_message());
            break;
        default:
            message.skip();
        }
    }
    if (!std::isfinite(event.wallTime))
        return "the time is not a number";
    return event.step < 0 ? "the step is negative" : nullptr;
}

}  // namespace

const char* decodeEvent(std::span<const std::byte> payload, RawEvent& event)
{
    event.wallTime = 0;
    event.step = 0;
    event.fileVersion = {};
    event.sessionStart = false;
    event.values.clear();
    try {
        return readEvent(pbf_reader(reinterpret_cast<const char*>(payload.data()), payload.size()), event);
    } catch (const protozero::exception&) {
        return "not an Event message";
    }
}

std::optional<std::string> versionWarning(std::string_view fileVersion)
{
    if (fileVersion.empty() || fileVersion == format::kFileVersion)
        return std::nullopt;
    int version = 0;
    if (fileVersion.starts_with(format::kFileVersionPrefix)) {
        const std::string_view digits = fileVersion.substr(format::kFileVersionPrefix.size());
        std::from_chars(digits.data(), digits.data() + digits.size(), version);
    }
    const std::string shown = printable(fileVersion.substr(0, 100));
    if (version > 0 && version <= 2)
        return "written by an older version (" + shown + "); what it does not say stays empty";
    return "written by a newer version (" + shown + "); what this program does not know is left out";
}

std::optional<std::int64_t> numElements(std::span<const std::int64_t> shape, std::int64_t limit)
{
    std::int64_t count = 1;
    for (const std::int64_t size : shape) {
        if (size < 0 || (size > 0 && count > limit / size))
            return std::nullopt;
        count *= size;
    }
    return count;
}

std::optional<TensorMeaning> parseMeaning(std::string_view tag, std::string_view json)
{
    const JsonReading reading = readJsonText(json);
    if (!reading.complete || !reading.problems.empty())
        return std::nullopt;
    TensorMeaning meaning = {std::string(tag), {}, {}};
    if (const JsonNode* dimensions = reading.root.find("dimensions")) {
        for (const JsonNode& name : dimensions->items) {
            if (meaning.dimensions.size() < kMaxRank)
                meaning.dimensions.push_back(name.text);
        }
    }
    if (const JsonNode* units = reading.root.find("units"))
        meaning.unit = units->text;
    return meaning;
}

}  // namespace moescope
