// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Element-wise sum, minimum and maximum of blocks of a tensor's records, within a fixed amount of memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace moescope {

/// Sum, minimum and maximum of some records, element by element. NaN makes a sum NaN and is left out of the extremes.
struct TensorFold {
    std::vector<double> sum;
    std::vector<float> minimum, maximum;
    std::size_t numRecords = 0;

    explicit TensorFold(std::size_t numElements) { reset(numElements); }
    void reset(std::size_t numElements);
    /// The bytes of sum.size() numbers, which need not be aligned. Number: float, double, std::int64_t.
    template <class Number> void addBytes(const void* bytes);
    void add(std::span<const double> numbers);
};

/// Block b holds records [b * blockSize(), (b + 1) * blockSize()). When memory is used up, two blocks become one.
/// A copy is cheap, sees what was there, and may be read in another thread meanwhile.
class TensorBlocks {
public:
    explicit TensorBlocks(std::size_t numElements);
    TensorBlocks(const TensorBlocks&) = default;
    TensorBlocks& operator=(const TensorBlocks&) = default;

    std::size_t blockSize() const { return m_blockSize; }
    std::size_t size() const { return m_size; }

    struct Block {
        std::span<const double> sum;
        std::span<const float> minimum, maximum;
    };
    Block operator[](std::size_t block) const;

    void append(const TensorFold& fold);  ///< of exactly blockSize() records
    void truncate(std::size_t numBlocks);

private:
    struct Group {
        std::unique_ptr<double[]> sums;
        std::unique_ptr<float[]> minima, maxima;
        Group(std::size_t numNumbers);
    };
    void appendBlock(const Block& block);
    void halve();

    std::size_t m_numElements = 0, m_blockSize = 0, m_size = 0;
    std::size_t m_maxBlocks = 0, m_groupBlocks = 0;
    std::vector<std::shared_ptr<Group>> m_groups;
};

}  // namespace moescope
