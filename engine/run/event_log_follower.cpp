// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/event_log_follower.h"

#include <algorithm>

#include "engine/base/file_system.h"
#include "engine/base/units.h"
#include "engine/run/event_log_files.h"

namespace moescope {
namespace {

constexpr std::uint64_t kReadAhead = 1u << 20;
constexpr std::size_t kMaxDamages = 1000;
/// A file made to slow us down may hold millions of places that look like the start of a long record.
constexpr std::uint64_t kMaxScanWork = 1u << 30;

std::string bytesText(std::uint64_t count)
{
    return formatCount(static_cast<std::int64_t>(std::min<std::uint64_t>(count, INT64_MAX))) + " bytes";
}

const char* reasonOf(FrameState state)
{
    switch (state) {
    case FrameState::BadPayload:
        return "bad checksum of a record";
    case FrameState::TooLong:
        return "the length of a record is past the limit of 64 MiB";
    default:
        return "bad checksum of a record's length";
    }
}

}  // namespace

EventLogFollower::EventLogFollower(std::filesystem::path run)
    : m_run(std::move(run))
{
}

void EventLogFollower::report(std::size_t file, std::uint64_t offset, std::string reason)
{
    if (m_damages.size() < kMaxDamages)
        m_damages.push_back({m_files[file], offset, std::move(reason)});
    else if (m_damages.size() == kMaxDamages)
        m_damages.push_back({m_files[file], offset, "more places are damaged; only the first 1,000 are listed"});
}

Result<void> EventLogFollower::findFiles()
{
    auto found = listEventFiles(m_run);
    if (!found)
        return forward(found);
    // A file that appears later is read later, whatever its name: what was handed out cannot be reordered.
    for (std::filesystem::path& file : *found) {
        if (std::ranges::find(m_files, file) == m_files.end())
            m_files.push_back(std::move(file));
    }
    m_bytesKnown = m_bytesBefore;
    for (std::size_t i = m_current; i < m_files.size(); ++i) {
        std::error_code gone;
        const std::uint64_t size = std::filesystem::file_size(m_files[i], gone);
        m_bytesKnown += gone ? 0 : size;
    }
    return {};
}

Result<void> EventLogFollower::openNext()
{
    auto file = InputFile::open(m_files[m_current]);
    if (!file)
        return forward(file);
    m_file = std::move(*file);
    m_offset = m_size = m_scanned = m_scanWork = 0;
    m_bufferStart = m_bufferFilled = 0;
    return {};
}

Result<std::size_t> EventLogFollower::poll(std::size_t limit, const Take& take)
{
    if (auto found = findFiles(); !found)
        return forward(found);
    std::size_t numTaken = 0;
    // What was read of a record that was not whole may have been cut off and written anew.
    m_bufferFilled = 0;
    bool sizeKnown = false;
    while (numTaken < limit && m_current < m_files.size()) {
        if (!m_file) {
            if (auto opened = openNext(); !opened)
                return forward(opened);
            sizeKnown = false;
        }
        if (!sizeKnown) {
            const auto size = m_file->size();
            if (!size)
                return forward(size);
            m_size = *size;
            sizeKnown = true;
        }
        const auto outcome = step(take);
        if (!outcome)
            return forward(outcome);
        if (*outcome == Outcome::Taken)
            ++numTaken;
        if (*outcome != Outcome::End)
            continue;
        // The files were listed before this one was read to its end, so nobody writes to it any more if a later one is
        // there.
        if (m_current + 1 == m_files.size())
            break;
        finishFile();
    }
    return numTaken;
}

void EventLogFollower::finishFile()
{
    if (m_offset < m_size)
        report(m_current, m_offset, "the last " + bytesText(m_size - m_offset) + " are no whole record");
    m_bytesBefore += std::max(m_size, m_offset);
    m_offset = 0;
    m_file.reset();
    ++m_current;
}

Result<std::span<const std::byte>> EventLogFollower::bytesAt(std::uint64_t offset, std::uint64_t count)
{
    const auto buffered = [&] {
        const bool inside = offset >= m_bufferStart && offset <= m_bufferStart + m_bufferFilled;
        if (!inside)
            return std::span<const std::byte>();
        return std::span<const std::byte>(m_buffer).first(m_bufferFilled).subspan(offset - m_bufferStart);
    };
    const std::uint64_t left = m_size - std::min(offset, m_size);
    if (buffered().size() >= std::min(count, left))
        return buffered();
    // At most kMaxRecordBytes and never more than the file has.
    const std::uint64_t wanted = std::min(std::max(count, kReadAhead), left);
    if (m_buffer.size() < wanted)
        m_buffer.resize(wanted);
    const auto filled = m_file->readAt(offset, std::span(m_buffer).first(wanted));
    if (!filled)
        return forward(filled);
    m_bufferStart = offset;
    m_bufferFilled = *filled;
    return buffered();
}

EventLogFollower::Outcome EventLogFollower::take(const Frame& frame, const Take& take)
{
    const auto payload =
        std::span<const std::byte>(m_buffer).subspan(m_offset - m_bufferStart + kFrameHead, frame.length);
    if (const char* wrong = take(payload, {m_current, m_offset + kFrameHead}))
        report(m_current, m_offset, wrong);
    m_offset += frame.size();
    m_scanned = 0;
    return Outcome::Taken;
}

Result<EventLogFollower::Outcome> EventLogFollower::step(const Take& takeRecord)
{
    auto bytes = bytesAt(m_offset, kFrameHead);
    if (!bytes)
        return forward(bytes);
    Frame frame = checkFrame(*bytes);
    if (frame.state == FrameState::Incomplete && bytes->size() >= kFrameHead) {
        bytes = bytesAt(m_offset, frame.size());
        if (!bytes)
            return forward(bytes);
        frame = checkFrame(*bytes);
    }
    switch (frame.state) {
    case FrameState::Whole:
        return take(frame, takeRecord);
    case FrameState::Incomplete:
        return Outcome::End;
    case FrameState::BadPayload:
        // The last record may still be on its way to us; one with something behind it is not.
        if (m_offset + frame.size() >= m_size)
            return Outcome::End;
        report(m_current, m_offset, reasonOf(frame.state));
        m_offset += frame.size();
        return Outcome::Skipped;
    case FrameState::BadHead:
    case FrameState::TooLong:
        break;
    }
    return resynchronise(reasonOf(frame.state));
}

/// Looks for the next whole record behind a head that cannot be believed. Where none is, the tail counts as not yet
/// written.
Result<EventLogFollower::Outcome> EventLogFollower::resynchronise(const char* reason)
{
    std::uint64_t at = std::max(m_scanned, m_offset + 1);
    std::optional<std::uint64_t> unfinished;
    for (; at + kFrameHead <= m_size && m_scanWork < kMaxScanWork; ++at) {
        auto bytes = bytesAt(at, kFrameHead);
        if (!bytes)
            return forward(bytes);
        if (bytes->size() < kFrameHead)
            break;
        Frame frame = checkFrame(bytes->first(kFrameHead));
        if (frame.state != FrameState::Incomplete)
            continue;
        if (at + frame.size() > m_size) {
            unfinished = unfinished.value_or(at);
            continue;
        }
        bytes = bytesAt(at, frame.size());
        if (!bytes)
            return forward(bytes);
        m_scanWork += frame.size();
        frame = checkFrame(*bytes);
        if (frame.state != FrameState::Whole)
            continue;
        report(m_current, m_offset, reason + (", " + bytesText(at - m_offset)) + " left out");
        m_offset = at;
        m_scanned = 0;
        return Outcome::Skipped;
    }
    m_scanned = unfinished.value_or(at);
    return Outcome::End;
}

}  // namespace moescope
