// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include <nlohmann/json.hpp>

#include "engine/run/export_sink.h"

namespace moescope {
namespace {

using nlohmann::ordered_json;

/// JSON has no NaN: it stands as the text "nan", like "inf" and "-inf".
ordered_json jsonNumber(double value)
{
    if (std::isfinite(value))
        return value;
    return exportNumber(value);
}

std::string lineOf(const ordered_json& json)
{
    return json.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

Result<void> writeScalarLines(const RunSnapshot& run, ExportSink& sink)
{
    if (auto begun = sink.begin("scalars", ".jsonl"); !begun)
        return begun;
    ScalarRows rows(run);
    std::size_t count = 0;
    for (; rows.next(); ++count) {
        ordered_json line = {{"step", rows.step()}, {"wall_time", jsonNumber(rows.wallTime())}};
        for (std::size_t t = 0; t < rows.tags().size(); ++t) {
            if (rows.values()[t] != nullptr)
                line[rows.tags()[t]] = jsonNumber(*rows.values()[t]);
        }
        sink.put(lineOf(line));
    }
    return sink.end(count);
}

Result<void> writeTensorLines(const RunSnapshot& run, ExportSink& sink)
{
    if (auto begun = sink.begin("tensors", ".jsonl"); !begun)
        return begun;
    std::size_t count = 0;
    for (const auto& [tag, track] : run.tensors) {
        for (std::size_t i = 0; i < track->size(); ++i, ++count) {
            const auto values = track->values(i);
            if (!values)
                return forward(values);
            ordered_json data = ordered_json::array();
            for (const double value : *values)
                data.push_back(jsonNumber(value));
            sink.put(
                lineOf({{"step", track->step(i)}, {"tag", tag}, {"shape", track->shape()}, {"data", std::move(data)}}));
        }
    }
    return sink.end(count);
}

Result<void> writeEventLines(const RunSnapshot& run, ExportSink& sink)
{
    if (auto begun = sink.begin("events", ".jsonl"); !begun)
        return begun;
    for (const RunEvent& event : run.events) {
        ordered_json body = ordered_json::parse(event.json, nullptr, false, true);
        if (body.is_discarded())
            body = event.json;
        sink.put(lineOf({{"step", event.step}, {"wall_time", jsonNumber(event.wallTime)}, {"event", std::move(body)}}));
    }
    return sink.end(run.events.size());
}

}  // namespace

Result<void> exportJsonLines(const RunSnapshot& run, ExportSink& sink)
{
    if (auto scalars = writeScalarLines(run, sink); !scalars)
        return scalars;
    if (auto tensors = writeTensorLines(run, sink); !tensors)
        return tensors;
    return writeEventLines(run, sink);
}

}  // namespace moescope
