// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/run/tensor_view.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/base/check.h"
#include "engine/base/file_system.h"
#include "engine/base/units.h"

namespace moescope {
namespace {

/// Up to here a map reads each record: exact columns at the price of one small read a record.
constexpr std::size_t kMaxSingleReads = 16384;

/// Collects records and blocks into columns.
class ColumnFold {
public:
    ColumnFold(std::size_t numColumns, std::size_t numElements)
        : m_numRecords(numColumns)
        , m_sums(numColumns * numElements)
    {
        m_columns.numColumns = numColumns;
        m_columns.numElements = numElements;
        m_columns.minimum.assign(m_sums.size(), std::numeric_limits<float>::infinity());
        m_columns.maximum.assign(m_sums.size(), -std::numeric_limits<float>::infinity());
    }

    void add(std::size_t column, std::size_t numRecords, std::span<const double> sum, std::span<const float> minimum,
        std::span<const float> maximum)
    {
        m_numRecords[column] += numRecords;
        for (std::size_t i = 0, at = column * m_columns.numElements; i < sum.size(); ++i, ++at) {
            m_sums[at] += sum[i];
            m_columns.minimum[at] = std::min(m_columns.minimum[at], minimum[i]);
            m_columns.maximum[at] = std::max(m_columns.maximum[at], maximum[i]);
        }
    }

    void addRecord(std::size_t column, std::span<const double> numbers)
    {
        ++m_numRecords[column];
        for (std::size_t i = 0, at = column * m_columns.numElements; i < numbers.size(); ++i, ++at) {
            const auto value = static_cast<float>(numbers[i]);
            m_sums[at] += numbers[i];
            m_columns.minimum[at] = value < m_columns.minimum[at] ? value : m_columns.minimum[at];
            m_columns.maximum[at] = value > m_columns.maximum[at] ? value : m_columns.maximum[at];
        }
    }

