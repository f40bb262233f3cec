// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A file system that is full, refuses fsync or hangs as long as a test says so; may be switched from any thread.
#pragma once

#include <atomic>
#include <cerrno>
#include <memory>
#include <utility>

#include "engine/base/file_system.h"

namespace moescope {

class TroubledDisk : public FileSystem {
public:
    std::atomic<bool> full = false;         ///< writing and creating fail with ENOSPC
    std::atomic<bool> refusesSync = false;  ///< fsync fails with EIO
    std::atomic<bool> hangs = false;        ///< writing waits; wake with setHangs(false)
    std::atomic<int> numRefused = 0;

    void setHangs(bool value)
    {
        hangs = value;
        hangs.notify_all();
    }

    Result<std::unique_ptr<OutputFile>> create(const std::filesystem::path& path) override
    {
        if (full)
            return forward(refuse(path));
        auto file = real().create(path);
        if (!file)
            return file;
        return std::make_unique<File>(*this, std::move(*file), path);
    }
    Result<void> makeFolder(const std::filesystem::path& path) override
    {
        return full ? refuse(path) : real().makeFolder(path);
    }
    Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override
    {
        return real().rename(from, to);
    }
    Result<void> remove(const std::filesystem::path& path) override { return real().remove(path); }
    Result<void> syncFolder(const std::filesystem::path& path) override { return real().syncFolder(path); }

private:
    class File : public OutputFile {
    public:
        File(TroubledDisk& disk, std::unique_ptr<OutputFile> file, std::filesystem::path path)
            : m_disk(disk)
            , m_file(std::move(file))
            , m_path(std::move(path))
        {
        }
        Result<void> write(std::span<const std::byte> bytes) override
        {
            m_disk.hangs.wait(true);
            if (!m_disk.full)
                return m_file->write(bytes);
            (void)m_file->write(bytes.first(bytes.size() / 2));
            return m_disk.refuse(m_path);
        }
        Result<void> reserve(std::uint64_t bytes) override
        {
            return m_disk.full ? m_disk.refuse(m_path) : m_file->reserve(bytes);
        }
        Result<void> truncate(std::uint64_t bytes) override { return m_file->truncate(bytes); }
        Result<void> sync() override
        {
            if (m_disk.refusesSync)
                return tl::make_unexpected(fileError(m_path, "sync", EIO));
            return m_file->sync();
        }
        Result<void> close() override { return m_file->close(); }

    private:
        TroubledDisk& m_disk;
        std::unique_ptr<OutputFile> m_file;
        std::filesystem::path m_path;
    };

    Result<void> refuse(const std::filesystem::path& path)
    {
        ++numRefused;
        numRefused.notify_all();
        return tl::make_unexpected(fileError(path, "write", ENOSPC));
    }
};

}  // namespace moescope
