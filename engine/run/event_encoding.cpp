// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/event_encoding.h"

#include <algorithm>
#include <cstring>
#include <span>

#include <nlohmann/json.hpp>
#include <protozero/pbf_writer.hpp>

#include "engine/base/check.h"
#include "engine/run/event_format.h"

namespace moescope {
namespace {

using protozero::pbf_writer;
namespace format = event_format;

void writeMetadata(pbf_writer& value, std::string_view plugin, std::string_view content)
{
    pbf_writer metadata(value, format::value::kMetadata);
    {
        pbf_writer data(metadata, format::metadata::kPluginData);
        data.add_string(format::plugin_data::kName, plugin.data(), plugin.size());
        if (!content.empty())
            data.add_bytes(format::plugin_data::kContent, content.data(), content.size());
    }
    metadata.add_enum(format::metadata::kDataClass, format::metadata::kTensorClass);
}

void writeShape(pbf_writer& tensor, std::span<const std::int64_t> sizes)
{
    pbf_writer shape(tensor, format::tensor::kShape);
    for (const std::int64_t size : sizes) {
        pbf_writer dim(shape, format::shape::kDim);
        dim.add_int64(format::shape::kDimSize, size);
    }
}

template <class Number> void writeContent(pbf_writer& tensor, const std::vector<Number>& data)
{
    tensor.add_bytes(
        format::tensor::kContent, reinterpret_cast<const char*>(data.data()), data.size() * sizeof(Number));
}

void writeTensor(pbf_writer& value, const TensorValue& source)
{
    std::int64_t numElements = 1;
    for (const std::int64_t size : source.shape)
        numElements *= size;
    pbf_writer tensor(value, format::value::kTensor);
    const bool isCount = std::holds_alternative<std::vector<std::int64_t>>(source.data);
    tensor.add_enum(format::tensor::kDtype, isCount ? format::tensor::kInt64 : format::tensor::kFloat);
    writeShape(tensor, source.shape);
    std::visit(
        [&](const auto& data) {
            MOESCOPE_CHECK(static_cast<std::int64_t>(data.size()) == numElements,
                "a tensor has as many numbers as its shape says");
            writeContent(tensor, data);
        },
        source.data);
}

}  // namespace

void encodeFileVersion(double wallTime, std::string& out)
{
    pbf_writer event(out);
    event.add_double(format::event::kWallTime, wallTime);
    event.add_string(format::event::kFileVersion, format::kFileVersion.data(), format::kFileVersion.size());
}

void encodeSessionStart(double wallTime, std::int64_t step, std::string& out)
{
    pbf_writer event(out);
    event.add_double(format::event::kWallTime, wallTime);
    event.add_int64(format::event::kStep, step);
    pbf_writer session(event, format::event::kSessionLog);
    session.add_enum(format::session_log::kStatus, format::session_log::kStart);
}

void EventEncoder::describe(TensorMeaning meaning)
{
    std::string tag = meaning.tag;
    m_meanings.insert_or_assign(std::move(tag), std::move(meaning));
}

void EventEncoder::encode(const Record& record, std::string& out)
{
    m_pending.clear();
    const auto isNew = [&](std::string_view tag) {
        if (m_introduced.contains(tag) || std::ranges::find(m_pending, tag) != m_pending.end())
            return false;
        m_pending.emplace_back(tag);
        return true;
    };
    pbf_writer event(out);
    event.add_double(format::event::kWallTime, record.wallTime);
    event.add_int64(format::event::kStep, record.step);
    pbf_writer summary(event, format::event::kSummary);
    for (const ScalarValue& scalar : record.scalars) {
        pbf_writer value(summary, format::summary::kValue);
        value.add_string(format::value::kTag, scalar.tag);
        value.add_float(format::value::kSimpleValue, scalar.value);
    }
    for (const TensorValue& source : record.tensors) {
        pbf_writer value(summary, format::summary::kValue);
        value.add_string(format::value::kTag, source.tag);
        writeTensor(value, source);
        if (isNew(source.tag))
            writeMetadata(value, format::kTensorPlugin, meaningJson(source.tag));
    }
    for (const EventText& text : record.events) {
        pbf_writer value(summary, format::summary::kValue);
        value.add_string(format::value::kTag, format::kEventTag.data(), format::kEventTag.size());
        {
            pbf_writer tensor(value, format::value::kTensor);
            tensor.add_enum(format::tensor::kDtype, format::tensor::kString);
            writeShape(tensor, {});
            tensor.add_bytes(format::tensor::kStringVal, text.json);
        }
        if (isNew(format::kEventTag))
            writeMetadata(value, format::kTextPlugin, {});
    }
}

void EventEncoder::commit()
{
    m_introduced.insert(m_pending.begin(), m_pending.end());
    m_pending.clear();
}

std::string EventEncoder::meaningJson(const std::string& tag) const
{
    nlohmann::ordered_json json;
    json["name"] = tag;
    if (const auto meaning = m_meanings.find(tag); meaning != m_meanings.end()) {
        json["dimensions"] = meaning->second.dimensions;
        json["units"] = meaning->second.unit;
    }
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace moescope