    TensorTrack::Columns take()
    {
        constexpr float nan = std::numeric_limits<float>::quiet_NaN();
        m_columns.mean.resize(m_sums.size());
        for (std::size_t at = 0; at < m_sums.size(); ++at) {
            const std::size_t count = m_numRecords[at / m_columns.numElements];
            m_columns.mean[at] = count == 0 ? nan : static_cast<float>(m_sums[at] / static_cast<double>(count));
            if (m_columns.minimum[at] > m_columns.maximum[at])
                m_columns.minimum[at] = m_columns.maximum[at] = nan;
        }
        return std::move(m_columns);
    }

private:
    TensorTrack::Columns m_columns;
    std::vector<std::size_t> m_numRecords;
    std::vector<double> m_sums;
};

}  // namespace

TensorReader::TensorReader(const TensorLayout& layout, const std::vector<std::filesystem::path>& files)
    : m_layout(layout)
    , m_files(files)
{
}

Result<void> TensorReader::read(TensorPlace place, std::size_t first, std::span<double> numbers)
{
    if (!m_file || m_open != place.file) {
        auto file = InputFile::open(m_files[place.file]);
        if (!file)
            return forward(file);
        m_file = std::move(*file);
        m_open = place.file;
    }
    const std::size_t width = m_layout.isCount ? sizeof(std::int64_t) : sizeof(float);
    m_bytes.resize(numbers.size() * width);
    if (auto read = m_file->readExactly(place.offset + first * width, m_bytes); !read)
        return read;
    const auto convert = [&]<class Number>(Number number) {
        for (std::size_t i = 0; i < numbers.size(); ++i) {
            std::memcpy(&number, m_bytes.data() + i * width, width);
            numbers[i] = static_cast<double>(number);
        }
    };
    if (m_layout.isCount)
        convert(std::int64_t{});
    else
        convert(float{});
    return {};
}

TensorView::TensorView(
    std::shared_ptr<const TensorLayout> layout, const TensorIndex& index, const TensorBlocks& blocks, EventFiles files)
    : m_layout(std::move(layout))
    , m_index(index)
    , m_blocks(blocks)
    , m_files(std::move(files))
{
}

std::size_t TensorView::indexAtOrBefore(std::int64_t step) const
{
    const std::size_t above = m_index.upperBound(step);
    return above == 0 ? size() : above - 1;
}

Result<std::vector<double>> TensorView::values(std::size_t i) const
{
    MOESCOPE_CHECK(i < size(), "index of a record");
    std::vector<double> numbers(m_layout->numElements);
    TensorReader reader(*m_layout, *m_files);
    if (auto read = reader.read(m_index.place(i), 0, numbers); !read)
        return forward(read);
    return numbers;
}

TensorView::Split TensorView::split(std::int64_t fromStep, std::int64_t toStep) const
{
    Split split;
    split.from = m_index.upperBound(fromStep);
    split.to = std::max(split.from, m_index.upperBound(toStep));
    const std::size_t blockSize = m_blocks.blockSize();
    split.firstBlock = (split.from + blockSize - 1) / blockSize;
    split.endBlock = std::max(split.firstBlock, std::min(split.to / blockSize, m_blocks.size()));
    const bool hasBlock = split.endBlock > split.firstBlock;
    split.frontEnd = hasBlock ? split.firstBlock * blockSize : split.to;
    split.backBegin = hasBlock ? split.endBlock * blockSize : split.to;
    return split;
}

Result<std::vector<double>> TensorView::sum(std::int64_t fromStep, std::int64_t toStep) const
{
    const Split parts = split(fromStep, toStep);
    std::vector<double> total(m_layout->numElements);
    const auto add = [&](std::span<const double> numbers) {
        std::ranges::transform(total, numbers, total.begin(), std::plus());
    };
    for (std::size_t b = parts.firstBlock; b < parts.endBlock; ++b)
        add(m_blocks[b].sum);
    TensorReader reader(*m_layout, *m_files);
    std::vector<double> numbers(total.size());
    for (std::size_t i = parts.from; i < parts.to; ++i) {
        if (i == parts.frontEnd)
            i = parts.backBegin;
        if (i == parts.to)
            break;
        if (auto read = reader.read(m_index.place(i), 0, numbers); !read)
            return forward(read);
        add(numbers);
    }
    return total;
}

Result<TensorTrack::Columns> TensorView::columns(
    std::int64_t row, std::int64_t fromStep, std::int64_t toStep, std::size_t numColumns) const
{
    const std::int64_t numRows = m_layout->shape.empty() ? 1 : m_layout->shape.front();
    MOESCOPE_CHECK(row >= 0 && row < numRows, "row of a tensor");
    const std::size_t width = m_layout->numElements / static_cast<std::size_t>(numRows);
    const std::size_t first = static_cast<std::size_t>(row) * width;
    Split parts = split(fromStep, toStep);
    if (parts.to - parts.from <= kMaxSingleReads)
        parts.frontEnd = parts.backBegin = parts.to, parts.endBlock = parts.firstBlock;
    const std::size_t numBlocks = parts.endBlock - parts.firstBlock;
    if (toStep <= fromStep || numColumns == 0)
        return Columns{};
    ColumnFold fold(numBlocks > 0 ? std::min(numColumns, numBlocks) : numColumns, width);
    const std::size_t used = numBlocks > 0 ? std::min(numColumns, numBlocks) : numColumns;
    const auto columnOf = [&](std::int64_t step) {
        const double share = (static_cast<double>(step) - static_cast<double>(fromStep) - 1)
            / (static_cast<double>(toStep) - static_cast<double>(fromStep));
        return std::min(static_cast<std::size_t>(std::max(share, 0.0) * static_cast<double>(used)), used - 1);
    };
    for (std::size_t b = parts.firstBlock; b < parts.endBlock; ++b) {
        const auto block = m_blocks[b];
        const std::size_t middle = b * m_blocks.blockSize() + m_blocks.blockSize() / 2;
        fold.add(columnOf(m_index.step(middle)), m_blocks.blockSize(), block.sum.subspan(first, width),
            block.minimum.subspan(first, width), block.maximum.subspan(first, width));
    }
    TensorReader reader(*m_layout, *m_files);
    std::vector<double> numbers(width);
    for (std::size_t i = parts.from; i < parts.to; ++i) {
        if (i == parts.frontEnd)
            i = parts.backBegin;
        if (i == parts.to)
            break;
        if (auto read = reader.read(m_index.place(i), first, numbers); !read)
            return forward(read);
        fold.addRecord(columnOf(m_index.step(i)), numbers);
    }
    return fold.take();
}

}  // namespace moescope
