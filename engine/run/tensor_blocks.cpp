// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/tensor_blocks.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "engine/base/check.h"

namespace moescope {
namespace {

constexpr std::size_t kBytesPerTag = 32u << 20;
constexpr std::size_t kBytesPerGroup = 256u << 10;
constexpr std::size_t kBytesPerElement = sizeof(double) + 2 * sizeof(float);
constexpr std::size_t kSmallestBlock = 64;

}  // namespace

void TensorFold::reset(std::size_t numElements)
{
    sum.assign(numElements, 0);
    minimum.assign(numElements, std::numeric_limits<float>::infinity());
    maximum.assign(numElements, -std::numeric_limits<float>::infinity());
    numRecords = 0;
}

template <class Number> void TensorFold::addBytes(const void* bytes)
{
    const auto* at = static_cast<const char*>(bytes);
    for (std::size_t i = 0; i < sum.size(); ++i, at += sizeof(Number)) {
        Number number;
        std::memcpy(&number, at, sizeof number);
        const auto value = static_cast<float>(number);
        sum[i] += static_cast<double>(number);
        minimum[i] = value < minimum[i] ? value : minimum[i];
        maximum[i] = value > maximum[i] ? value : maximum[i];
    }
    ++numRecords;
}

template void TensorFold::addBytes<float>(const void*);
template void TensorFold::addBytes<std::int64_t>(const void*);

void TensorFold::add(std::span<const double> numbers)
{
    MOESCOPE_CHECK(numbers.size() == sum.size(), "a record has as many numbers as its track");
    addBytes<double>(numbers.data());
}

TensorBlocks::Group::Group(std::size_t numNumbers)
    : sums(std::make_unique_for_overwrite<double[]>(numNumbers))
    , minima(std::make_unique_for_overwrite<float[]>(numNumbers))
    , maxima(std::make_unique_for_overwrite<float[]>(numNumbers))
{
}

TensorBlocks::TensorBlocks(std::size_t numElements)
    : m_numElements(numElements)
    , m_blockSize(kSmallestBlock)
{
    const std::size_t bytesPerBlock = std::max<std::size_t>(numElements * kBytesPerElement, 1);
    m_groupBlocks = std::clamp<std::size_t>(kBytesPerGroup / bytesPerBlock, 1, 64);
    // Even, so that blocks can be joined two by two.
    m_maxBlocks = std::clamp<std::size_t>(kBytesPerTag / bytesPerBlock, 8, 1 << 16) / 2 * 2;
}

TensorBlocks::Block TensorBlocks::operator[](std::size_t block) const
{
    MOESCOPE_CHECK(block < m_size, "index of a block");
    const Group& group = *m_groups[block / m_groupBlocks];
    const std::size_t at = block % m_groupBlocks * m_numElements;
    return {{group.sums.get() + at, m_numElements}, {group.minima.get() + at, m_numElements},
        {group.maxima.get() + at, m_numElements}};
}

void TensorBlocks::appendBlock(const Block& block)
{
    if (m_size == m_groups.size() * m_groupBlocks)
        m_groups.push_back(std::make_shared<Group>(m_groupBlocks * m_numElements));
    const Group& group = *m_groups.back();
    const std::size_t at = m_size % m_groupBlocks * m_numElements;
    std::ranges::copy(block.sum, group.sums.get() + at);
    std::ranges::copy(block.minimum, group.minima.get() + at);
    std::ranges::copy(block.maximum, group.maxima.get() + at);
    ++m_size;
}

void TensorBlocks::append(const TensorFold& fold)
{
    MOESCOPE_CHECK(fold.numRecords == m_blockSize, "a block is full");
    appendBlock({fold.sum, fold.minimum, fold.maximum});
    if (m_size == m_maxBlocks)
        halve();
}

void TensorBlocks::halve()
{
    const TensorBlocks old = *this;
    m_groups.clear();
    m_size = 0;
    m_blockSize *= 2;
    TensorFold fold(m_numElements);
    for (std::size_t b = 0; b + 1 < old.size(); b += 2) {
        const Block one = old[b], two = old[b + 1];
        for (std::size_t i = 0; i < m_numElements; ++i) {
            fold.sum[i] = one.sum[i] + two.sum[i];
            fold.minimum[i] = std::min(one.minimum[i], two.minimum[i]);
            fold.maximum[i] = std::max(one.maximum[i], two.maximum[i]);
        }
        appendBlock({fold.sum, fold.minimum, fold.maximum});
    }
}

void TensorBlocks::truncate(std::size_t numBlocks)
{
    const TensorBlocks old = *this;
    const std::size_t numWholeGroups = numBlocks / m_groupBlocks;
    m_groups.resize(numWholeGroups);
    m_size = numWholeGroups * m_groupBlocks;
    // Copies may look at the rest of the group that the cut goes through, so what is kept of it moves to a new one.
    for (std::size_t b = m_size; b < numBlocks; ++b)
        appendBlock(old[b]);
}

}  // namespace moescope
