// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "engine/run/safetensors_layout.h"

namespace moescope {
namespace {

struct DTypeRow {
    DType type;
    std::string_view name;
    std::size_t bytes;
};

/// In the format's own order, lowest alignment first; files put the last ones first.
constexpr std::array<DTypeRow, 13> kDTypes = {{
    {DType::Bool, "BOOL", 1},
    {DType::U8, "U8", 1},
    {DType::I8, "I8", 1},
    {DType::I16, "I16", 2},
    {DType::U16, "U16", 2},
    {DType::F16, "F16", 2},
    {DType::BF16, "BF16", 2},
    {DType::I32, "I32", 4},
    {DType::U32, "U32", 4},
    {DType::F32, "F32", 4},
    {DType::F64, "F64", 8},
    {DType::I64, "I64", 8},
    {DType::U64, "U64", 8},
}};

const DTypeRow& rowOf(DType type)
{
    for (const DTypeRow& row : kDTypes) {
        if (row.type == type)
            return row;
    }
    return kDTypes.front();
}

}  // namespace

std::size_t bytesOf(DType type) { return rowOf(type).bytes; }

std::string_view dtypeName(DType type) { return rowOf(type).name; }

std::optional<DType> dtypeOf(std::string_view name)
{
    for (const DTypeRow& row : kDTypes) {
        if (row.name == name)
            return row.type;
    }
    return std::nullopt;
}

int dtypeRank(DType type) { return static_cast<int>(&rowOf(type) - kDTypes.data()); }

std::optional<std::uint64_t> tensorBytes(DType type, std::span<const std::int64_t> shape)
{
    std::uint64_t bytes = bytesOf(type);
    for (const std::int64_t size : shape) {
        if (size < 0 || (size > 0 && bytes > kMaxTensorBytes / static_cast<std::uint64_t>(size)))
            return std::nullopt;
        bytes *= static_cast<std::uint64_t>(size);
    }
    return bytes;
}

}  // namespace moescope
