// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Limits and element types of safetensors files, shared by reader and writer.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/run/safetensors.h"

namespace moescope {

inline constexpr std::uint64_t kMaxHeaderBytes = 25'000'000;  ///< what Hugging Face's tools accept
inline constexpr std::size_t kMaxTensors = 100'000;
inline constexpr std::size_t kMaxTensorRank = 8;
inline constexpr std::uint64_t kMaxTensorBytes = std::uint64_t{1} << 48;  ///< also of offsets and sizes
inline constexpr std::size_t kHeaderAlignment = 8;

std::optional<DType> dtypeOf(std::string_view name);
int dtypeRank(DType type);  ///< place in the format's order of alignment

/// Bytes of a tensor, or nothing where a size is negative or the product is past the limit.
std::optional<std::uint64_t> tensorBytes(DType type, std::span<const std::int64_t> shape);

}  // namespace moescope
