// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/base/file_system.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/input_file.h"
#include "engine/base/units.h"
#include "engine/base/utf8.h"

namespace moescope {
namespace {

class PosixOutputFile : public OutputFile {
public:
    PosixOutputFile(int descriptor, std::filesystem::path path)
        : m_descriptor(descriptor)
        , m_path(std::move(path))
    {
    }
    ~PosixOutputFile() override
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }

    Result<void> write(std::span<const std::byte> bytes) override
    {
        if (m_failed)
            return tl::make_unexpected(*m_failed);
        while (!bytes.empty()) {
            const ssize_t written = ::write(m_descriptor, bytes.data(), bytes.size());
            if (written < 0 && errno == EINTR)
                continue;
            if (written <= 0)
                return failed("write", written < 0 ? errno : EIO);
            bytes = bytes.subspan(static_cast<std::size_t>(written));
        }
        return {};
    }

    Result<void> reserve(std::uint64_t bytes) override
    {
        if (m_failed)
            return tl::make_unexpected(*m_failed);
        if (bytes == 0)
            return {};
        int error = EINTR;
        while (error == EINTR)
            error = ::posix_fallocate(m_descriptor, 0, static_cast<off_t>(bytes));
        // Some network file systems cannot reserve; then the write itself reports a full disk.
        if (error == 0 || error == EOPNOTSUPP || error == EINVAL)
            return {};
        std::error_code unknown;
        const auto space = std::filesystem::space(m_path.parent_path(), unknown);
        const std::string free = unknown ? "" : " (" + formatBytes(static_cast<double>(space.available)) + " free)";
        return failed("reserve " + formatBytes(static_cast<double>(bytes)) + free, error);
    }

    Result<void> truncate(std::uint64_t bytes) override
    {
        if (m_failed)
            return tl::make_unexpected(*m_failed);
        if (::ftruncate(m_descriptor, static_cast<off_t>(bytes)) != 0)
            return failed("truncate", errno);
        if (::lseek(m_descriptor, static_cast<off_t>(bytes), SEEK_SET) < 0)
            return failed("seek", errno);
        return {};
    }

    Result<void> sync() override
    {
        if (m_failed)
            return tl::make_unexpected(*m_failed);
        if (::fdatasync(m_descriptor) == 0)
            return {};
        m_failed = fileError(m_path, "sync", errno);
        return tl::make_unexpected(*m_failed);
    }

    Result<void> close() override
    {
        const int descriptor = std::exchange(m_descriptor, -1);
        if (descriptor >= 0 && ::close(descriptor) != 0 && errno != EINTR)
            return failed("close", errno);
        return {};
    }

private:
    Result<void> failed(const std::string& what, int error) const
    {
        return tl::make_unexpected(fileError(m_path, what, error));
    }

    int m_descriptor;
    std::filesystem::path m_path;
    std::optional<Error> m_failed;
};

class PosixFileSystem : public FileSystem {
public:
    Result<std::unique_ptr<OutputFile>> create(const std::filesystem::path& path) override
    {
        const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (descriptor < 0)
            return tl::make_unexpected(fileError(path, "create the file", errno));
        return std::make_unique<PosixOutputFile>(descriptor, path);
    }

    Result<void> makeFolder(const std::filesystem::path& path) override
    {
        std::error_code error;
        std::filesystem::create_directories(path, error);
        return done(path, "make the folder", error);
    }

    Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override
    {
        if (::rename(from.c_str(), to.c_str()) != 0)
            return tl::make_unexpected(fileError(to, "give the file or folder its final name", errno));
        return {};
    }

    Result<void> remove(const std::filesystem::path& path) override
    {
        std::error_code error;
        std::filesystem::remove_all(path, error);
        return done(path, "delete", error);
    }

    Result<void> syncFolder(const std::filesystem::path& path) override
    {
        const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (descriptor < 0)
            return tl::make_unexpected(fileError(path, "open the folder", errno));
        const int error = ::fsync(descriptor) == 0 ? 0 : errno;
        ::close(descriptor);
        // EINVAL: a file system without folder sync, which makes renames durable by itself or not at all.
        if (error != 0 && error != EINVAL)
            return tl::make_unexpected(fileError(path, "sync the folder", error));
        return {};
    }

private:
    static Result<void> done(const std::filesystem::path& path, std::string_view what, std::error_code error)
    {
        if (error)
            return tl::make_unexpected(fileError(path, what, error.value()));
        return {};
    }
};

Result<void> fillFile(OutputFile& file, std::string_view text)
{
    if (auto written = file.write(std::as_bytes(std::span(text))); !written)
        return written;
    if (auto synced = file.sync(); !synced)
        return synced;
    return file.close();
}

}  // namespace

FileSystem& FileSystem::real()
{
    static PosixFileSystem files;
    return files;
}

std::string temporaryName()
{
    static std::atomic<unsigned> number = 0;
    return ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(++number);
}

Result<void> writeNewFile(FileSystem& files, const std::filesystem::path& path, std::string_view text)
{
    auto file = files.create(path);
    if (!file)
        return forward(file);
    auto filled = fillFile(**file, text);
    if (!filled)
        (void)files.remove(path);  // the error of the writing is the one to tell
    return filled;
}

Result<void> replaceFile(FileSystem& files, const std::filesystem::path& path, std::string_view text)
{
    const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
    const std::filesystem::path temporary = folder / temporaryName();
    // A file of this name can only be what a dead process with our number left.
    if (auto removed = files.remove(temporary); !removed)
        return removed;
    if (auto written = writeNewFile(files, temporary, text); !written)
        return written;
    if (auto renamed = files.rename(temporary, path); !renamed) {
        (void)files.remove(temporary);  // the error of the renaming is the one to tell
        return renamed;
    }
    return files.syncFolder(folder);
}

Result<std::string> readFile(const std::filesystem::path& path, std::uint64_t limit)
{
    const auto file = InputFile::open(path);
    if (!file)
        return forward(file);
    const auto size = file->size();
    if (!size)
        return forward(size);
    const auto tooLarge = [&](std::uint64_t bytes) {
        return fail(ErrorKind::Data,
            shownPath(path) + ": " + formatCount(static_cast<std::int64_t>(bytes)) + " bytes are more than the "
                + formatCount(static_cast<std::int64_t>(limit)) + " that such a file may have.");
    };
    if (*size > limit)
        return tooLarge(*size);
    std::string text;
    std::size_t filled = 0;
    // Files under /proc claim size 0 and a file may grow meanwhile, so the end is where reading ends.
    for (;;) {
        text.resize(std::max<std::size_t>(filled + 4096, static_cast<std::size_t>(*size) + 1));
        const auto count = file->readAt(filled, std::as_writable_bytes(std::span(text)).subspan(filled));
        if (!count)
            return forward(count);
        const bool end = filled + *count < text.size();
        filled += *count;
        if (filled > limit)
            return tooLarge(filled);
        if (end)
            break;
    }
    text.resize(filled);
    return text;
}

std::string shownPath(const std::filesystem::path& path) { return printable(path.native()); }

Error fileError(const std::filesystem::path& path, std::string_view what, int error)
{
    return {kindOfErrno(error), shownPath(path) + ": cannot " + std::string(what) + ": " + errnoText(error)};
}

}  // namespace moescope
