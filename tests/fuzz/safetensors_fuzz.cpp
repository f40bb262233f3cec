// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// The safetensors header over any bytes. The first byte chooses: a whole file, or a header that gets its length here.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>

#include "engine/run/safetensors.h"

using namespace moescope;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    std::string file(reinterpret_cast<const char*>(data) + 1, size - 1);
    std::uint64_t fileSize = file.size();
    if ((data[0] & 1) != 0) {
        const std::uint64_t length = file.size();
        file.insert(0, reinterpret_cast<const char*>(&length), sizeof length);
        fileSize = file.size() + data[0] / 2;  // as many bytes of data
    }
    const auto header = parseSafetensorsHeader(std::as_bytes(std::span(file)), fileSize);
    if (!header)
        return 0;
    std::uint64_t end = 0;
    for (const TensorEntry& entry : header->tensors) {
        if (entry.begin != end || entry.end < entry.begin)
            std::abort();
        end = entry.end;
    }
    if (header->dataOffset + end != fileSize)
        std::abort();
    return 0;
}
