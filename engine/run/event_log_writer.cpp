// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <optional>

#include "engine/base/file_system.h"
#include "engine/base/units.h"
#include "engine/run/event_encoding.h"
#include "engine/run/event_framing.h"
#include "engine/run/event_log.h"
#include "engine/run/event_log_files.h"

namespace moescope {
namespace {

double wallClock()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

struct EventLogWriter::Impl {
    std::filesystem::path path;
    std::unique_ptr<OutputFile> file;
    EventEncoder encoder;
    std::string buffer;      ///< one framed record, kept for its memory
    std::uint64_t size = 0;  ///< up to the end of the last whole record
    bool torn = false;       ///< part of a record may lie behind `size`

    /// Frames and writes what was encoded behind the head in `buffer`.
    Result<void> writeBuffer()
    {
        if (torn) {
            if (auto cut = file->truncate(size); !cut)
                return cut;
            torn = false;
        }
        if (buffer.size() - kFrameHead > kMaxRecordBytes)
            return fail(ErrorKind::Bug,
                shownPath(path) + ": a record of " + formatBytes(static_cast<double>(buffer.size()))
                    + " is more than a reader accepts; record fewer layers or experts.");
        endFrame(buffer);
        if (auto written = file->write(std::as_bytes(std::span(buffer))); !written) {
            torn = !file->truncate(size);
            return written;
        }
        size += buffer.size();
        return {};
    }
};

EventLogWriter::EventLogWriter(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}

EventLogWriter::EventLogWriter(EventLogWriter&&) noexcept = default;
EventLogWriter& EventLogWriter::operator=(EventLogWriter&&) noexcept = default;
EventLogWriter::~EventLogWriter() = default;

Result<EventLogWriter> EventLogWriter::create(
    FileSystem& files, const std::filesystem::path& run, std::int64_t firstStep)
{
    const double now = wallClock();
    const auto name = newEventFileName(run, static_cast<std::int64_t>(now));
    if (!name)
        return forward(name);
    auto impl = std::make_unique<Impl>();
    impl->path = run / *name;
    auto file = files.create(impl->path);
    if (!file)
        return forward(file);
    impl->file = std::move(*file);

    const auto begin = [&]() -> Result<void> {
        beginFrame(impl->buffer);
        encodeFileVersion(now, impl->buffer);
        if (auto written = impl->writeBuffer(); !written)
            return written;
        beginFrame(impl->buffer);
        encodeSessionStart(now, firstStep, impl->buffer);
        if (auto written = impl->writeBuffer(); !written)
            return written;
        return files.syncFolder(run);
    };
    if (auto begun = begin(); !begun) {
        (void)files.remove(impl->path);  // the error of the writing is the one to tell
        return forward(begun);
    }
    return EventLogWriter(std::move(impl));
}

void EventLogWriter::describe(TensorMeaning meaning) { m_impl->encoder.describe(std::move(meaning)); }

Result<void> EventLogWriter::append(const Record& record)
{
    beginFrame(m_impl->buffer);
    m_impl->encoder.encode(record, m_impl->buffer);
    auto written = m_impl->writeBuffer();
    if (written)
        m_impl->encoder.commit();
    return written;
}

Result<void> EventLogWriter::sync() { return m_impl->file->sync(); }

const std::filesystem::path& EventLogWriter::path() const { return m_impl->path; }

}  // namespace moescope
