// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/export_sink.h"

namespace moescope {
namespace {

constexpr std::string_view kCsvLineEnd = "\r\n";

Result<void> writeWide(const RunSnapshot& run, ExportSink& sink)
{
    if (auto begun = sink.begin("scalars", ".csv"); !begun)
        return begun;
    ScalarRows rows(run);
    sink.put("step,wall_time");
    for (const std::string& tag : rows.tags())
        sink.put("," + csvCell(tag));
    sink.put(kCsvLineEnd);
    std::size_t count = 0;
    for (; rows.next(); ++count) {
        sink.put(std::to_string(rows.step()) + "," + exportNumber(rows.wallTime()));
        for (const float* value : rows.values())
            sink.put(value != nullptr ? "," + exportNumber(*value) : std::string(","));
        sink.put(kCsvLineEnd);
    }
    return sink.end(count);
}

Result<void> writeLong(const RunSnapshot& run, const std::string& runName, ExportSink& sink)
{
    if (auto begun = sink.begin("scalars_long", ".csv"); !begun)
        return begun;
    sink.put("run,step,wall_time,metric,value\r\n");
    const std::string name = csvCell(runName);
    std::size_t count = 0;
    for (const auto& [tag, series] : run.scalars) {
        const std::string metric = csvCell(tag);
        for (std::size_t i = 0; i < series.size(); ++i, ++count)
            sink.put(name + "," + std::to_string(series.step(i)) + "," + exportNumber(series.wallTime(i)) + "," + metric
                + "," + exportNumber(series.value(i)) + "\r\n");
    }
    return sink.end(count);
}

std::string tensorHeading(const TensorTrack& track)
{
    std::string line = "step";
    const std::vector<std::string>& names = track.meaning().dimensions;
    for (std::size_t d = 0; d < track.shape().size(); ++d)
        line += "," + (d < names.size() ? csvCell(names[d]) : "index_" + std::to_string(d));
    return line + ",value\r\n";
}

/// "3,0,2": the indices of the n-th element.
std::string indicesOf(std::size_t element, const std::vector<std::int64_t>& shape)
{
    std::string text;
    for (std::size_t d = shape.size(); d-- > 0;) {
        const auto size = static_cast<std::size_t>(shape[d]);
        text = std::to_string(element % size) + (text.empty() ? "" : ",") + text;
        element /= size;
    }
    return text.empty() ? text : text + ",";
}

Result<void> writeTensor(const std::string& tag, const TensorTrack& track, ExportSink& sink)
{
    if (auto begun = sink.begin(tag, ".csv"); !begun)
        return begun;
    sink.put(tensorHeading(track));
    const std::vector<std::int64_t> shape = track.shape();
    for (std::size_t i = 0; i < track.size(); ++i) {
        const auto values = track.values(i);
        if (!values)
            return forward(values);
        const std::string step = std::to_string(track.step(i)) + ",";
        for (std::size_t e = 0; e < values->size(); ++e)
            sink.put(step + indicesOf(e, shape) + exportNumber((*values)[e]) + "\r\n");
    }
    return sink.end(track.size());
}

Result<void> writeEvents(const RunSnapshot& run, ExportSink& sink)
{
    if (auto begun = sink.begin("events", ".csv"); !begun)
        return begun;
    sink.put("step,wall_time,kind,json\r\n");
    for (const RunEvent& event : run.events)
        sink.put(std::to_string(event.step) + "," + exportNumber(event.wallTime) + "," + csvCell(event.kind) + ","
            + csvCell(event.json) + "\r\n");
    return sink.end(run.events.size());
}

}  // namespace

Result<void> exportCsv(const RunSnapshot& run, const std::string& runName, ExportSink& sink)
{
    if (auto wide = writeWide(run, sink); !wide)
        return wide;
    if (auto tall = writeLong(run, runName, sink); !tall)
        return tall;
    if (auto events = writeEvents(run, sink); !events)
        return events;
    for (const auto& [tag, track] : run.tensors) {
        if (auto tensor = writeTensor(tag, *track, sink); !tensor)
            return tensor;
    }
    return {};
}

}  // namespace moescope
