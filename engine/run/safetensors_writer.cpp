// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <nlohmann/json.hpp>

#include "engine/base/check.h"
#include "engine/base/file_system.h"
#include "engine/base/sha256.h"
#include "engine/base/utf8.h"
#include "engine/run/safetensors_layout.h"

namespace moescope {
namespace {

/// Widest elements first, so that every tensor is aligned for its type; then by name.
std::vector<const TensorBytes*> inFileOrder(const std::vector<TensorBytes>& tensors)
{
    std::vector<const TensorBytes*> order;
    for (const TensorBytes& tensor : tensors)
        order.push_back(&tensor);
    std::ranges::sort(
        order, {}, [](const TensorBytes* t) { return std::tuple(-dtypeRank(t->type), std::string_view(t->name)); });
    return order;
}

std::string headerText(const std::vector<const TensorBytes*>& order, const std::map<std::string, std::string>& metadata)
{
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    if (!metadata.empty())
        json["__metadata__"] = metadata;
    std::uint64_t begin = 0;
    for (const TensorBytes* tensor : order) {
        const auto bytes = tensorBytes(tensor->type, tensor->shape);
        MOESCOPE_CHECK(bytes && *bytes == tensor->bytes.size(), "a tensor has as many bytes as its shape needs");
        MOESCOPE_CHECK(!json.contains(tensor->name), "each tensor is written once");
        MOESCOPE_CHECK(firstInvalidUtf8(tensor->name) == std::string_view::npos, "names are UTF-8");
        json[tensor->name] = {
            {"dtype", dtypeName(tensor->type)}, {"shape", tensor->shape}, {"data_offsets", {begin, begin + *bytes}}};
        begin += *bytes;
    }
    std::string text = json.dump();
    text.resize((text.size() + kHeaderAlignment - 1) / kHeaderAlignment * kHeaderAlignment, ' ');
    return text;
}

Result<WrittenFile> writeParts(
    OutputFile& file, const std::string& header, const std::vector<const TensorBytes*>& order)
{
    WrittenFile written;
    const std::uint64_t length = header.size();
    written.bytes = sizeof length + length;
    for (const TensorBytes* tensor : order)
        written.bytes += tensor->bytes.size();
    // A full disk is found before the first byte is written.
    if (auto reserved = file.reserve(written.bytes); !reserved)
        return forward(reserved);
    Sha256 hash;
    const auto put = [&](std::span<const std::byte> bytes) {
        hash.update(bytes);
        return file.write(bytes);
    };
    if (auto put8 = put(std::as_bytes(std::span(&length, 1))); !put8)
        return forward(put8);
    if (auto putHeader = put(std::as_bytes(std::span(header))); !putHeader)
        return forward(putHeader);
    for (const TensorBytes* tensor : order) {
        if (auto putTensor = put(tensor->bytes); !putTensor)
            return forward(putTensor);
    }
    if (auto synced = file.sync(); !synced)
        return forward(synced);
    if (auto closed = file.close(); !closed)
        return forward(closed);
    written.sha256 = hash.hex();
    return written;
}

}  // namespace

Result<WrittenFile> writeSafetensors(FileSystem& files, const std::filesystem::path& path,
    const std::vector<TensorBytes>& tensors, const std::map<std::string, std::string>& metadata)
{
    const std::vector<const TensorBytes*> order = inFileOrder(tensors);
    const std::string header = headerText(order, metadata);
    if (header.size() > kMaxHeaderBytes || tensors.size() > kMaxTensors)
        return fail(ErrorKind::Bug, shownPath(path) + ": more tensors than a reader accepts.");
    auto file = files.create(path);
    if (!file)
        return forward(file);
    auto written = writeParts(**file, header, order);
    if (!written)
        (void)files.remove(path);  // the error of the writing is the one to tell
    return written;
}

}  // namespace moescope
