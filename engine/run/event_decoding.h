// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// TensorBoard Event messages as views into the bytes that were read: nothing is copied, nothing trusted.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/run/record.h"

namespace moescope {

inline constexpr std::size_t kMaxRank = 8;  ///< dimensions of a tensor
inline constexpr std::size_t kMaxTagBytes = 1024;
inline constexpr std::size_t kMaxValuesPerRecord = 100'000;

/// One value of a summary. Views end with the buffer that was decoded.
struct RawValue {
    enum class Kind {
        Scalar,
        Tensor,  ///< float32 or int64 in `content`, as many numbers as the shape says
        Event,   ///< text of a `run/event`
        Other,   ///< images, histograms and whatever else we do not read
    };
    Kind kind = Kind::Other;
    std::string_view tag;
    float scalar = 0;
    bool isCount = false;  ///< Tensor of int64
    std::uint8_t rank = 0;
    std::array<std::int64_t, kMaxRank> shape = {};
    std::string_view content;  ///< of a Tensor: the numbers; of an Event: its JSON
    std::string_view meaning;  ///< our plugin's metadata, where the log introduces the tag

    std::span<const std::int64_t> sizes() const { return std::span(shape).first(rank); }
};

struct RawEvent {
    double wallTime = 0;
    std::int64_t step = 0;
    std::string_view fileVersion;  ///< only in the first record of a file
    bool sessionStart = false;
    std::vector<RawValue> values;
};

/// Fills `event` (its memory is reused) and returns null, or says what is wrong with the message.
const char* decodeEvent(std::span<const std::byte> payload, RawEvent& event);

/// "written by a newer version (brain.Event:3); …" or nothing when the version is the one that we know, or none was
/// given.
std::optional<std::string> versionWarning(std::string_view fileVersion);

/// Number of elements of a shape, or nothing when a size is negative or the product is past `limit`.
std::optional<std::int64_t> numElements(std::span<const std::int64_t> shape, std::int64_t limit);

/// The meaning that a tag was introduced with. Nothing when the text is not what our writer writes.
std::optional<TensorMeaning> parseMeaning(std::string_view tag, std::string_view json);

}  // namespace moescope
