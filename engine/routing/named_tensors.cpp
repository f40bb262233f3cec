// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/routing/named_tensors.h"

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include <ATen/ops/empty.h>

#include "engine/base/check.h"
#include "engine/base/file_system.h"
#include "engine/base/utf8.h"
#include "engine/run/safetensors.h"

namespace moescope {

namespace {

constexpr std::uint64_t kMaxInputBytes = std::uint64_t{1} << 30;

constexpr std::pair<DType, at::ScalarType> kElementTypes[] = {{DType::Bool, at::kBool}, {DType::U8, at::kByte},
    {DType::I8, at::kChar}, {DType::I16, at::kShort}, {DType::F16, at::kHalf}, {DType::BF16, at::kBFloat16},
    {DType::I32, at::kInt}, {DType::F32, at::kFloat}, {DType::F64, at::kDouble}, {DType::I64, at::kLong}};

std::optional<at::ScalarType> scalarTypeOf(DType type)
{
    for (const auto& [stored, scalar] : kElementTypes)
        if (stored == type)
            return scalar;
    return std::nullopt;
}

DType storedTypeOf(at::ScalarType type)
{
    for (const auto& [stored, scalar] : kElementTypes)
        if (scalar == type)
            return stored;
    MOESCOPE_CHECK(false, "we make no tensors of other types");
}

std::span<std::byte> bytesOfNamed(const at::Tensor& tensor)
{
    return {static_cast<std::byte*>(tensor.data_ptr()), tensor.nbytes()};
}

/// A byte that is neither 0 nor 1 is no bool to the compiler.
bool holdsBools(const at::Tensor& tensor)
{
    for (const std::byte byte : bytesOfNamed(tensor))
        if (byte > std::byte{1})
            return false;
    return true;
}

}  // namespace

std::string tensorText(const at::Tensor& tensor)
{
    std::string text(dtypeName(storedTypeOf(tensor.scalar_type())));
    text += " [";
    for (std::int64_t i = 0; i < tensor.dim(); ++i)
        text += (i > 0 ? ", " : "") + std::to_string(tensor.size(i));
    return text + "]";
}

Result<NamedTensors> readTensorFile(const std::filesystem::path& path)
{
    const auto file = SafetensorsFile::open(path);
    if (!file)
        return forward(file);
    std::uint64_t bytes = 0;
    for (const TensorEntry& entry : file->header().tensors)
        bytes += entry.end - entry.begin;
    if (bytes > kMaxInputBytes)
        return fail(ErrorKind::Data,
            shownPath(path) + ": " + std::to_string(bytes)
                + " bytes of tensors are more than one decision takes (1 GiB);" + " give fewer tokens.");
    NamedTensors tensors;
    for (const TensorEntry& entry : file->header().tensors) {
        const auto type = scalarTypeOf(entry.type);
        const std::string name = shownPath(path) + ": " + printable(entry.name);
        if (!type)
            return fail(ErrorKind::Data,
                name + " is " + std::string(dtypeName(entry.type)) + "; store it as I64 or as a float type.");
        const at::Tensor tensor = at::empty(entry.shape, at::TensorOptions(*type));
        if (auto read = file->read(entry, bytesOfNamed(tensor)); !read)
            return forward(read);
        if (*type == at::kBool && !holdsBools(tensor))
            return fail(ErrorKind::Data, name + " is BOOL, but holds bytes other than 0 and 1; write it again.");
        tensors.emplace(entry.name, tensor);
    }
    return tensors;
}

Result<void> writeTensorFile(FileSystem& files, const std::filesystem::path& path, const NamedTensors& tensors,
    std::map<std::string, std::string> metadata)
{
    std::vector<at::Tensor> whole;  // keeps what the spans look at
    std::vector<TensorBytes> bytes;
    for (const auto& [name, tensor] : tensors) {
        whole.push_back(tensor.detach().contiguous());
        const at::Tensor& stored = whole.back();
        bytes.push_back({name, storedTypeOf(stored.scalar_type()), stored.sizes().vec(), bytesOfNamed(stored)});
    }
    metadata["format"] = "pt";
    const std::filesystem::path temporary = path.parent_path() / temporaryName();
    if (const auto written = writeSafetensors(files, temporary, bytes, metadata); !written)
        return forward(written);
    auto renamed = files.rename(temporary, path);
    if (!renamed)
        (void)files.remove(temporary);
    return renamed;
}

}  // namespace moescope
