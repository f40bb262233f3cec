// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// safetensors without LibTorch: strict header reading, streaming writing. spec: formats 1.1.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace moescope {

class FileSystem;

enum class DType { Bool, U8, I8, I16, U16, F16, BF16, I32, U32, F32, F64, I64, U64 };
std::size_t bytesOf(DType type);
std::string_view dtypeName(DType type);  ///< "F32"

struct TensorEntry {
    std::string name;
    DType type = DType::F32;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0, end = 0;  ///< bytes in the file's data part

    friend bool operator==(const TensorEntry&, const TensorEntry&) = default;
};

struct SafetensorsHeader {
    std::map<std::string, std::string> metadata;
    std::vector<TensorEntry> tensors;  ///< by begin
    std::uint64_t dataOffset = 0;      ///< of the data part in the file
};

/// Checks everything that the format demands before any memory is taken: length, UTF-8, duplicate names, depth, dtype,
/// shape product, order, holes, overlap, trailing bytes. `head` holds the first bytes of the file, `fileSize` its size.
Result<SafetensorsHeader> parseSafetensorsHeader(std::span<const std::byte> head, std::uint64_t fileSize);

/// A file opened for reading by pread; never mapped for writing.
class SafetensorsFile {
public:
    static Result<SafetensorsFile> open(const std::filesystem::path& file);
    SafetensorsFile(SafetensorsFile&&) noexcept;
    SafetensorsFile& operator=(SafetensorsFile&&) noexcept;
    ~SafetensorsFile();

    const SafetensorsHeader& header() const;
    const TensorEntry* find(std::string_view name) const;
    Result<void> read(const TensorEntry& entry, std::span<std::byte> into) const;  ///< exactly end - begin bytes

private:
    struct Impl;
    explicit SafetensorsFile(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

struct TensorBytes {
    std::string name;
    DType type = DType::F32;
    std::vector<std::int64_t> shape;
    std::span<const std::byte> bytes;  ///< row-major, little-endian
};

struct WrittenFile {
    std::uint64_t bytes = 0;
    std::string sha256;  ///< 64 lower-case digits

    friend bool operator==(const WrittenFile&, const WrittenFile&) = default;
};

/// Writes a new file (posix_fallocate, write, fsync, close; every result checked). Tensors in the order of the format:
/// widest elements first, then by name. `metadata` should hold {"format": "pt"}: several loaders ask for it. After a
/// failure there is no file.
Result<WrittenFile> writeSafetensors(FileSystem& files, const std::filesystem::path& file,
    const std::vector<TensorBytes>& tensors, const std::map<std::string, std::string>& metadata);

}  // namespace moescope
