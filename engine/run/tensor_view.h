// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// A tensor track as it was at one moment: reads single records, sums windows, fills the columns of a map.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/input_file.h"
#include "engine/run/tensor_track.h"

namespace moescope {

/// Reads numbers of records; keeps the file of the last one open.
class TensorReader {
public:
    TensorReader(const TensorLayout& layout, const std::vector<std::filesystem::path>& files);

    /// `numbers.size()` elements of the record at `place`, from element `first` on.
    Result<void> read(TensorPlace place, std::size_t first, std::span<double> numbers);

private:
    const TensorLayout& m_layout;
    const std::vector<std::filesystem::path>& m_files;
    std::optional<InputFile> m_file;
    std::size_t m_open = 0;
    std::vector<std::byte> m_bytes;
};

/// Immutable; safe for any number of threads.
class TensorView : public TensorTrack {
public:
    TensorView(std::shared_ptr<const TensorLayout> layout, const TensorIndex& index, const TensorBlocks& blocks,
        EventFiles files);

    const TensorMeaning& meaning() const override { return m_layout->meaning; }
    std::vector<std::int64_t> shape() const override { return m_layout->shape; }
    std::size_t size() const override { return m_index.size(); }
    std::int64_t step(std::size_t i) const override { return m_index.step(i); }
    std::size_t indexAtOrBefore(std::int64_t step) const override;
    Result<std::vector<double>> values(std::size_t i) const override;
    Result<std::vector<double>> sum(std::int64_t fromStep, std::int64_t toStep) const override;
    Result<Columns> columns(
        std::int64_t row, std::int64_t fromStep, std::int64_t toStep, std::size_t numColumns) const override;

private:
    /// Records [from, to) as single records, whole blocks, single records. Without a whole block: all in front.
    struct Split {
        std::size_t from = 0, firstBlock = 0, endBlock = 0, to = 0;
        std::size_t frontEnd = 0, backBegin = 0;
    };
    Split split(std::int64_t fromStep, std::int64_t toStep) const;

    std::shared_ptr<const TensorLayout> m_layout;
    TensorIndex m_index;
    TensorBlocks m_blocks;
    EventFiles m_files;
};

}  // namespace moescope
