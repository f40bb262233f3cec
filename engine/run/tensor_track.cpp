// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/tensor_track.h"

#include <algorithm>

#include "engine/run/tensor_view.h"

namespace moescope {

TensorTrackBuilder::TensorTrackBuilder(TensorMeaning meaning, const RawValue& first)
    : m_blocks(static_cast<std::size_t>(*numElements(first.sizes(), INT64_MAX)))
    , m_fold(static_cast<std::size_t>(*numElements(first.sizes(), INT64_MAX)))
{
    auto layout = std::make_shared<TensorLayout>();
    layout->meaning = std::move(meaning);
    layout->shape.assign(first.sizes().begin(), first.sizes().end());
    layout->isCount = first.isCount;
    layout->numElements = m_fold.sum.size();
    m_layout = std::move(layout);
}

const char* TensorTrackBuilder::append(
    std::int64_t step, const RawValue& value, TensorPlace place, const EventFiles& files)
{
    if (value.isCount != m_layout->isCount || !std::ranges::equal(value.sizes(), m_layout->shape))
        return "a tensor has another shape or type than at its first record";
    if (m_index.size() > 0 && step <= m_index.lastStep())
        rollBack(step, files);
    m_index.append(step, place);
    m_view = nullptr;
    if (!m_folding)
        return nullptr;
    if (m_layout->isCount)
        m_fold.addBytes<std::int64_t>(value.content.data());
    else
        m_fold.addBytes<float>(value.content.data());
    if (m_fold.numRecords == m_blocks.blockSize()) {
        m_blocks.append(m_fold);
        m_fold.reset(m_layout->numElements);
    }
    return nullptr;
}

void TensorTrackBuilder::setMeaning(TensorMeaning meaning)
{
    if (meaning == m_layout->meaning)
        return;
    auto layout = std::make_shared<TensorLayout>(*m_layout);
    layout->meaning = std::move(meaning);
    m_layout = std::move(layout);
    m_view = nullptr;
}

void TensorTrackBuilder::rollBack(std::int64_t fromStep, const EventFiles& files)
{
    const std::size_t keep = fromStep <= 0 ? 0 : m_index.upperBound(fromStep - 1);
    if (keep == m_index.size())
        return;
    m_index.truncate(keep);
    m_view = nullptr;
    if (!m_folding)
        return;
    const std::size_t numBlocks = std::min(m_blocks.size(), keep / m_blocks.blockSize());
    m_blocks.truncate(numBlocks);
    m_fold.reset(m_layout->numElements);
    TensorReader reader(*m_layout, *files);
    std::vector<double> numbers(m_layout->numElements);
    for (std::size_t i = numBlocks * m_blocks.blockSize(); i < keep && m_folding; ++i) {
        m_folding = reader.read(m_index.place(i), 0, numbers).has_value();
        m_fold.add(numbers);
    }
}

std::shared_ptr<const TensorTrack> TensorTrackBuilder::view(const EventFiles& files)
{
    if (!m_view)
        m_view = std::make_shared<TensorView>(m_layout, m_index, m_blocks, files);
    return m_view;
}

}  // namespace moescope
