// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Field numbers of TensorBoard's protobuf messages, as far as the log uses them. spec: formats 1.5.
#pragma once

#include <cstdint>
#include <string_view>

#include <protozero/types.hpp>

namespace moescope::event_format {

using Tag = protozero::pbf_tag_type;

namespace event {
inline constexpr Tag kWallTime = 1, kStep = 2, kFileVersion = 3, kSummary = 5, kSessionLog = 7;
}
namespace session_log {
inline constexpr Tag kStatus = 1;
inline constexpr std::int32_t kStart = 1;
}  // namespace session_log
namespace summary {
inline constexpr Tag kValue = 1;
}
namespace value {
inline constexpr Tag kTag = 1, kSimpleValue = 2, kTensor = 8, kMetadata = 9;
}
namespace metadata {
inline constexpr Tag kPluginData = 1, kDataClass = 4;
inline constexpr std::int32_t kTensorClass = 2;
}  // namespace metadata
namespace plugin_data {
inline constexpr Tag kName = 1, kContent = 2;
}
namespace tensor {
inline constexpr Tag kDtype = 1, kShape = 2, kContent = 4, kFloatVal = 5, kStringVal = 8;
inline constexpr std::int32_t kFloat = 1, kString = 7, kInt64 = 9;
}  // namespace tensor
namespace shape {
inline constexpr Tag kDim = 2, kDimSize = 1;
}

inline constexpr std::string_view kFileVersion = "brain.Event:2";
inline constexpr std::string_view kFileVersionPrefix = "brain.Event:";
inline constexpr std::string_view kTensorPlugin = "moescope";
inline constexpr std::string_view kTextPlugin = "text";
inline constexpr std::string_view kEventTag = "run/event";

}  // namespace moescope::event_format
