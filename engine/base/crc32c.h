// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// CRC-32C (Castagnoli) of the event log's records, plain and masked as TFRecord wants it. spec: formats 1.5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace moescope {

/// CRC-32C of the bytes. Uses the SSE4.2 instruction where the processor has it.
std::uint32_t crc32c(std::span<const std::byte> bytes);

/// The same by table, on any processor; for tests of the two against each other.
std::uint32_t crc32cByTable(std::span<const std::byte> bytes);

/// Rotated right by 15 and offset, so that the checksum of data that holds checksums stays strong.
inline std::uint32_t maskCrc32c(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u; }

inline std::uint32_t maskedCrc32c(std::span<const std::byte> bytes) { return maskCrc32c(crc32c(bytes)); }

}  // namespace moescope
