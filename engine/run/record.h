// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One step's worth of telemetry: what the engine hands to the log and what a reader gets back.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace moescope {

struct ScalarValue {
    std::string tag;  ///< "loss/language_model"
    float value = 0;

    friend bool operator==(const ScalarValue&, const ScalarValue&) = default;
};

/// A vector or matrix, row-major. Counts are int64, everything else float.
struct TensorValue {
    std::string tag;  ///< "load/assigned"
    std::vector<std::int64_t> shape;  ///< {layers, experts}
    std::variant<std::vector<float>, std::vector<std::int64_t>> data;

    friend bool operator==(const TensorValue&, const TensorValue&) = default;
};

/// What a tensor's numbers mean; written with the first value of a tag, remembered by readers.
struct TensorMeaning {
    std::string tag;
    std::vector<std::string> dimensions;  ///< {"layer", "expert"}
    std::string unit;  ///< "assignments"

    friend bool operator==(const TensorMeaning&, const TensorMeaning&) = default;
};

/// A `run/event`: JSON object text with at least `kind` and `time`.
struct EventText {
    std::string json;

    friend bool operator==(const EventText&, const EventText&) = default;
};

struct Record {
    double wallTime = 0;  ///< seconds since 1970
    std::int64_t step = 0;
    std::vector<ScalarValue> scalars;
    std::vector<TensorValue> tensors;
    std::vector<EventText> events;
    std::vector<TensorMeaning> meanings;  ///< filled by the reader where the log introduces a tag
    bool sessionStart = false;  ///< a process started or resumed here: later steps replace earlier ones with equal or higher step
};

}  // namespace moescope
