// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/tensor_index.h"

#include <algorithm>
#include <limits>

#include "engine/base/check.h"

namespace moescope {

TensorIndex::TensorIndex(const TensorIndex& other)
    : m_chunks(other.m_chunks)
    , m_size(other.m_size)
    , m_lastStep(other.m_lastStep)
{
}

const TensorIndex::Chunk& TensorIndex::chunkOf(std::size_t i) const
{
    MOESCOPE_CHECK(i < m_size, "index of a record");
    const auto behind = std::ranges::upper_bound(
        m_chunks, i, {}, [](const std::shared_ptr<const Chunk>& chunk) { return chunk->first; });
    return **(behind - 1);
}

std::int64_t TensorIndex::step(std::size_t i) const
{
    const Chunk& chunk = chunkOf(i);
    return chunk.step + chunk.steps[i - chunk.first];
}

TensorPlace TensorIndex::place(std::size_t i) const
{
    const Chunk& chunk = chunkOf(i);
    return {chunk.file, chunk.offset + chunk.offsets[i - chunk.first]};
}

std::size_t TensorIndex::upperBound(std::int64_t step) const
{
    const auto behind = std::ranges::upper_bound(
        m_chunks, step, {}, [](const std::shared_ptr<const Chunk>& chunk) { return chunk->step; });
    if (behind == m_chunks.begin())
        return 0;
    const Chunk& chunk = **(behind - 1);
    const std::size_t end = behind == m_chunks.end() ? m_size : (*behind)->first;
    const auto steps = std::span(chunk.steps).first(end - chunk.first);
    const auto at = std::ranges::upper_bound(
        steps, step, {}, [&](std::uint32_t relative) { return chunk.step + static_cast<std::int64_t>(relative); });
    return chunk.first + static_cast<std::size_t>(at - steps.begin());
}

void TensorIndex::append(std::int64_t step, TensorPlace place)
{
    constexpr std::uint64_t kFar = std::numeric_limits<std::uint32_t>::max();
    const bool fits = m_open && m_size - m_open->first < kRecords && m_open->file == place.file
        && place.offset - m_open->offset <= kFar && static_cast<std::uint64_t>(step - m_open->step) <= kFar;
    if (!fits) {
        m_open = std::make_shared<Chunk>();
        m_open->first = m_size;
        m_open->file = place.file;
        m_open->step = step;
        m_open->offset = place.offset;
        m_chunks.push_back(m_open);
    }
    const std::size_t at = m_size - m_open->first;
    m_open->steps[at] = static_cast<std::uint32_t>(step - m_open->step);
    m_open->offsets[at] = static_cast<std::uint32_t>(place.offset - m_open->offset);
    m_lastStep = step;
    ++m_size;
}

void TensorIndex::truncate(std::size_t size)
{
    while (!m_chunks.empty() && m_chunks.back()->first >= size)
        m_chunks.pop_back();
    m_size = size;
    m_lastStep = size > 0 ? step(size - 1) : 0;
    m_open = nullptr;  // copies may still look at what lies behind; the next record begins a chunk of its own
}

}  // namespace moescope
