// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// TFRecord framing: u64 length, masked CRC of the length, payload, masked CRC of the payload; little-endian. spec:
// formats 1.5.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>

#include "engine/base/crc32c.h"

namespace moescope {

static_assert(std::endian::native == std::endian::little,
    "files are little-endian and are read and written as they lie in memory");

inline constexpr std::size_t kFrameHead = 12, kFrameTail = 4;
inline constexpr std::uint64_t kMaxRecordBytes = 64u << 20;  ///< payload; a longer claim is damage, never an allocation

template <class Number> Number loadNumber(const std::byte* at)
{
    Number number;
    std::memcpy(&number, at, sizeof number);
    return number;
}

/// Makes room for the head of one record in an empty buffer; the payload is appended behind it.
inline void beginFrame(std::string& buffer) { buffer.assign(kFrameHead, '\0'); }

/// Fills in the head and appends the tail: the buffer is then one record as it goes to the file.
inline void endFrame(std::string& buffer)
{
    const std::uint64_t length = buffer.size() - kFrameHead;
    std::memcpy(buffer.data(), &length, sizeof length);
    const auto bytes = [&] { return std::as_bytes(std::span(buffer)); };
    const std::uint32_t headCrc = maskedCrc32c(bytes().first(sizeof length));
    std::memcpy(buffer.data() + sizeof length, &headCrc, sizeof headCrc);
    const std::uint32_t payloadCrc = maskedCrc32c(bytes().subspan(kFrameHead));
    buffer.append(reinterpret_cast<const char*>(&payloadCrc), sizeof payloadCrc);
}

enum class FrameState {
    Whole,
    Incomplete,  ///< the bytes so far are fine, more are needed
    BadHead,     ///< the length is not what was written: where the next record begins is unknown
    TooLong,     ///< the length is past kMaxRecordBytes
    BadPayload,  ///< the payload's checksum does not fit
};

struct Frame {
    FrameState state = FrameState::Incomplete;
    std::uint64_t length = 0;  ///< of the payload; valid unless BadHead or a short head
    std::uint64_t size() const { return kFrameHead + length + kFrameTail; }
};

/// Looks at the record at the start of `bytes`.
inline Frame checkFrame(std::span<const std::byte> bytes)
{
    if (bytes.size() < kFrameHead)
        return {};
    const auto length = loadNumber<std::uint64_t>(bytes.data());
    if (maskedCrc32c(bytes.first(8)) != loadNumber<std::uint32_t>(bytes.data() + 8))
        return {FrameState::BadHead, 0};
    if (length > kMaxRecordBytes)
        return {FrameState::TooLong, length};
    const Frame frame = {FrameState::Whole, length};
    if (bytes.size() < frame.size())
        return {FrameState::Incomplete, length};
    const auto payload = bytes.subspan(kFrameHead, length);
    if (maskedCrc32c(payload) != loadNumber<std::uint32_t>(bytes.data() + kFrameHead + length))
        return {FrameState::BadPayload, length};
    return frame;
}

}  // namespace moescope
