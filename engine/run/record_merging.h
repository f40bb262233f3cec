// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
// Several records as one, for the times when the disk takes none: what adds up is summed, nothing is forgotten
// silently.
#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "engine/run/record.h"

namespace moescope {

/// Adds `next`, the newer one, to `merged`: tensors of `sums` with equal shape are added up, other tensors and scalars
/// are replaced by the newer value, events are appended. Step and time become those of `next`.
void mergeInto(Record& merged, Record next, const std::set<std::string>& sums);

/// About how much memory a record takes.
std::size_t sizeOf(const Record& record);

/// The event that marks a gap: {"kind":"gap","time":…,"from":…,"to":…,"records":…,"reason":…}. `records` were merged
/// into one; 0 = they were only late.
EventText gapEvent(double time, std::int64_t from, std::int64_t to, std::int64_t records, const std::string& reason);

/// {"kind":"notice","time":…,"text":…}
EventText noticeEvent(double time, const std::string& text);

}  // namespace moescope
