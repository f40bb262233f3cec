// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/data/text.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/file_system.h"
#include "engine/base/sha256.h"
#include "engine/base/units.h"

namespace moescope {

Result<std::shared_ptr<const TextStorage>> TextStorage::map(const std::filesystem::path& file)
{
    std::shared_ptr<TextStorage> storage(new TextStorage);
    storage->m_path = file;
    // O_NONBLOCK: a pipe in the place of a file is refused below instead of waited for.
    storage->m_descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info = {};
    if (storage->m_descriptor < 0 || ::fstat(storage->m_descriptor, &info) != 0)
        return tl::make_unexpected(fileError(file, "open", errno));
    if (!S_ISREG(info.st_mode))
        return fail(ErrorKind::Data, shownPath(file) + ": is no ordinary file, so it cannot be training data");
    const auto size = static_cast<std::size_t>(info.st_size);
    if (size == 0)
        return storage;
    void* bytes = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, storage->m_descriptor, 0);
    if (bytes == MAP_FAILED)
        return tl::make_unexpected(fileError(file, "map", errno));
    storage->m_bytes = {static_cast<const std::uint8_t*>(bytes), size};
    return storage;
}

std::shared_ptr<const TextStorage> TextStorage::own(std::vector<std::uint8_t> bytes)
{
    std::shared_ptr<TextStorage> storage(new TextStorage);
    storage->m_owned = std::move(bytes);
    storage->m_bytes = storage->m_owned;
    return storage;
}

TextStorage::~TextStorage()
{
    if (m_descriptor < 0)
        return;
    if (!m_bytes.empty())
        ::munmap(const_cast<std::uint8_t*>(m_bytes.data()), m_bytes.size());
    ::close(m_descriptor);
}

Result<void> TextStorage::checkWhole() const
{
    if (m_descriptor < 0)
        return {};
    struct stat info = {};
    if (::fstat(m_descriptor, &info) != 0)
        return tl::make_unexpected(fileError(m_path, "look at", errno));
    if (static_cast<std::uint64_t>(info.st_size) >= m_bytes.size())
        return {};
    return fail(ErrorKind::Data,
        shownPath(m_path) + ": has been shortened from " + formatCount(static_cast<std::int64_t>(m_bytes.size()))
            + " to " + formatCount(info.st_size) + " bytes while it was in use; put the file back and resume");
}

Text wholeText(std::shared_ptr<const TextStorage> storage)
{
    const auto bytes = storage->bytes();
    return {std::move(storage), bytes};
}

std::string sha256Of(std::span<const std::uint8_t> bytes)
{
    Sha256 hash;
    hash.update(std::as_bytes(bytes));
    return hash.hex();
}

}  // namespace moescope
