// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// One tensor tag as the log grows: where its records lie, and the sums of blocks of them.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/run/event_decoding.h"
#include "engine/run/snapshot.h"
#include "engine/run/tensor_blocks.h"
#include "engine/run/tensor_index.h"

namespace moescope {

using EventFiles = std::shared_ptr<const std::vector<std::filesystem::path>>;

/// What all records of a tag have in common.
struct TensorLayout {
    TensorMeaning meaning;
    std::vector<std::int64_t> shape;
    bool isCount = false;  ///< int64, else float32
    std::size_t numElements = 0;

    std::size_t bytes() const { return numElements * (isCount ? sizeof(std::int64_t) : sizeof(float)); }
};

/// Builds the track. Owned by the thread that reads the log; what view() returns may go anywhere.
class TensorTrackBuilder {
public:
    TensorTrackBuilder(TensorMeaning meaning, const RawValue& first);

    /// Appends a record; one whose step is not above the last replaces those from its step on. Returns null, or why the
    /// record does not belong here.
    const char* append(std::int64_t step, const RawValue& value, TensorPlace place, const EventFiles& files);
    void setMeaning(TensorMeaning meaning);

    /// Forgets all records from this step on. Reads at most one block of records back from the files.
    void rollBack(std::int64_t fromStep, const EventFiles& files);

    /// The same object while nothing changed.
    std::shared_ptr<const TensorTrack> view(const EventFiles& files);
    std::size_t size() const { return m_index.size(); }

private:
    std::shared_ptr<const TensorLayout> m_layout;
    TensorIndex m_index;
    TensorBlocks m_blocks;
    TensorFold m_fold;      ///< of the records behind the last block
    bool m_folding = true;  ///< false when a file could not be read back: no more blocks, the views read records
    std::shared_ptr<const TensorTrack> m_view;
};

}  // namespace moescope
