// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/input_file.h"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/file_system.h"
#include "engine/base/units.h"

namespace moescope {

Result<InputFile> InputFile::open(const std::filesystem::path& path, Links links)
{
    // O_NONBLOCK: a pipe under this name would otherwise wait for a writer for ever.
    const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (links == Links::Refuse ? O_NOFOLLOW : 0);
    const int descriptor = ::open(path.c_str(), flags);
    if (descriptor < 0 && errno == ELOOP && links == Links::Refuse)
        return fail(ErrorKind::Data, shownPath(path) + ": is a symbolic link, which is not followed here.");
    if (descriptor < 0)
        return tl::make_unexpected(fileError(path, "open", errno));
    InputFile file(descriptor, path);
    struct stat status = {};
    if (::fstat(descriptor, &status) != 0)
        return tl::make_unexpected(fileError(path, "read the size", errno));
    if (!S_ISREG(status.st_mode))
        return fail(ErrorKind::Data, shownPath(path) + ": is no regular file.");
    return file;
}

InputFile::InputFile(int descriptor, std::filesystem::path path)
    : m_descriptor(descriptor)
    , m_path(std::move(path))
{
}

InputFile::InputFile(InputFile&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1))
    , m_path(std::move(other.m_path))
{
}

InputFile& InputFile::operator=(InputFile&& other) noexcept
{
    std::swap(m_descriptor, other.m_descriptor);
    std::swap(m_path, other.m_path);
    return *this;
}

InputFile::~InputFile()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

Result<std::uint64_t> InputFile::size() const
{
    struct stat status = {};
    if (::fstat(m_descriptor, &status) != 0)
        return tl::make_unexpected(fileError(m_path, "read the size", errno));
    return static_cast<std::uint64_t>(status.st_size);
}

Result<std::size_t> InputFile::readAt(std::uint64_t offset, std::span<std::byte> into) const
{
    std::size_t done = 0;
    while (done < into.size()) {
        const ssize_t count =
            ::pread(m_descriptor, into.data() + done, into.size() - done, static_cast<off_t>(offset + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return tl::make_unexpected(fileError(m_path, "read", errno));
        if (count == 0)
            break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

Result<void> InputFile::readExactly(std::uint64_t offset, std::span<std::byte> into) const
{
    const auto count = readAt(offset, into);
    if (!count)
        return forward(count);
    if (*count == into.size())
        return {};
    return fail(ErrorKind::Data,
        shownPath(m_path) + ": ends at byte " + formatCount(static_cast<std::int64_t>(offset + *count))
            + ", but bytes up to " + formatCount(static_cast<std::int64_t>(offset + into.size())) + " are needed.");
}

}  // namespace moescope
