// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A file system whose n-th operation fails with an errno of your choice, for n = 1, 2, 3, …
#pragma once

#include <cerrno>
#include <set>
#include <string>
#include <utility>

#include "engine/base/file_system.h"

namespace moescope {

/// Counts every operation on it and on its files. A failing write puts half of its bytes on the disk first, as a full
/// disk does.
class FailingFileSystem : public FileSystem {
public:
    explicit FailingFileSystem(int failAt = 0, int error = ENOSPC)
        : m_failAt(failAt)
        , m_error(error)
    {
    }

    int numOperations() const { return m_count; }
    void failAt(int operation, int error = ENOSPC) { m_failAt = operation, m_error = error; }
    void failFromNowOn(int error = ENOSPC) { m_down = true, m_error = error; }  ///< until recover()
    void recover() { m_down = false, m_failAt = 0; }
    void failOnly(std::set<std::string> operations)
    {
        m_only = std::move(operations);
    }  ///< "write", "sync", …; the others are not counted
    const std::string& failedOperation() const { return m_failed; }  ///< "rename /tmp/x"; empty = none failed yet

    Result<std::unique_ptr<OutputFile>> create(const std::filesystem::path& path) override
    {
        if (auto ok = step("create", path); !ok)
            return forward(ok);
        auto file = real().create(path);
        if (!file)
            return file;
        return std::make_unique<File>(*this, std::move(*file), path);
    }
    Result<void> makeFolder(const std::filesystem::path& path) override
    {
        auto ok = step("makeFolder", path);
        return ok ? real().makeFolder(path) : ok;
    }
    Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) override
    {
        auto ok = step("rename", to);
        return ok ? real().rename(from, to) : ok;
    }
    Result<void> remove(const std::filesystem::path& path) override
    {
        auto ok = step("remove", path);
        return ok ? real().remove(path) : ok;
    }
    Result<void> syncFolder(const std::filesystem::path& path) override
    {
        auto ok = step("syncFolder", path);
        return ok ? real().syncFolder(path) : ok;
    }

private:
    class File : public OutputFile {
    public:
        File(FailingFileSystem& files, std::unique_ptr<OutputFile> file, std::filesystem::path path)
            : m_files(files)
            , m_file(std::move(file))
            , m_path(std::move(path))
        {
        }
        Result<void> write(std::span<const std::byte> bytes) override
        {
            auto ok = m_files.step("write", m_path);
            if (ok)
                return m_file->write(bytes);
            (void)m_file->write(bytes.first(bytes.size() / 2));
            return ok;
        }
        Result<void> reserve(std::uint64_t bytes) override
        {
            auto ok = m_files.step("reserve", m_path);
            return ok ? m_file->reserve(bytes) : ok;
        }
        Result<void> truncate(std::uint64_t bytes) override
        {
            auto ok = m_files.step("truncate", m_path);
            return ok ? m_file->truncate(bytes) : ok;
        }
        Result<void> sync() override
        {
            auto ok = m_files.step("sync", m_path);
            return ok ? m_file->sync() : ok;
        }
        Result<void> close() override
        {
            auto ok = m_files.step("close", m_path);
            return ok ? m_file->close() : ok;
        }

    private:
        FailingFileSystem& m_files;
        std::unique_ptr<OutputFile> m_file;
        std::filesystem::path m_path;
    };

    Result<void> step(const std::string& operation, const std::filesystem::path& path)
    {
        if (!m_only.empty() && !m_only.contains(operation))
            return {};
        ++m_count;
        if (!m_down && m_count != m_failAt)
            return {};
        m_failed = operation + " " + path.string();
        return tl::make_unexpected(fileError(path, operation, m_error));
    }

    int m_count = 0, m_failAt = 0, m_error = ENOSPC;
    bool m_down = false;
    std::set<std::string> m_only;
    std::string m_failed;
};

}  // namespace moescope
