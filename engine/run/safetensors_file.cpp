// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>
#include <unordered_map>

#include "engine/base/check.h"
#include "engine/base/file_system.h"
#include "engine/base/input_file.h"
#include "engine/run/safetensors_layout.h"

namespace moescope {

struct SafetensorsFile::Impl {
    InputFile file;
    SafetensorsHeader header;
    std::unordered_map<std::string_view, const TensorEntry*> byName;
};

SafetensorsFile::SafetensorsFile(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
SafetensorsFile::SafetensorsFile(SafetensorsFile&&) noexcept = default;
SafetensorsFile& SafetensorsFile::operator=(SafetensorsFile&&) noexcept = default;
SafetensorsFile::~SafetensorsFile() = default;

Result<SafetensorsFile> SafetensorsFile::open(const std::filesystem::path& path)
{
    auto file = InputFile::open(path);
    if (!file)
        return forward(file);
    const auto size = file->size();
    if (!size)
        return forward(size);
    std::vector<std::byte> head(8);
    const auto read = file->readAt(0, head);
    if (!read)
        return forward(read);
    head.resize(*read);
    std::uint64_t length = 0;
    if (head.size() == sizeof length)
        std::memcpy(&length, head.data(), sizeof length);
    // Only a length that can be true gets memory; the parser refuses the others by name.
    if (*size >= 8 && length <= std::min(kMaxHeaderBytes, *size - 8)) {
        head.resize(8 + length);
        if (auto whole = file->readExactly(0, head); !whole)
            return forward(whole);
    }
    auto header = parseSafetensorsHeader(head, *size);
    if (!header)
        return fail(header.error().kind, shownPath(path) + ": " + header.error().text);
    auto impl = std::make_unique<Impl>(Impl{std::move(*file), std::move(*header), {}});
    for (const TensorEntry& entry : impl->header.tensors)
        impl->byName.emplace(entry.name, &entry);
    return SafetensorsFile(std::move(impl));
}

const SafetensorsHeader& SafetensorsFile::header() const { return m_impl->header; }

const TensorEntry* SafetensorsFile::find(std::string_view name) const
{
    const auto found = m_impl->byName.find(name);
    return found == m_impl->byName.end() ? nullptr : found->second;
}

Result<void> SafetensorsFile::read(const TensorEntry& entry, std::span<std::byte> into) const
{
    MOESCOPE_CHECK(into.size() == entry.end - entry.begin, "room for exactly the tensor");
    return m_impl->file.readExactly(m_impl->header.dataOffset + entry.begin, into);
}

}  // namespace moescope
