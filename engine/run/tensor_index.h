// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Steps of a tensor's records and their places in the event files: eight bytes a record.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace moescope {

struct TensorPlace {
    std::size_t file = 0;
    std::uint64_t offset = 0;  ///< of the first number in the file
};

/// Append-only but for truncate(). A copy is cheap, sees what was there, and may be read in another thread meanwhile.
class TensorIndex {
public:
    TensorIndex() = default;
    TensorIndex(const TensorIndex& other);
    TensorIndex& operator=(const TensorIndex& other) = delete;

    std::size_t size() const { return m_size; }
    std::int64_t step(std::size_t i) const;
    std::int64_t lastStep() const { return m_lastStep; }  ///< there is one
    TensorPlace place(std::size_t i) const;
    std::size_t upperBound(std::int64_t step) const;  ///< index of the first record above this step

    void append(std::int64_t step, TensorPlace place);  ///< steps rise
    void truncate(std::size_t size);

private:
    static constexpr std::size_t kRecords = 1024;
    struct Chunk {
        std::size_t first = 0;  ///< index of its first record
        std::size_t file = 0;
        std::int64_t step = 0;
        std::uint64_t offset = 0;
        std::array<std::uint32_t, kRecords> steps, offsets;  ///< relative to `step` and `offset`
    };
    const Chunk& chunkOf(std::size_t i) const;

    std::vector<std::shared_ptr<const Chunk>> m_chunks;
    std::shared_ptr<Chunk> m_open;  ///< the last of m_chunks while it may be filled; null in copies
    std::size_t m_size = 0;
    std::int64_t m_lastStep = 0;
};

}  // namespace moescope
