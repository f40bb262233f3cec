// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// NumPy's format 1.0: magic, version, length of the heading, a Python dictionary padded to 64 bytes, raw numbers.
#include <array>

#include "engine/run/export_sink.h"

namespace moescope {
namespace {

std::string npyHeading(std::string_view type, const std::vector<std::int64_t>& shape)
{
    std::string sizes;
    for (const std::int64_t size : shape)
        sizes += std::to_string(size) + ", ";
    std::string dictionary =
        "{'descr': '" + std::string(type) + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
    constexpr std::size_t kFront = 10;
    const std::size_t length = (kFront + dictionary.size() + 1 + 63) / 64 * 64 - kFront;
    dictionary.resize(length - 1, ' ');
    const std::array<char, 4> numbers = {1, 0, static_cast<char>(length & 0xFF), static_cast<char>(length >> 8)};
    return "\x93NUMPY" + std::string(numbers.data(), numbers.size()) + dictionary + "\n";
}

Result<void> writeSteps(const std::string& tag, const TensorTrack& track, ExportSink& sink)
{
    if (auto begun = sink.begin(tag + "-steps", ".npy"); !begun)
        return begun;
    sink.put(npyHeading("<i8", {static_cast<std::int64_t>(track.size())}));
    for (std::size_t i = 0; i < track.size(); ++i) {
        const std::int64_t step = track.step(i);
        sink.put(std::as_bytes(std::span(&step, 1)));
    }
    return sink.end(track.size());
}

Result<void> writeTensorArray(const std::string& tag, const TensorTrack& track, ExportSink& sink)
{
    if (auto begun = sink.begin(tag, ".npy"); !begun)
        return begun;
    std::vector<std::int64_t> shape = {static_cast<std::int64_t>(track.size())};
    for (const std::int64_t size : track.shape())
        shape.push_back(size);
    sink.put(npyHeading("<f8", shape));
    for (std::size_t i = 0; i < track.size(); ++i) {
        const auto values = track.values(i);
        if (!values)
            return forward(values);
        sink.put(std::as_bytes(std::span(*values)));
    }
    return sink.end(track.size());
}

Result<void> writeScalarArray(const std::string& tag, const Series& series, ExportSink& sink)
{
    if (auto begun = sink.begin(tag, ".npy"); !begun)
        return begun;
    sink.put(npyHeading("<f8", {static_cast<std::int64_t>(series.size()), 2}));
    for (std::size_t i = 0; i < series.size(); ++i) {
        const std::array<double, 2> row = {static_cast<double>(series.step(i)), series.value(i)};
        sink.put(std::as_bytes(std::span(row)));
    }
    return sink.end(series.size());
}

}  // namespace

Result<void> exportNpy(const RunSnapshot& run, ExportSink& sink)
{
    for (const auto& [tag, series] : run.scalars) {
        if (auto written = writeScalarArray(tag, series, sink); !written)
            return written;
    }
    for (const auto& [tag, track] : run.tensors) {
        if (auto written = writeTensorArray(tag, *track, sink); !written)
            return written;
        if (auto written = writeSteps(tag, *track, sink); !written)
            return written;
    }
    return {};
}

}  // namespace moescope
